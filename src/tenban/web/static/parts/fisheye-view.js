// <fisheye-view>: a fisheye picture, live or recorded, turned by drag, pinch, wheel and keys.
// Properties: lens (as the settings give it), source (a video, image or canvas), turn {pan, tilt, zoom}, and
// mode: "view", "panorama", "quad" or "whole". Tells `turn` when somebody turned it.
import { Part, h, say } from "../dom.js";
import { _ } from "../words.js";
import {
  FRAGMENT,
  VERTEX,
  acrossOf,
  kept,
  lensUniforms,
  quadTurns,
  spanUniform,
  turnAt,
  turnUniforms,
  wholePanorama,
} from "./fisheye.js";

const KEY_DEG = 5;
const WHEEL = 0.0015;
const KEY_ZOOM = 1.2;
const WIDEST_PX = 1920;
const MODES = { view: 0, quad: 0, panorama: 1, whole: 2 };

class FisheyeView extends Part {
  #lens = null;
  #source = null;
  #turn = { pan: 0, tilt: -45, zoom: 1 };
  #home = { pan: 0, tilt: -45, zoom: 1 };
  #quad = null;
  #mode = "view";
  #gl = null;
  #at = {};
  #held = new Map();
  #pane = 0;
  #asked = false;
  #fetching = 0;
  #resized = new ResizeObserver(() => this.ask());

