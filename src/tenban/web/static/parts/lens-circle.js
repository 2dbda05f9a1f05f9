// <lens-circle>: the image circle of a fisheye camera, drawn on its picture by finger, mouse or keyboard.
// Properties: picture (an image), circle [x, y, radius] in shares of width, height, width. Tells `circle`.
import { Part, h } from "../dom.js";
import { _ } from "../words.js";

const STEP = 0.002;
const LEAST = 0.05;
const SVG = "http://www.w3.org/2000/svg";

class LensCircle extends Part {
  #circle = [0.5, 0.5, 0.28];
  #picture = null;
  #held = null;

  build() {
    this.image = h("img", { alt: "" });
    this.svg = document.createElementNS(SVG, "svg");
    this.ring = this.#element("circle", { class: "ring" });
    this.middle = this.#handle("middle");
    this.edge = this.#handle("edge");
    this.svg.append(this.ring, this.middle, this.edge);
    this.append(this.image, this.svg);
    this.svg.addEventListener("pointermove", (event) => this.#move(event));
    for (const name of ["pointerup", "pointercancel"]) this.svg.addEventListener(name, () => (this.#held = null));
    if (this.#picture) this.image.src = this.#picture.src;
    new ResizeObserver(() => this.paint()).observe(this.svg);
  }

  get circle() {
    return this.#circle;
  }

  set circle(circle) {
    this.#circle = circle;
    if (this.built) this.paint();
  }

  set picture(picture) {
    this.#picture = picture;
    if (!this.built) return;
    this.image.src = picture.src;
    this.paint();
  }

  get #shape() {
    return this.#picture?.naturalWidth ? this.#picture.naturalHeight / this.#picture.naturalWidth : 9 / 16;
  }

  paint() {
    const shape = this.#shape;
    const [x, y, radius] = this.#circle;
    this.svg.setAttribute("viewBox", `0 0 1000 ${1000 * shape}`);
    for (const [name, value] of Object.entries({ cx: x * 1000, cy: y * 1000 * shape, r: radius * 1000 }))
      this.ring.setAttribute(name, String(value));
    // As large as a finger, however large the picture is.
    const finger = (22 * 1000) / Math.max(200, this.svg.clientWidth);
    const put = (handle, cx, cy) => {
      handle.setAttribute("r", String(finger));
      handle.setAttribute("cx", String(cx));
      handle.setAttribute("cy", String(cy));
    };
    put(this.middle, x * 1000, y * 1000 * shape);
    put(this.edge, Math.min(985, (x + radius) * 1000), y * 1000 * shape);
    this.middle.setAttribute("aria-label", _("Middle of the circle; arrows move it"));
    this.edge.setAttribute("aria-label", _("Edge of the circle; arrows make it larger or smaller"));
  }

  #element(tag, attributes) {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  }

  #handle(which) {
    const handle = this.#element("circle", { class: `handle ${which}`, tabindex: "0", role: "button" });
    handle.addEventListener("pointerdown", (event) => {
      this.#held = which;
      this.svg.setPointerCapture(event.pointerId);
      event.preventDefault();
      handle.focus();
    });
    handle.addEventListener("keydown", (event) => {
      const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (!way) return;
      event.preventDefault();
      const by = event.shiftKey ? STEP * 10 : STEP;
      const [x, y, radius] = this.#circle;
      if (which === "middle") this.#set(x + way[0] * by, y + (way[1] * by) / this.#shape, radius);
      else this.#set(x, y, radius + (way[0] - way[1]) * by);
    });
    return handle;
  }

  #move(event) {
    if (!this.#held) return;
    const box = this.svg.getBoundingClientRect();
    const [u, v] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    const [x, y, radius] = this.#circle;
    if (this.#held === "middle") this.#set(u, v, radius);
    else this.#set(x, y, Math.hypot(u - x, (v - y) * this.#shape));
  }

  #set(x, y, radius) {
    const within = (value, low, high) => Math.round(Math.min(high, Math.max(low, value)) * 1e4) / 1e4;
    this.#circle = [within(x, 0, 1), within(y, 0, 1), within(radius, LEAST, 1)];
    this.paint();
    this.dispatchEvent(new CustomEvent("circle", { bubbles: true }));
  }
}

customElements.define("lens-circle", LensCircle);
