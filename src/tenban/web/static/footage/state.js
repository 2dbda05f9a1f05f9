// What the page shows, kept in the address: a link opens the moment.
import { page } from "../words.js";

const MOST = 4;
export const SPEEDS = [0.25, 0.5, 1, 2, 4, 8, 16];

const known = new Map(page.cameras.map((one) => [one.id, one]));
const tills = new Map(page.registers.map((one) => [one.id, one]));

export function cameraOf(id) {
  return known.get(id) ?? null;
}

export function registerOf(id) {
  return tills.get(id) ?? null;
}

/** Read the address; what it names and is not there any more is left out. */
export function fromAddress() {
  const query = new URLSearchParams(location.search);
  const at_ms = Date.parse(query.get("at") ?? "");
  const register = registerOf(query.get("register"));
  let cameras = (query.get("cameras") ?? "").split(",").filter((id) => known.has(id));
  if (!cameras.length && register) cameras = register.cameras.filter((id) => known.has(id));
  if (!cameras.length && page.cameras.length) cameras = [page.cameras[0].id];
  const speed = Number(query.get("speed"));
  return {
    cameras: cameras.slice(0, MOST),
    register: register?.id ?? registerFor(cameras),
    at_ms: Number.isNaN(at_ms) ? null : at_ms,
    event: query.get("event"),
    // A link from elsewhere plays at once; the address then forgets it, so that reading it again stands still.
    plays: query.has("play"),
    speed: SPEEDS.includes(speed) ? speed : 1,
  };
}

/** The register whose journal goes with some cameras. */
export function registerFor(cameras) {
  for (const id of cameras) {
    const [first] = known.get(id)?.registers ?? [];
    if (first && tills.has(first)) return first;
  }
  return null;
}

/** Keep what is shown in the address, without a step in the browser's history. */
export function toAddress({ cameras, register, at_ms, event, speed }) {
  const url = new URL(location.href);
  const query = new URLSearchParams({ shop: page.shop.id });
  if (cameras.length) query.set("cameras", cameras.join(","));
  if (register) query.set("register", register);
  if (at_ms !== null) query.set("at", new Date(at_ms).toISOString());
  if (event) query.set("event", event);
  if (speed !== 1) query.set("speed", String(speed));
  // Commas may stand in a query (RFC 3986, 3.4), and are read more easily so.
  url.search = query.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
  if (url.href !== location.href) history.replaceState(null, "", url);
  return url.href;
}