  build() {
    this.canvas = h("canvas", { tabindex: "0", role: "img" });
    this.note = h("p", { class: "trouble", hidden: true });
    this.append(this.canvas, this.note);
    this.#gl = this.canvas.getContext("webgl", { antialias: false, preserveDrawingBuffer: true });
    if (this.#gl) this.#prepare();
    this.canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
    this.canvas.addEventListener("webglcontextrestored", () => {
      this.#prepare();
      this.ask();
    });
    this.canvas.addEventListener("pointerdown", (event) => this.#down(event));
    this.canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const name of ["pointerup", "pointercancel"]) {
      this.canvas.addEventListener(name, (event) => this.#held.delete(event.pointerId));
    }
    this.canvas.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    this.canvas.addEventListener("dblclick", (event) => this.#lookAt(event));
    this.canvas.addEventListener("keydown", (event) => this.#key(event));
    this.#resized.observe(this.canvas);
  }

  leave() {
    this.source = null;
  }

  get lens() {
    return this.#lens;
  }

  set lens(lens) {
    this.#lens = lens;
    this.#quad = null;
    this.ask();
  }

  get turn() {
    return this.#turn;
  }

  /** Turn it; where it is set from outside is where Home leads back to. */
  set turn(turn) {
    this.#turn = this.#home = kept(turn);
    this.#say();
    this.ask();
  }

  get mode() {
    return this.#mode;
  }

  set mode(mode) {
    this.#mode = mode;
    this.dataset.mode = mode;
    this.#say();
    this.ask();
  }

  get source() {
    return this.#source;
  }

  set source(source) {
    this.#source?.removeEventListener("seeked", this.#fresh);
    this.#source?.removeEventListener("load", this.#fresh);
    this.#source?.removeEventListener("picture", this.#fresh);
    if (this.#fetching) this.#source?.cancelVideoFrameCallback?.(this.#fetching);
    this.#source = source;
    if (!source) return;
    // A canvas tells of a new picture by an event of its own.
    for (const name of ["seeked", "load", "picture"]) source.addEventListener(name, this.#fresh);
    this.#follow();
    this.ask();
  }

  #fresh = () => this.ask();

  #follow() {
    const source = this.#source;
    if (!source?.requestVideoFrameCallback) return;
    this.#fetching = source.requestVideoFrameCallback(() => {
      if (source !== this.#source) return;
      this.draw();
      this.#follow();
    });
  }

  /** Draw with the next frame of the screen. */
  ask() {
    if (this.#asked || !this.built) return;
    this.#asked = true;
    requestAnimationFrame(() => {
      this.#asked = false;
      this.draw();
    });
  }

  paint() {
    this.note.hidden = this.#gl !== null;
    this.canvas.hidden = this.#gl === null;
    say(this.note, _("This browser cannot turn the picture (no WebGL)."));
    this.#say();
  }

  #say() {
    if (!this.built) return;
    const figures = (value) => String(Math.round(value));
    const { pan, tilt, zoom } = this.#turn;
    const words = {
      view: _("View: {pan}° to the right, {tilt}° up, zoom {zoom}. Arrows turn, + and − zoom, Home goes back.", {
        pan: figures(pan),
        tilt: figures(tilt),
        zoom: zoom.toFixed(1),
      }),
      panorama: _("Panorama. A double click looks there."),
      quad: _("Four views."),
      whole: _("The whole picture. A double click looks there."),
    };
    this.canvas.setAttribute("aria-label", words[this.#mode]);
  }

  #prepare() {
    const gl = this.#gl;
    const program = gl.createProgram();
    for (const [kind, text] of [
      [gl.VERTEX_SHADER, VERTEX],
      [gl.FRAGMENT_SHADER, FRAGMENT],
    ]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    gl.useProgram(program);
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-1, -1, 1, -1, -1, 1, 1, 1]), gl.STATIC_DRAW);
    const corner = gl.getAttribLocation(program, "corner");
    gl.enableVertexAttribArray(corner);
    gl.vertexAttribPointer(corner, 2, gl.FLOAT, false, 0, 0);
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
    for (const edge of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, edge, gl.CLAMP_TO_EDGE);
    for (const side of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, side, gl.LINEAR);
    const names = "wide shape circle lens ks most reach turned right down ahead north east up span".split(" ");
    this.#at = Object.fromEntries(names.map((name) => [name, gl.getUniformLocation(program, name)]));
  }

  /** The source's size in pixels; null where it has no picture yet. */
  get size() {
    const source = this.#source;
    const width = source?.videoWidth ?? source?.naturalWidth ?? source?.width ?? 0;
    const height = source?.videoHeight ?? source?.naturalHeight ?? source?.height ?? 0;
    const ready = source instanceof HTMLVideoElement ? source.readyState >= 2 : source?.complete !== false;
    return width > 0 && height > 0 && ready ? { width, height } : null;
  }

  draw() {
    const gl = this.#gl;
    const size = this.size;
    if (!gl || !size || !this.#lens || gl.isContextLost()) return;
    const ratio = Math.min(globalThis.devicePixelRatio || 1, WIDEST_PX / Math.max(1, this.canvas.clientWidth));
    const width = Math.max(2, Math.round(this.canvas.clientWidth * ratio));
    const height = Math.max(2, Math.round(this.canvas.clientHeight * ratio));
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
    }
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGB, gl.RGB, gl.UNSIGNED_BYTE, this.#source);
    gl.clearColor(0, 0, 0, 1);
    gl.viewport(0, 0, width, height);
    gl.clear(gl.COLOR_BUFFER_BIT);
    this.#uniforms(lensUniforms(this.#lens));
    if (this.#mode === "quad") {
      this.#quad ??= quadTurns(this.#lens);
      const [half, low] = [Math.floor(width / 2), Math.floor(height / 2)];
      for (const [n, turn] of this.#quad.entries()) {
        this.#pass(turn, size, [(n % 2) * half, n < 2 ? height - low : 0, half - 1, low - 1]);
      }
    } else {
      this.#pass(this.#turn, size, this.#whole(size, width, height));
    }
    this.dataset.drawn = String(Number(this.dataset.drawn ?? 0) + 1);
  }

  // The whole picture keeps its shape; views and panoramas fill the canvas.
  #whole(size, width, height) {
    if (this.#mode !== "whole") return [0, 0, width, height];
    const by = Math.min(width / size.width, height / size.height);
    const [w, tall] = [size.width * by, size.height * by];
    return [(width - w) / 2, (height - tall) / 2, w, tall];
  }

  #pass(turn, size, [x, y, width, height]) {
    const gl = this.#gl;
    gl.viewport(x, y, width, height);
    gl.uniform1i(this.#at.wide, MODES[this.#mode]);
    this.#uniforms({ shape: [size.height / size.width, height / width], ...turnUniforms(this.#lens, turn) });
    this.#uniforms({ span: spanUniform(wholePanorama(this.#lens)) });
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  }

  #uniforms(values) {
    const gl = this.#gl;
    for (const [name, value] of Object.entries(values)) {
      const at = this.#at[name];
      if (name === "lens") gl.uniform1i(at, value);
      else if (typeof value === "number") gl.uniform1f(at, value);
      else gl[`uniform${value.length}fv`](at, value);
    }
  }

  // ---- turning ----

  #down(event) {
    this.canvas.setPointerCapture(event.pointerId);
    this.#held.set(event.pointerId, [event.clientX, event.clientY]);
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    this.#pane = (x >= 0.5 ? 1 : 0) + (y >= 0.5 ? 2 : 0);
  }

  #move(event) {
    const before = this.#held.get(event.pointerId);
    if (!before || MODES[this.#mode] !== 0) return;
    const now = [event.clientX, event.clientY];
    const others = [...this.#held].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
    this.#held.set(event.pointerId, now);
    const turn = this.#now();
    if (others.length) {
      const was = Math.hypot(before[0] - others[0][0], before[1] - others[0][1]);
      const is = Math.hypot(now[0] - others[0][0], now[1] - others[0][1]);
      if (was > 0 && is > 0) this.#to({ ...turn, zoom: (turn.zoom * is) / was });
      return;
    }
    const wide = this.canvas.clientWidth / (this.#mode === "quad" ? 2 : 1);
    const deg = acrossOf(turn.zoom) / wide;
    // Near the pole a turn moves the edges more than the middle.
    const level = Math.max(0.3, Math.cos((turn.tilt * Math.PI) / 180));
    this.#to({
      ...turn,
      pan: turn.pan - ((now[0] - before[0]) * deg) / level,
      tilt: turn.tilt + (now[1] - before[1]) * deg,
    });
  }

  #wheel(event) {
    if (MODES[this.#mode] !== 0) return;
    event.preventDefault();
    const turn = this.#now();
    this.#to({ ...turn, zoom: turn.zoom * Math.exp(-event.deltaY * WHEEL) });
  }

  #key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || MODES[this.#mode] !== 0) return;
    const turn = this.#now();
    const step = KEY_DEG / Math.max(1, turn.zoom / 2);
    const next = {
      ArrowLeft: { pan: turn.pan - step },
      ArrowRight: { pan: turn.pan + step },
      ArrowUp: { tilt: turn.tilt + step },
      ArrowDown: { tilt: turn.tilt - step },
      "+": { zoom: turn.zoom * KEY_ZOOM },
      "-": { zoom: turn.zoom / KEY_ZOOM },
      Home: this.#mode === "quad" ? quadTurns(this.#lens)[this.#pane] : this.#home,
    }[event.key];
    if (!next) return;
    event.preventDefault();
    event.stopPropagation();
    this.#to({ ...turn, ...next });
  }

  #lookAt(event) {
    const size = this.size;
    if (!size || MODES[this.#mode] === 0) return;
    const box = this.canvas.getBoundingClientRect();
    const [x, y, width, height] = this.#whole(size, box.width, box.height);
    const [u, v] = [(event.clientX - box.left - x) / width, (event.clientY - box.top - y) / height];
    const panorama = wholePanorama(this.#lens);
    const there =
      this.#mode === "whole"
        ? turnAt(this.#lens, u, v, size.height / size.width)
        : {
            pan: panorama.pan + (u - 0.5) * panorama.across,
            tilt: panorama.high + (panorama.low - panorama.high) * v,
          };
    if (!there) return;
    this.mode = "view";
    this.#to({ ...this.#turn, ...there });
    this.dispatchEvent(new CustomEvent("mode", { bubbles: true }));
  }

  #now() {
    if (this.#mode !== "quad") return this.#turn;
    this.#quad ??= quadTurns(this.#lens);
    return this.#quad[this.#pane];
  }

  #to(turn) {
    const to = kept(turn);
    if (this.#mode === "quad") this.#quad[this.#pane] = to;
    else {
      this.#turn = to;
      this.#say();
      this.dispatchEvent(new CustomEvent("turn", { bubbles: true }));
    }
    this.ask();
  }
}

customElements.define("fisheye-view", FisheyeView);
