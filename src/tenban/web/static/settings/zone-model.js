// Zones while they are drawn: polygons in 0–1 of the picture, what is chosen, and the way back and forth. Knows no page.

export const ROLES = ["basket", "scan", "bagging", "operator", "customer", "exit", "mask"];
const EDGE = 0.012;
const LEAST_AREA = 0.0004;

// Where a zone is likely to be on a camera above a self-checkout.
const LIKELY = {
  basket: [0.04, 0.28, 0.3, 0.8],
  scan: [0.36, 0.28, 0.56, 0.7],
  bagging: [0.62, 0.24, 0.96, 0.8],
  operator: [0.2, 0.82, 0.8, 0.99],
  customer: [0.05, 0.02, 0.95, 0.2],
  exit: [0.82, 0.02, 0.99, 0.24],
  mask: [0.42, 0.4, 0.54, 0.54],
};

/** A rectangle where this kind of zone is likely to be. */
export function likely(role) {
  const [x0, y0, x1, y1] = LIKELY[role];
  return [
    [x0, y0],
    [x1, y0],
    [x1, y1],
    [x0, y1],
  ];
}

/** Zones to begin a lane with. */
export function suggestion() {
  return ["basket", "scan", "bagging", "operator"].map((role) => ({ role, polygon: likely(role), was: null }));
}

/** Keep a place inside the picture; what comes near its edge snaps to it. */
export function snapped([x, y]) {
  const one = (part) => (part < EDGE ? 0 : part > 1 - EDGE ? 1 : Math.round(part * 1e4) / 1e4);
  return [one(x), one(y)];
}

function meet(a, b, c, d) {
  const side = (p, q, r) => (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]);
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}

/** What is wrong with a polygon: "corners", "cross", "area", or null. The server checks the same. */
export function fault(polygon) {
  const n = polygon.length;
  if (n < 3) return "corners";
  const sides = polygon.map((point, at) => [point, polygon[(at + 1) % n]]);
  for (let i = 0; i < n; i += 1)
    for (let j = i + 2; j < n; j += 1)
      if (!(i === 0 && j === n - 1) && meet(...sides[i], ...sides[j])) return "cross";
  const area = sides.reduce((sum, [[x0, y0], [x1, y1]]) => sum + x0 * y1 - x1 * y0, 0) / 2;
  return Math.abs(area) < LEAST_AREA ? "area" : null;
}

/** Fires `change` whenever there is something to paint. */
export class ZoneModel extends EventTarget {
  #zones = [];
  #saved = "[]";
  #past = [];
  #future = [];
  #before = null;
  chosen = -1;
  corner = -1;

  get zones() {
    return this.#zones;
  }

  get dirty() {
    return JSON.stringify(this.#zones) !== this.#saved;
  }

  get back() {
    return this.#past.length > 0;
  }

  get forth() {
    return this.#future.length > 0;
  }

  get faults() {
    return this.#zones.map(({ polygon }) => fault(polygon));
  }

  /** Begin with these zones; `saved` where they are in force. */
  load(zones, { saved = true } = {}) {
    this.#zones = zones;
    this.#saved = saved ? JSON.stringify(zones) : "";
    this.#past = [];
    this.#future = [];
    if (this.chosen >= zones.length) this.choose(-1);
    this.#tell();
  }

  choose(zone, corner = -1) {
    this.chosen = zone;
    this.corner = corner;
    this.#tell();
  }

  /** Begin a drag: everything until commit() is one step, until revert() none. */
  begin() {
    this.#before ??= this.#zones;
  }

  commit() {
    const before = this.#before;
    this.#before = null;
    if (!before || JSON.stringify(before) === JSON.stringify(this.#zones)) return;
    this.#past.push(before);
    this.#future = [];
    this.#tell();
  }

  revert() {
    if (this.#before) this.#zones = this.#before;
    this.#before = null;
    this.#tell();
  }

  undo() {
    this.#turn(this.#past, this.#future);
  }

  redo() {
    this.#turn(this.#future, this.#past);
  }

  add(role, polygon) {
    this.#step([...this.#zones, { role, polygon: polygon.map(snapped), was: null }]);
    this.choose(this.#zones.length - 1);
  }

  remove(zone = this.chosen) {
    if (!this.#zones[zone]) return;
    this.#step(this.#zones.filter((_, at) => at !== zone));
    this.choose(-1);
  }

  setRole(role) {
    this.#step(this.#with(this.chosen, { role }));
  }

  moveCorner(to, zone = this.chosen, corner = this.corner) {
    const polygon = this.#zones[zone].polygon.map((point, at) => (at === corner ? snapped(to) : point));
    this.#set(this.#with(zone, { polygon }));
  }

  /** Move a whole zone; it stays inside the picture. */
  moveBy([dx, dy], zone, from) {
    const xs = from.map(([x]) => x);
    const ys = from.map(([, y]) => y);
    const x = Math.min(Math.max(dx, -Math.min(...xs)), 1 - Math.max(...xs));
    const y = Math.min(Math.max(dy, -Math.min(...ys)), 1 - Math.max(...ys));
    this.#set(this.#with(zone, { polygon: from.map(([a, b]) => snapped([a + x, b + y])) }));
  }

  /** Put a corner in after another one; without a place, half-way to the next. */
  addCorner(zone, after, place = null) {
    const { polygon } = this.#zones[zone];
    const next = polygon[(after + 1) % polygon.length];
    const point = place ?? [(polygon[after][0] + next[0]) / 2, (polygon[after][1] + next[1]) / 2];
    this.#set(this.#with(zone, { polygon: polygon.toSpliced(after + 1, 0, snapped(point)) }));
    this.choose(zone, after + 1);
  }

  /** Take the chosen corner away; returns whether it could be. */
  removeCorner() {
    const { polygon } = this.#zones[this.chosen];
    const rest = polygon.toSpliced(this.corner, 1);
    if (fault(rest)) return false;
    this.#step(this.#with(this.chosen, { polygon: rest }));
    this.choose(this.chosen, Math.min(this.corner, rest.length - 1));
    return true;
  }

  #with(zone, values) {
    return this.#zones.map((one, at) => (at === zone ? { ...one, ...values } : one));
  }

  #step(zones) {
    this.begin();
    this.#set(zones);
    this.commit();
  }

  #set(zones) {
    this.#zones = zones;
    this.#tell();
  }

  #turn(from, to) {
    if (!from.length) return;
    to.push(this.#zones);
    this.#zones = from.pop();
    if (this.chosen >= this.#zones.length) this.choose(-1);
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}
