// The live stream of this tab: shared with the other tabs where the browser has SharedWorker, its own where not.
import { sound } from "./sound.js";
import { EventStream } from "./stream.js";
import { page } from "./words.js";

const RUNG = `tenban-rung:${page.me.id}`;
const HIDDEN_WAITS_MS = 150;

/** Return a stream like EventStream, with `news(n)`: rings once per notice and browser, however many tabs. */
export function openStream(url, cursor) {
  return typeof SharedWorker === "function" ? new SharedStream(url, cursor) : new OwnStream(url, { cursor });
}

class OwnStream extends EventStream {
  shared = false;

  news(n) {
    const ring = () => {
      if (Number(localStorage.getItem(RUNG) ?? 0) >= n) return;
      if (sound.ring()) localStorage.setItem(RUNG, String(n));
    };
    if (document.visibilityState === "visible") ring();
    else setTimeout(ring, HIDDEN_WAITS_MS);
  }
}

class SharedStream extends EventTarget {
  shared = true;
  #url;
  #cursor;
  #port = null;

  constructor(url, cursor) {
    super();
    this.#url = url;
    this.#cursor = cursor;
    const options = { type: "module", name: page.me.id };
    const worker = new SharedWorker(new URL("./stream-worker.js", import.meta.url), options);
    worker.addEventListener("error", () => this.#tell("broken", {}));
    this.#port = worker.port;
    this.#port.addEventListener("message", ({ data }) => this.#heard(data));
    this.#port.start();
    addEventListener("focus", () => this.#port.postMessage({ kind: "front" }));
  }

  get cursor() {
    return this.#cursor;
  }

  start() {
    this.#port.postMessage({ kind: "join", url: this.#url, cursor: this.#cursor });
    if (document.hasFocus()) this.#port.postMessage({ kind: "front" });
  }

  stop() {
    this.#port.postMessage({ kind: "leave" });
  }

  hurry() {
    this.#port.postMessage({ kind: "hurry" });
  }

  news(n) {
    this.#port.postMessage({ kind: "news", n });
  }

  #heard({ kind, ...detail }) {
    if (kind === "ring") {
      this.#port.postMessage({ kind: "rang", done: sound.ring() });
      return;
    }
    if (kind === "message" && detail.id !== undefined) {
      if (this.#cursor !== null && Number(detail.id) <= Number(this.#cursor)) return;
      this.#cursor = detail.id;
    }
    this.#tell(kind, detail);
    if (detail.gap) this.#tell("open", { resumed: false });
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
