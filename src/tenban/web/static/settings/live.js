// Looking on: boxes, tracks and counted moves of one view, each with the very picture they were found on.
import { EventStream } from "../stream.js";
import { lookUrl, stillUrl } from "./desk.js";

const WIDTH = 960;
// Six pictures a second are a moving picture; each costs the watcher an encoding.
const EVERY_MS = 160;

/** Fires `look` {look, picture}, `moves` [move…], `state` {kind: "waiting"|"live"|"trouble", message}. */
export class LiveLook extends EventTarget {
  #stream = null;
  #camera;
  #fetching = false;
  #shown = null;
  #shown_ms = -Infinity;

  /** Begin to look; `zones` are tried where given. */
  start(register, camera, zones = null) {
    this.stop();
    this.#camera = camera;
    this.#stream = new EventStream(lookUrl(register, camera, zones), { patience_ms: 15_000 });
    this.#stream.addEventListener("message", ({ detail }) => this.#hear(detail));
    this.#stream.addEventListener("lost", () => this.#state("waiting"));
    this.#stream.addEventListener("refused", () => this.#state("trouble", "403"));
    this.#state("waiting");
    this.#stream.start();
  }

  get running() {
    return this.#stream !== null;
  }

  stop() {
    this.#stream?.stop();
    this.#stream = null;
  }

  #hear({ event, data }) {
    const said = JSON.parse(data);
    if (event === "trouble") {
      this.#state(said.code === "unavailable" ? "waiting" : "trouble", said.message);
      if (said.code !== "unavailable") this.stop();
      return;
    }
    this.#state("live");
    if (said.moves.length) this.dispatchEvent(new CustomEvent("moves", { detail: said.moves }));
    if (!this.#fetching && performance.now() - this.#shown_ms > EVERY_MS) this.#show(said);
  }

  // One picture at a time: a slow network shows fewer, never older ones.
  async #show(look) {
    this.#fetching = true;
    this.#shown_ms = performance.now();
    try {
      const response = await fetch(stillUrl(this.#camera, look.at, WIDTH), { cache: "no-store" });
      if (!response.ok) return;
      const picture = URL.createObjectURL(await response.blob());
      if (this.#shown) URL.revokeObjectURL(this.#shown);
      this.#shown = picture;
      if (this.running) this.dispatchEvent(new CustomEvent("look", { detail: { look, picture } }));
    } catch {
      // Policy: a picture that did not come is followed by the next.
    } finally {
      this.#fetching = false;
    }
  }

  #state(kind, message = "") {
    this.dispatchEvent(new CustomEvent("state", { detail: { kind, message } }));
  }
}
