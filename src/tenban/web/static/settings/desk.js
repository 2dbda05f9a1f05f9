// The settings as this page knows them, and every way of changing them. A change carries the revision it was
// read at; what the server refuses comes back with its fields, or with what others changed meanwhile.
import { ask } from "../api.js";
import { page } from "../words.js";

const ROOT = "/api/v1/settings";

let known = null;

/** Ask what the settings are now: this page's shop whole, the others by name. */
export async function load() {
  try {
    known = await ask(`${ROOT}?shop=${encodeURIComponent(page.shop.id)}`);
  } catch (error) {
    if (error.code !== "not_found") throw error;
    // Policy: the shop was removed; the list of those that are there is the way on.
    const other = known?.all_shops.find(({ id }) => id !== page.shop.id);
    if (page.room !== "company" || !other) {
      location.assign("/settings/company");
      throw error;
    }
    page.shop.id = other.id;
    return load();
  }
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

/** Put an earlier revision back; `trial` only asks what that would change. Throws Refused. */
export async function putBack(n, { trial = false } = {}) {
  const done = await ask(`${ROOT}/undo`, { method: "POST", body: { base: known.revision.sha256, to: n, trial } });
  if (!trial) await load();
  return done;
}

/** Earlier revisions, of one shop where it is given. */
export function history(before = null, shop = null) {
  const query = new URLSearchParams({ ...(before === null ? {} : { before }), ...(shop === null ? {} : { shop }) });
  return ask(`${ROOT}/history?${query}`);
}

export function running() {
  return ask(`${ROOT}/running`);
}

/** Open a camera for a few seconds; says what it sends, or in one word what is wrong. */
export function tryCamera(body) {
  return ask(`${ROOT}/cameras/try`, { method: "POST", body, patience_ms: 45_000 });
}

/** Call all cameras in the server's network; says which answered. */
export function findCameras(shop) {
  return ask(`${ROOT}/cameras/find`, { method: "POST", body: { shop }, patience_ms: 30_000 });
}

/** Ask a camera what it is and what it sends (ONVIF); says so, or in one word what is wrong. */
export function askCamera(body) {
  return ask(`${ROOT}/cameras/ask`, { method: "POST", body, patience_ms: 45_000 });
}

/** How a camera does now. */
export function cameraNow(camera) {
  return ask(`${ROOT}/cameras/${encodeURIComponent(camera)}`);
}

/** What a camera's footage takes, day by day. */
export function cameraFootage(camera) {
  return ask(`${ROOT}/cameras/${encodeURIComponent(camera)}/footage`);
}

export function stillUrl(camera, at = null, width = 1280) {
  const query = new URLSearchParams({ width, ...(at === null ? { fresh: Date.now() } : { at }) });
  return `${ROOT}/cameras/${encodeURIComponent(camera)}/still?${query}`;
}

export function lookUrl(register, camera, zones) {
  const query = new URLSearchParams({ camera, ...(zones ? { zones: JSON.stringify(zones) } : {}) });
  return `${ROOT}/registers/${encodeURIComponent(register)}/look?${query}`;
}

/** What the connection to the lamps' broker is like. */
export function brokerState() {
  return ask(`${ROOT}/mqtt`);
}

/** The states of this shop's lanes. */
export function laneStates() {
  return ask(`/api/v1/lanes?shop=${encodeURIComponent(page.shop.id)}`);
}

/** What registers can look through: cameras, and the named views of fisheye cameras. */
export function eyesOf(shop) {
  return shop.cameras.flatMap((camera) => [
    camera,
    ...(camera.fisheye?.views ?? []).map(({ id, name }) => ({ ...camera, id, name, of: camera.name })),
  ]);
}

/** Find a register with its shop. */
export function registerOf(id) {
  for (const shop of known.shops) {
    const register = shop.registers.find((one) => one.id === id);
    if (register) return { shop, register };
  }
  return null;
}

/** The id and the number of the next lane of a shop. */
export function freeLane(shop) {
  const names = new Set(shop.registers.map(({ name }) => name));
  let n = 1;
  while (names.has(String(n))) n += 1;
  return { id: shop.free.register, name: String(n) };
}

/** The first of lane-1, lane-2 … that is free. */
export function freeId(prefix, taken) {
  const ids = new Set(taken.map(({ id }) => id));
  let n = 1;
  while (ids.has(`${prefix}-${n}`)) n += 1;
  return `${prefix}-${n}`;
}
