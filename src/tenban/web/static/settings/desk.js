// The settings as this page knows them, and every way of changing them. A change carries the revision it was
// read at; what the server refuses comes back with its fields, or with what others changed meanwhile.
import { ask } from "../api.js";

const ROOT = "/api/v1/settings";

let known = null;

/** Ask what the settings are now. */
export async function load() {
  known = await ask(ROOT);
  return known;
}

export function settings() {
  return known;
}

/** Ask what a change would do; throws Refused. */
export function attempt(change) {
  return ask(`${ROOT}/changes`, { method: "POST", body: { base: known.revision.sha256, change, trial: true } });
}

/** Make a change; the settings known here are read anew. Throws Refused. */
export async function save(change) {
  const before = known.revision;
  const done = await ask(`${ROOT}/changes`, { method: "POST", body: { base: before.sha256, change } });
  await load();
  return { ...done, before };
}

/** Put an earlier revision back. Throws Refused. */
export async function putBack(n) {
  const done = await ask(`${ROOT}/undo`, { method: "POST", body: { base: known.revision.sha256, to: n } });
  await load();
  return done;
}

export function history(before = null) {
  return ask(`${ROOT}/history${before === null ? "" : `?before=${before}`}`);
}

export function running() {
  return ask(`${ROOT}/running`);
}

/** Open a camera for a few seconds; says what it sends, or in one word what is wrong. */
export function tryCamera(body) {
  return ask(`${ROOT}/cameras/try`, { method: "POST", body, patience_ms: 45_000 });
}

export function stillUrl(camera, at = null, width = 1280) {
  const query = new URLSearchParams({ width, ...(at === null ? { fresh: Date.now() } : { at }) });
  return `${ROOT}/cameras/${encodeURIComponent(camera)}/still?${query}`;
}

export function lookUrl(register, camera, zones) {
  const query = new URLSearchParams({ camera, ...(zones ? { zones: JSON.stringify(zones) } : {}) });
  return `${ROOT}/registers/${encodeURIComponent(register)}/look?${query}`;
}

/** Find a register with its shop. */
export function registerOf(id) {
  for (const shop of known.shops) {
    const register = shop.registers.find((one) => one.id === id);
    if (register) return { shop, register };
  }
  return null;
}

/** The first of lane-1, lane-2 … that is free. */
export function freeId(prefix, taken) {
  const ids = new Set(taken.map(({ id }) => id));
  let n = 1;
  while (ids.has(`${prefix}-${n}`)) n += 1;
  return `${prefix}-${n}`;
}
