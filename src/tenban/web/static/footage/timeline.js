// The timeline of a day: what was filmed and what not, sales, flags and incidents; wheel, pinch, drag and keys.
import { h, say } from "../dom.js";
import { clockTime } from "../times.js";
import { _, laneWord, told } from "../words.js";
import { cameraOf, registerOf } from "./state.js";
import { MARKS, gapWord, money } from "./words.js";

const LEAST_MS = 60_000;
const FIRST_MS = 45 * 60_000;
const RULER = 26;
const FILM = 14;
const ROW = 22;
const NEAR_PX = 8;
const GUTTER = 104;
const WIDE_GUTTER = 168;
const WIDE_PX = 1100;
const ROOMY_PX = 760;
const STEPS_S = [1, 5, 10, 15, 30, 60, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600];
const LABEL_PX = 88;
const THUMB_PX = 208;
// Drawn besides their colour by shape: a state is never told by colour alone.
const SHAPES = { paid: "dot", changed: "dash", cancelled: "cross", voided: "cross", refunded: "back", drawer_opened: "box", person: "flag" };
const RANK = ["paid", "changed", "cancelled", "drawer_opened", "refunded", "voided", "person"];
const COLOURS = { paid: "--ok", changed: "--attention", cancelled: "--muted", voided: "--urgent", refunded: "--urgent", drawer_opened: "--info", person: "--accent" };

export class Timeline extends EventTarget {
  #view = { from: 0, to: 1 };
  #day = { from: 0, to: 1 };
  #data = null;
  #at = 0;
  #chosen = null;
  #pointers = new Map();
  #pinch = null;
  #drag = null;
  #drawn = "";
  #hover = null;
  #colours = null;
  #pictures = new Map();

