// <zone-board>: a camera's picture with its zones. Drawn with finger or mouse, moved with the keyboard; over it,
// where wanted, what the detector sees.
import { Part, h } from "../dom.js";
import { fault } from "../settings/zone-model.js";
import { _ } from "../words.js";

const SVG = "http://www.w3.org/2000/svg";
const HIT = 22;
const STEP = 0.005;
const LEAP = 0.02;
const CLOSE_PX = 24;

export function roleWord(role) {
  const words = {
    basket: _("Basket"),
    scan: _("Scan"),
    bagging: _("Bagging"),
    operator: _("Operator"),
    customer: _("Customer"),
    exit: _("Exit"),
    mask: _("Blurred"),
  };
  return words[role] ?? role;
}

function s(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes))
    if (value !== null && value !== false) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Fires `drawn` {polygon} when a polygon drawn corner by corner is closed, and `refused` {why}. */
class ZoneBoard extends Part {
  #model = null;
  #image = h("img", { alt: "", draggable: "false" });
  #svg;
  #zones;
  #seen;
  #size = [1, 1];
  #drag = null;
  #drawing = null;
  #held = null;
  #paintSoon = () => this.paint();

  constructor() {
    super();
    // A picture may be given, and may come, before the board stands in the page.
    this.#image.addEventListener("load", () => {
      this.dataset.picture = "shown";
      if (this.built) this.#measure();
    });
  }

  build() {
    this.#zones = s("g");
    this.#seen = s("g", { class: "seen", "aria-hidden": "true" });
    this.#svg = s("svg", { role: "group", focusable: "false" }, this.#zones, this.#seen);
    this.append(this.#image, this.#svg);
    new ResizeObserver(() => this.#measure()).observe(this.#image);
    this.#svg.addEventListener("pointerdown", (event) => this.#down(event));
    this.#svg.addEventListener("pointermove", (event) => this.#move(event));
    this.#svg.addEventListener("pointerup", (event) => this.#up(event));
    this.#svg.addEventListener("pointercancel", () => this.#cancel());
    // What is being dragged must not scroll the page; a touch anywhere else may.
    for (const type of ["touchstart", "touchmove"])
      this.#svg.addEventListener(type, (event) => this.#drag && event.preventDefault(), { passive: false });
    this.#svg.addEventListener("focusin", (event) => this.#focus(event));
    this.addEventListener("keydown", (event) => this.#key(event));
  }

  set model(model) {
    this.#model?.removeEventListener("change", this.#paintSoon);
    this.#model = model;
    model.addEventListener("change", this.#paintSoon);
    this.paint();
  }

  /** Show a picture: an address, or one already loaded. */
  set picture(url) {
    this.#image.src = url;
  }

  get image() {
    return this.#image;
  }

  get drawing() {
    return this.#drawing !== null;
  }

  /** Begin to draw a polygon corner by corner; null ends it. */
  draw(role) {
    this.#drawing = role === null ? null : { role, points: [] };
    this.toggleAttribute("data-drawing", this.drawing);
    this.#model.choose(-1);
  }

  /** Close what is being drawn, if it can be. */
  close() {
    const { role, points } = this.#drawing;
    const why = fault(points);
    if (why) {
      this.dispatchEvent(new CustomEvent("refused", { detail: { why } }));
      return;
    }
    this.draw(null);
    this.#model.add(role, points);
    this.dispatchEvent(new CustomEvent("drawn"));
  }

  /** Lay what the detector sees over the picture; null takes it away. */
  see(look) {
    if (!look) {
      this.#seen.replaceChildren();
      return;
    }
    const [w, h_] = this.#size;
    const rect = ([x0, y0, x1, y1], name) =>
      s("rect", { class: name, x: x0 * w, y: y0 * h_, width: (x1 - x0) * w, height: (y1 - y0) * h_ });
    const parts = look.tracks.flatMap(({ n, box, found, trail }) => [
      s("polyline", { class: "trail", points: trail.map(([x, y]) => `${x * w},${y * h_}`).join(" ") }),
      rect(box, found ? "box" : "box lost"),
      s("text", { x: box[0] * w + 4, y: Math.max(box[1] * h_ - 6, 14) }, `#${n}`),
    ]);
    if (look.visitor?.box) parts.push(rect(look.visitor.box, look.visitor.arrived ? "visitor arrived" : "visitor"));
    for (const move of look.moves ?? []) if (move.box) parts.push(rect(move.box, `counted ${move.kind}`));
    this.#seen.replaceChildren(...parts);
  }

  paint() {
    if (!this.built || !this.#model) return;
    this.#svg.setAttribute("aria-label", _("Zones on the picture"));
    const { zones, chosen, corner, faults } = this.#model;
    const held = this.#svg.contains(document.activeElement);
    this.#zones.replaceChildren(
      ...zones.map((zone, at) => this.#zone(zone, at, at === chosen, faults[at])),
      ...(this.drawing ? [this.#unfinished()] : []),
      // A finger's events go to the element it came down on, as long as that is part of the page.
      ...(this.#held ? [this.#held] : []),
    );
    // The elements are new; whoever moves a corner by keyboard keeps it.
    if (held && chosen >= 0)
      this.#zones
        .querySelector(corner >= 0 ? `[data-zone="${chosen}"] [data-corner="${corner}"]` : `[data-zone="${chosen}"]`)
        ?.focus({ preventScroll: true });
  }

  #zone({ role, polygon }, at, chosen, wrong) {
    const [w, h_] = this.#size;
    const points = polygon.map(([x, y]) => [x * w, y * h_]);
    const [cx, cy] = middle(points);
    const name = roleWord(role);
    const width = 16 + name.length * (/[^ -~]/.test(name) ? 15 : 8.5);
    const group = s(
      "g",
      {
        class: `zone ${role}`,
        "data-zone": at,
        "data-chosen": chosen,
        "data-fault": wrong ?? false,
        tabindex: chosen ? -1 : 0,
        // A button may hold no others: once its corners are there to be moved, a zone is their group.
        role: chosen ? "group" : "button",
        "aria-label": _("{role}, {n} corners", { role: name, n: polygon.length }),
      },
      s("polygon", { class: "edge", points: points.map((point) => point.join(",")).join(" ") }),
      s("polygon", { class: "area", points: points.map((point) => point.join(",")).join(" ") }),
      s(
        "g",
        { class: "name", transform: `translate(${cx} ${cy})` },
        s("rect", { x: -width / 2, y: -13, width, height: 26, rx: 4 }),
        s("text", { "text-anchor": "middle", y: 5 }, name),
      ),
    );
    if (!chosen || this.drawing) return group;
    points.forEach((point, place) => {
      const next = points[(place + 1) % points.length];
      const [x, y] = [(point[0] + next[0]) / 2, (point[1] + next[1]) / 2];
      if (Math.hypot(next[0] - point[0], next[1] - point[1]) > 3 * HIT)
        group.append(
          s(
            "g",
            { class: "middle", "data-middle": place, transform: `translate(${x} ${y})` },
            s("circle", { class: "hit", r: HIT * 0.75 }),
            s("circle", { class: "dot", r: 6 }),
            s("path", { d: "M-3 0h6M0 -3v6" }),
          ),
        );
    });
    points.forEach(([x, y], place) =>
      group.append(
        s(
          "g",
          {
            class: "corner",
            "data-corner": place,
            "data-chosen": place === this.#model.corner,
            transform: `translate(${x} ${y})`,
            tabindex: 0,
            role: "button",
            "aria-label": _("{role}: corner {n} of {all}, {x} % from the left, {y} % from the top", {
              role: name,
              n: place + 1,
              all: points.length,
              x: Math.round(polygon[place][0] * 100),
              y: Math.round(polygon[place][1] * 100),
            }),
          },
          s("circle", { class: "hit", r: HIT }),
          s("circle", { class: "dot", r: 9 }),
        ),
      ),
    );
    return group;
  }

  #unfinished() {
    const [w, h_] = this.#size;
    const points = this.#drawing.points.map(([x, y]) => [x * w, y * h_]);
    return s(
      "g",
      { class: `zone unfinished ${this.#drawing.role}` },
      s("polyline", { class: "area", points: points.map((point) => point.join(",")).join(" ") }),
      ...points.map(([x, y], at) => s("circle", { class: at ? "dot" : "dot first", cx: x, cy: y, r: at ? 6 : 10 })),
    );
  }

  #measure() {
    const { clientWidth, clientHeight } = this.#image;
    if (!clientWidth || !clientHeight) return;
    this.#size = [clientWidth, clientHeight];
    this.#svg.setAttribute("viewBox", `0 0 ${clientWidth} ${clientHeight}`);
    this.paint();
  }

  #place(event) {
    const { left, top, width, height } = this.#svg.getBoundingClientRect();
    return [(event.clientX - left) / width, (event.clientY - top) / height];
  }

  #down(event) {
    if (event.button !== 0 || this.#drag) return;
    const at = this.#place(event);
    if (this.drawing) {
      this.#addPoint(at);
      return;
    }
    const holder = event.target.closest("[data-zone]");
    if (!holder) {
      this.#model.choose(-1);
      return;
    }
    const zone = Number(holder.dataset.zone);
    const corner = event.target.closest("[data-corner]");
    const half = event.target.closest("[data-middle]");
    // A first touch chooses; only what is chosen moves, so that a page can be scrolled over its picture.
    if (zone !== this.#model.chosen) {
      this.#model.choose(zone);
      if (event.pointerType === "touch") return;
    }
    event.preventDefault();
    this.#svg.setPointerCapture(event.pointerId);
    this.#held = event.target;
    this.#held.setAttribute("class", "held");
    this.#drag = { id: event.pointerId, zone, start: at, from: null, polygon: [] };
    this.#model.begin();
    if (half) this.#model.addCorner(zone, Number(half.dataset.middle));
    else this.#model.choose(zone, corner ? Number(corner.dataset.corner) : -1);
    const polygon = this.#model.zones[zone].polygon;
    const from = corner || half ? polygon[this.#model.corner] : null;
    this.#drag = { id: event.pointerId, zone, start: at, from, polygon };
    if (from) this.#focusChosen();
  }

  #move(event) {
    const drag = this.#drag;
    if (!drag || drag.id !== event.pointerId) return;
    const [x, y] = this.#place(event);
    const by = [x - drag.start[0], y - drag.start[1]];
    if (drag.from) this.#model.moveCorner([drag.from[0] + by[0], drag.from[1] + by[1]]);
    else this.#model.moveBy(by, drag.zone, drag.polygon);
  }

  #up(event) {
    if (!this.#drag || this.#drag.id !== event.pointerId) return;
    const why = this.#model.faults[this.#drag.zone];
    this.#drag = null;
    this.#held = null;
    if (why) {
      this.#model.revert();
      this.#model.choose(this.#model.chosen, -1);
      this.dispatchEvent(new CustomEvent("refused", { detail: { why } }));
    } else {
      this.#model.commit();
      this.paint();
    }
  }

  #cancel() {
    if (!this.#drag) return;
    this.#drag = null;
    this.#held = null;
    this.#model.revert();
  }

  #addPoint(at) {
    const { points } = this.#drawing;
    const [w, h_] = this.#size;
    if (points.length >= 3 && Math.hypot((at[0] - points[0][0]) * w, (at[1] - points[0][1]) * h_) < CLOSE_PX) {
      this.close();
      return;
    }
    points.push(at.map((part) => Math.min(Math.max(part, 0), 1)));
    this.paint();
  }

  #focus(event) {
    const zone = event.target.closest("[data-zone]");
    const corner = event.target.closest("[data-corner]");
    if (!zone || this.#drag) return;
    const place = corner ? Number(corner.dataset.corner) : -1;
    if (this.#model.chosen === Number(zone.dataset.zone) && this.#model.corner === place) return;
    if (corner) this.#model.choose(Number(zone.dataset.zone), place);
  }

  #focusChosen() {
    this.#zones.querySelector('.corner[data-chosen="true"]')?.focus({ preventScroll: true });
  }

  #key(event) {
    const { key } = event;
    if (this.drawing) {
      if (key === "Enter") this.close();
      else if (key === "Escape") this.draw(null);
      else return;
      event.preventDefault();
      return;
    }
    const zone = event.target.closest?.("[data-zone]");
    if (!zone) return;
    const at = Number(zone.dataset.zone);
    const onCorner = event.target.closest("[data-corner]");
    if (!onCorner) {
      if (key === "Enter" || key === " ") {
        this.#model.choose(at, 0);
        this.#focusChosen();
      } else if (key === "Delete" || key === "Backspace") this.#model.remove(at);
      else return;
      event.preventDefault();
      return;
    }
    const step = event.shiftKey ? LEAP : STEP;
    const ways = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    if (ways[key]) this.#nudge(ways[key]);
    else if (key === "Delete" || key === "Backspace") {
      if (!this.#model.removeCorner()) this.dispatchEvent(new CustomEvent("refused", { detail: { why: "corners" } }));
    } else if (key === "Enter") {
      this.#model.begin();
      this.#model.addCorner(at, this.#model.corner);
      this.#model.commit();
    } else if (key === "Escape") this.#model.choose(at, -1);
    else return;
    event.preventDefault();
  }

  #nudge([dx, dy]) {
    const [x, y] = this.#model.zones[this.#model.chosen].polygon[this.#model.corner];
    this.#model.begin();
    const inside = (part) => Math.min(Math.max(part, 0), 1);
    this.#model.moveCorner([inside(x + dx), inside(y + dy)]);
    const why = this.#model.faults[this.#model.chosen];
    if (why) {
      this.#model.revert();
      this.dispatchEvent(new CustomEvent("refused", { detail: { why } }));
    } else this.#model.commit();
  }
}

function middle(points) {
  const n = points.length;
  return [points.reduce((sum, [x]) => sum + x, 0) / n, points.reduce((sum, [, y]) => sum + y, 0) / n];
}

customElements.define("zone-board", ZoneBoard);
