// Stills at a steady rate: for browsers that play nothing else, for whoever sees parts blurred, and while a
// stream brings no pictures.
import { shown } from "../api.js";

const AGAIN_MS = 2_000;
const FAST_AGAIN_MS = 250;
const SMALL_PER_S = 1;
const SMALL_WIDTH = 480;

export class Stills {
  element = document.createElement("img");
  #round = 0;
  #asking = null;
  #url = null;
  #path;
  #per_s;
  #told;

  /** Told: `shown(captured_us)`, `failed(error)`. */
  constructor({ viewing, per_s }, camera, small, told) {
    this.#path = `/api/v1/live/${encodeURIComponent(viewing)}/picture?camera=${encodeURIComponent(camera)}`;
    this.#per_s = per_s;
    this.small = small;
    this.#told = told;
    Object.assign(this.element, { alt: "", decoding: "async" });
  }

  get running() {
    return this.#round > 0;
  }

  start() {
    if (!this.running) this.#run((this.#round = performance.now()));
  }

  // A picture that is still asked for would come too late: its viewing may be over by then.
  stop() {
    this.#round = 0;
    this.#asking?.abort();
  }

  async #run(round) {
    while (round === this.#round) {
      const asked_ms = performance.now();
      let wait_ms;
      try {
        this.#asking = new AbortController();
        const path = this.small ? `${this.#path}&width=${SMALL_WIDTH}` : this.#path;
        const { blob, taken_at } = await shown(path, this.#asking.signal);
        if (round !== this.#round) return;
        await this.#show(blob);
        if (round !== this.#round) return;
        this.#told.shown(taken_at ? Date.parse(taken_at) * 1000 : null);
        wait_ms = 1000 / (this.small ? SMALL_PER_S : this.#per_s) - (performance.now() - asked_ms);
      } catch (error) {
        if (round !== this.#round) return;
        wait_ms = error.code === "too_fast" ? FAST_AGAIN_MS : AGAIN_MS;
        if (error.code !== "too_fast") this.#told.failed(error);
      }
      await new Promise((resolve) => setTimeout(resolve, Math.max(wait_ms, 0)));
    }
  }

  async #show(blob) {
    const before = this.#url;
    this.#url = URL.createObjectURL(blob);
    this.element.src = this.#url;
    if (before) URL.revokeObjectURL(before);
    // Policy: a still that cannot be decoded is not shown; the next one may be.
    await this.element.decode().catch(() => {});
  }
}