  constructor() {
    super();
    this.canvas = h("canvas", {
      tabindex: "0",
      role: "slider",
      "aria-orientation": "horizontal",
    });
    this.tipImage = h("img", { alt: "", width: String(THUMB_PX), height: "117" });
    this.tipTime = h("b", { class: "figures" });
    this.tipText = h("span");
    this.tip = h("div", { class: "tip", hidden: true }, this.tipImage, this.tipTime, this.tipText);
    this.element = h("div", { class: "timeline" }, this.canvas, this.tip);
    this.canvas.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    this.canvas.addEventListener("pointerdown", (event) => this.#down(event));
    this.canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const name of ["pointerup", "pointercancel"]) this.canvas.addEventListener(name, (event) => this.#up(event, name));
    this.canvas.addEventListener("pointerleave", () => this.#point(null));
    this.canvas.addEventListener("keydown", (event) => this.#key(event));
    this.tipImage.addEventListener("error", () => (this.tipImage.dataset.missing = ""));
    this.tipImage.addEventListener("load", () => delete this.tipImage.dataset.missing);
    new ResizeObserver(() => this.paint(true)).observe(this.element);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.restyle());
    new MutationObserver(() => this.restyle()).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  }

  get view() {
    return this.#view;
  }

  get data() {
    return this.#data;
  }

  /** Take what there is of a day: as the API tells it, with times in ms since 1970. */
  set data(data) {
    this.#data = data;
    this.canvas.style.height = `${RULER + (data.cameras.length || 1) * (FILM + 4) + 3 * ROW + 4}px`;
    this.paint(true);
  }

  set chosen(span) {
    this.#chosen = span;
    this.paint(true);
  }

  /** Show a day; the zoom stays where the moment allows it. */
  setDay(from, to, at) {
    if (from === this.#day.from && to === this.#day.to) return;
    const length = this.#view.to - this.#view.from;
    const isFirst = this.#day.to === 1;
    this.#day = { from, to };
    if (isFirst) this.#look(at - FIRST_MS, at + FIRST_MS);
    else if (length >= to - from) this.#look(from, to);
    else this.#look(at - length / 2, at + length / 2);
  }

  set at(at) {
    const before = this.#at;
    this.#at = at;
    const { from, to } = this.#view;
    // Playing out of sight: the view goes along; whoever looks elsewhere is left there.
    if (before >= from && before <= to && (at < from || at > to) && !this.#drag) {
      const length = to - from;
      this.#look(at - length * 0.1, at + length * 0.9);
    }
    this.paint();
  }

  show(at) {
    const { from, to } = this.#view;
    if (at < from || at > to) this.#look(at - (to - from) / 2, at + (to - from) / 2);
  }

  /** Zoom by a factor around a moment: the present one if none is given. */
  zoom(factor, around = null) {
    const { from, to } = this.#view;
    const middle = around ?? Math.min(Math.max(this.#at, from), to);
    const length = Math.min(Math.max((to - from) * factor, LEAST_MS), this.#day.to - this.#day.from);
    const part = (middle - from) / (to - from);
    this.#look(middle - length * part, middle + length * (1 - part));
  }

  whole() {
    this.#look(this.#day.from, this.#day.to);
  }

  pan(by_ms) {
    this.#look(this.#view.from + by_ms, this.#view.to + by_ms);
  }

  #look(from, to) {
    const length = Math.min(Math.max(to - from, LEAST_MS), this.#day.to - this.#day.from);
    const start = Math.min(Math.max(from, this.#day.from), this.#day.to - length);
    this.#view = { from: start, to: start + length };
    this.paint(true);
    this.dispatchEvent(new Event("view"));
  }

  // Where the rows' names stand; a phone has no room for them.
  get #gutter() {
    const wide = this.canvas.clientWidth;
    return wide >= WIDE_PX ? WIDE_GUTTER : wide >= ROOMY_PX ? GUTTER : 0;
  }

  get #wide() {
    return Math.max(this.canvas.clientWidth - this.#gutter, 1);
  }

  #x(at) {
    const { from, to } = this.#view;
    return this.#gutter + ((at - from) / (to - from)) * this.#wide;
  }

  #moment(x) {
    const { from, to } = this.#view;
    return from + ((x - this.#gutter) / this.#wide) * (to - from);
  }

  #wheel(event) {
    event.preventDefault();
    const around = this.#moment(event.offsetX);
    const sideways = event.shiftKey ? event.deltaY : event.deltaX;
    if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) {
      this.pan((sideways / this.#wide) * (this.#view.to - this.#view.from));
      return;
    }
    this.zoom(Math.exp(Math.min(Math.max(event.deltaY, -120), 120) / 300), around);
    this.#point(event.offsetX, event.offsetY);
  }

  #down(event) {
    if (event.button !== 0) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, event.offsetX);
    if (this.#pointers.size === 2) {
      this.#drag = null;
      const [a, b] = [...this.#pointers.values()];
      this.#pinch = { a: this.#moment(a), b: this.#moment(b) };
      return;
    }
    this.#drag = { x: event.offsetX, moved: false };
  }

  #move(event) {
    if (this.#pointers.has(event.pointerId)) this.#pointers.set(event.pointerId, event.offsetX);
    if (this.#pinch && this.#pointers.size === 2) {
      const [xa, xb] = [...this.#pointers.values()];
      const { a, b } = this.#pinch;
      const per_px = (b - a) / (xb - xa || 1);
      const from = a - (xa - this.#gutter) * per_px;
      if (per_px > 0) this.#look(from, from + this.#wide * per_px);
      return;
    }
    if (this.#drag) {
      this.#drag.moved ||= Math.abs(event.offsetX - this.#drag.x) > 3;
      if (this.#drag.moved) this.#at = this.#bounded(this.#moment(event.offsetX));
    }
    if (event.pointerType === "mouse" || this.#drag) this.#point(event.offsetX, event.offsetY);
    this.paint();
  }

  #up(event, name) {
    this.#pointers.delete(event.pointerId);
    if (this.#pinch) {
      if (this.#pointers.size === 0) this.#pinch = null;
      return;
    }
    const drag = this.#drag;
    this.#drag = null;
    if (event.pointerType !== "mouse") this.#point(null);
    if (name === "pointercancel" || !drag) return;
    const mark = drag.moved ? null : this.#markAt(event.offsetX, event.offsetY);
    if (mark) this.dispatchEvent(new CustomEvent("mark", { detail: mark }));
    else this.#seek(this.#bounded(this.#moment(event.offsetX)));
  }

  #bounded(at) {
    return Math.min(Math.max(at, this.#day.from), this.#day.to - 1);
  }

  #seek(at) {
    this.dispatchEvent(new CustomEvent("seek", { detail: at }));
  }

  // Only what a slider does: the rest of the keys is the room's.
  #key(event) {
    const part = (this.#view.to - this.#view.from) / 12;
    const acts = {
      Home: () => this.#seek(this.#day.from),
      End: () => this.#seek(this.#day.to - 1),
      PageUp: () => this.#seek(this.#bounded(this.#at - part)),
      PageDown: () => this.#seek(this.#bounded(this.#at + part)),
    };
    if (!acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  }

  #rows() {
    const films = (this.#data?.cameras.length || 1) * (FILM + 4);
    const sales = RULER + films;
    return { sales, flags: sales + ROW, incidents: sales + 2 * ROW, end: sales + 3 * ROW };
  }

  #markAt(x, y) {
    if (!this.#data) return null;
    const rows = this.#rows();
    const near = (list) => {
      let best = null;
      for (const one of list) {
        const off = Math.abs(this.#x(one.at) - x);
        if (off <= NEAR_PX && (best === null || off < best.off)) best = { off, one };
      }
      return best?.one ?? null;
    };
    if (y >= rows.flags && y < rows.incidents) return near(this.#data.flags);
    if (y >= rows.incidents && y < rows.end) return near(this.#data.incidents);
    return null;
  }

  /** Say what is under the pointer, with a picture of the moment. */
  #point(x, y) {
    this.#hover = x === null || x < this.#gutter ? null : x;
    this.tip.hidden = this.#hover === null || !this.#data?.cameras.length;
    this.paint();
    if (this.tip.hidden) return;
    const at = this.#moment(x);
    say(this.tipTime, clockTime(at));
    say(this.tipText, this.#wordAt(x, y ?? 0, at));
    const left = Math.min(Math.max(x - THUMB_PX / 2, 4), this.canvas.clientWidth - THUMB_PX - 20);
    this.tip.style.left = `${left}px`;
    this.#thumb(at);
  }

  #wordAt(x, y, at) {
    const mark = this.#markAt(x, y);
    if (mark?.title) return `${told(mark.title)} · ${laneWord(registerOf(mark.register)?.name ?? mark.register)}`;
    if (mark) {
      const where = registerOf(mark.register);
      return [mark.name ?? MARKS[mark.kind]?.() ?? mark.kind, money(mark.amount), where ? laneWord(where.name) : null, mark.note]
        .filter(Boolean)
        .join(" · ");
    }
    const rows = this.#rows();
    if (y >= rows.sales && y < rows.flags) {
      const sale = this.#data.sales.find((one) => one.from <= at && at < (one.to ?? one.from));
      if (sale) return [_("Sale {n}", { n: sale.sale }), money(sale.total)].filter(Boolean).join(" · ");
    }
    const row = Math.floor((y - RULER) / (FILM + 4));
    const camera = this.#data.cameras[row] ?? (y < RULER ? this.#data.cameras[0] : null);
    const gap = camera?.gaps.find((one) => one.from <= at && at < one.to);
    if (gap) return gapWord(gap.cause, gap.reason);
    return camera && y >= RULER ? (cameraOf(camera.id)?.name ?? "") : "";
  }

  // One picture for as much time as a few pixels stand for; a quick hand asks for the last one only.
  #thumb(at) {
    const camera = this.#data.cameras[0];
    const grain = Math.max(2_000, ((this.#view.to - this.#view.from) / this.#wide) * 6);
    const moment = Math.floor(at / grain) * grain;
    const filmed = camera.filmed.some(([from, to]) => from <= moment + grain && moment < to);
    this.tipImage.hidden = !filmed;
    if (!filmed) return;
    const inside = camera.filmed.find(([from, to]) => from <= moment + grain && moment < to);
    const key = Math.max(moment, inside[0]);
    const query = new URLSearchParams({ at: new Date(key).toISOString(), width: "240" });
    const url = `/api/v1/footage/cameras/${encodeURIComponent(camera.id)}/picture?${query}`;
    if (this.#pictures.get("url") === url) return;
    this.#pictures.set("url", url);
    clearTimeout(this.#pictures.get("timer"));
    this.#pictures.set("timer", setTimeout(() => (this.tipImage.src = url), 60));
  }

  restyle() {
    this.#colours = null;
    this.paint(true);
  }

  #colour(name) {
    if (!this.#colours) this.#colours = new Map();
    if (!this.#colours.has(name)) {
      // A custom property made with light-dark() has to be used to be worked out.
      this.element.style.color = `var(${name})`;
      this.#colours.set(name, getComputedStyle(this.element).color);
      this.element.style.color = "";
    }
    return this.#colours.get(name);
  }

  paint(always = false) {
    const { clientWidth: wide, clientHeight: high } = this.canvas;
    if (!wide || !high) return;
    const gutter = this.#gutter;
    const key = `${wide} ${high} ${Math.round(this.#x(this.#at) * 2)} ${this.#hover} ${this.#view.from} ${this.#view.to}`;
    this.canvas.setAttribute("aria-valuetext", clockTime(this.#at));
    if (!always && key === this.#drawn) return;
    this.#drawn = key;
    const scale = devicePixelRatio || 1;
    if (this.canvas.width !== Math.round(wide * scale) || this.canvas.height !== Math.round(high * scale)) {
      this.canvas.width = Math.round(wide * scale);
      this.canvas.height = Math.round(high * scale);
    }
    const paint = this.canvas.getContext("2d");
    paint.setTransform(scale, 0, 0, scale, 0, 0);
    paint.clearRect(0, 0, wide, high);
    paint.font = `13px ${getComputedStyle(document.documentElement).fontFamily}`;
    paint.textBaseline = "middle";
    if (gutter && this.#data) this.#paintNames(paint, gutter);
    paint.save();
    paint.beginPath();
    paint.rect(gutter, 0, wide - gutter, high);
    paint.clip();
    this.#paintRuler(paint, wide, high);
    if (this.#data) {
      this.#paintFilms(paint, wide);
      this.#paintFacts(paint, wide);
    }
    this.#paintHands(paint, high);
    paint.restore();
    this.canvas.setAttribute("aria-label", _("Timeline of the day"));
    this.canvas.setAttribute("aria-valuemin", String(Math.round(this.#day.from / 1000)));
    this.canvas.setAttribute("aria-valuemax", String(Math.round(this.#day.to / 1000)));
    this.canvas.setAttribute("aria-valuenow", String(Math.round(this.#at / 1000)));
  }

  #paintNames(paint, gutter) {
    const rows = this.#rows();
    paint.fillStyle = this.#colour("--muted");
    const put = (text, y) => paint.fillText(fitting(paint, text, gutter - 12), 0, y);
    this.#data.cameras.forEach((camera, row) => put(cameraOf(camera.id)?.name ?? camera.id, RULER + row * (FILM + 4) + FILM / 2));
    put(_("Sales"), rows.sales + ROW / 2);
    put(_("Flags"), rows.flags + ROW / 2);
    put(_("Incidents"), rows.incidents + ROW / 2);
  }

  #paintRuler(paint, wide, high) {
    const { from, to } = this.#view;
    const per_px = (to - from) / this.#wide;
    const step = (STEPS_S.find((one) => (one * 1000) / per_px >= LABEL_PX) ?? STEPS_S.at(-1)) * 1000;
    paint.fillStyle = this.#colour("--muted");
    paint.strokeStyle = this.#colour("--line");
    paint.lineWidth = 1;
    for (const at of ticks(from, to, step, this.#day.from)) {
      const x = Math.round(this.#x(at)) + 0.5;
      paint.beginPath();
      paint.moveTo(x, RULER - 6);
      paint.lineTo(x, high);
      paint.stroke();
      const text = step < 60_000 ? clockTime(at) : clockTime(at).slice(0, 5);
      const half = paint.measureText(text).width / 2;
      if (x - half >= this.#gutter && x + half <= wide) paint.fillText(text, x - half, 10);
    }
  }

  #paintFilms(paint, wide) {
    this.#data.cameras.forEach((camera, row) => {
      const y = RULER + row * (FILM + 4);
      paint.fillStyle = this.#colour("--sunken");
      paint.fillRect(0, y, wide, FILM);
      for (const gap of camera.gaps) {
        const [x0, x1] = [Math.max(this.#x(gap.from), 0), Math.min(this.#x(gap.to), wide)];
        if (x1 <= x0) continue;
        hatch(paint, x0, y, Math.max(x1 - x0, 1), FILM, this.#colour(gap.cause === "lost" || gap.cause === "paused" ? "--attention" : "--edge"));
      }
      paint.fillStyle = this.#colour("--accent");
      for (const [start, end] of camera.filmed) {
        const [x0, x1] = [Math.max(this.#x(start), 0), Math.min(this.#x(end), wide)];
        if (x1 > x0) paint.fillRect(x0, y + 2, Math.max(x1 - x0, 1), FILM - 4);
      }
    });
  }

  #paintFacts(paint, wide) {
    const rows = this.#rows();
    const { sales, flags, incidents, findings } = this.#data;
    paint.fillStyle = this.#colour("--muted");
    for (const sale of sales) {
      const [x0, x1] = [Math.max(this.#x(sale.from), 0), Math.min(this.#x(sale.to ?? sale.from), wide)];
      if (x1 < 0 || x0 > wide) continue;
      paint.fillRect(x0, rows.sales + 5, Math.max(x1 - x0, 2), ROW - 12);
    }
    // What is rare is drawn over what is usual, and the usual small where it would run together.
    const dense = (this.#view.to - this.#view.from) / this.#wide > 4_000;
    for (const flag of [...flags].sort((a, b) => RANK.indexOf(a.kind) - RANK.indexOf(b.kind))) {
      const x = this.#x(flag.at);
      if (x < -8 || x > wide + 8) continue;
      if (dense && flag.kind === "paid") {
        paint.fillStyle = this.#colour(COLOURS.paid);
        paint.fillRect(x - 0.5, rows.flags + 7, 1.5, ROW - 14);
        continue;
      }
      paint.fillStyle = paint.strokeStyle = this.#colour(COLOURS[flag.kind] ?? "--ink");
      shape(paint, SHAPES[flag.kind] ?? "dot", x, rows.flags + ROW / 2);
    }
    for (const finding of findings) {
      const x = this.#x(finding.at);
      paint.fillStyle = this.#colour(finding.stands ? "--urgent-mark" : "--edge");
      paint.fillRect(x - 1, rows.incidents + 3, 2, 5);
    }
    for (const incident of incidents) {
      const x = this.#x(incident.at);
      if (x < -8 || x > wide + 8) continue;
      const settled = incident.state === "resolved" || incident.state === "withdrawn";
      paint.fillStyle = paint.strokeStyle = this.#colour(settled ? "--muted" : "--urgent-mark");
      shape(paint, settled ? "ring" : "warn", x, rows.incidents + ROW / 2);
    }
  }

  #paintHands(paint, high) {
    if (this.#chosen) {
      const [x0, x1] = [this.#x(this.#chosen.from), this.#x(this.#chosen.to)];
      paint.fillStyle = this.#colour("--accent");
      paint.globalAlpha = 0.22;
      paint.fillRect(x0, 0, Math.max(x1 - x0, 2), high);
      paint.globalAlpha = 1;
      paint.fillRect(x0 - 1, 0, 2, high);
      paint.fillRect(x1 - 1, 0, 2, high);
    }
    if (this.#hover !== null) {
      paint.fillStyle = this.#colour("--edge");
      paint.fillRect(this.#hover, 0, 1, high);
    }
    const x = this.#x(this.#at);
    paint.fillStyle = this.#colour("--urgent-mark");
    paint.fillRect(x - 1, 0, 2, high);
    paint.beginPath();
    paint.moveTo(x - 6, 0);
    paint.lineTo(x + 6, 0);
    paint.lineTo(x, 8);
    paint.fill();
  }
}

/** Where lines of the ruler stand: at whole steps of the shop's day, whatever its clocks do in it. */
function* ticks(from, to, step, day) {
  if (step < 3_600_000) {
    for (let at = Math.ceil(from / step) * step; at <= to; at += step) yield at;
    return;
  }
  const hours = step / 3_600_000;
  for (let hour = Math.floor((from - day) / 3_600_000) - 2; day + hour * 3_600_000 <= to + 7_200_000; hour += 1) {
    const at = day + hour * 3_600_000;
    if (at >= from && at <= to && Number(clockTime(at).slice(0, 2)) % hours === 0) yield at;
  }
}

function fitting(paint, text, wide) {
  if (paint.measureText(text).width <= wide) return text;
  let end = text.length;
  while (end > 1 && paint.measureText(`${text.slice(0, end)}…`).width > wide) end -= 1;
  return `${text.slice(0, end)}…`;
}

function hatch(paint, x, y, wide, high, colour) {
  paint.save();
  paint.beginPath();
  paint.rect(x, y, wide, high);
  paint.clip();
  paint.strokeStyle = colour;
  paint.lineWidth = 1;
  for (let at = Math.floor(x / 6) * 6 - high; at < x + wide; at += 6) {
    paint.beginPath();
    paint.moveTo(at, y + high);
    paint.lineTo(at + high, y);
    paint.stroke();
  }
  paint.restore();
}

function shape(paint, kind, x, y) {
  paint.lineWidth = 2;
  paint.beginPath();
  if (kind === "dot") paint.arc(x, y, 3.5, 0, 7);
  else if (kind === "ring") {
    paint.arc(x, y, 4.5, 0, 7);
    paint.stroke();
    return;
  } else if (kind === "dash") paint.rect(x - 5, y - 1.5, 10, 3);
  else if (kind === "box") paint.rect(x - 4, y - 4, 8, 8);
  else if (kind === "warn") {
    paint.moveTo(x, y - 6);
    paint.lineTo(x + 6, y + 5);
    paint.lineTo(x - 6, y + 5);
  } else if (kind === "flag") {
    paint.rect(x - 1, y - 7, 2, 14);
    paint.moveTo(x + 1, y - 7);
    paint.lineTo(x + 9, y - 3.5);
    paint.lineTo(x + 1, y);
  } else if (kind === "back") {
    paint.moveTo(x - 6, y);
    paint.lineTo(x, y - 5);
    paint.lineTo(x, y - 1.5);
    paint.lineTo(x + 6, y - 1.5);
    paint.lineTo(x + 6, y + 1.5);
    paint.lineTo(x, y + 1.5);
    paint.lineTo(x, y + 5);
  } else {
    paint.moveTo(x - 4, y - 4);
    paint.lineTo(x + 4, y + 4);
    paint.moveTo(x + 4, y - 4);
    paint.lineTo(x - 4, y + 4);
    paint.stroke();
    return;
  }
  paint.fill();
}

