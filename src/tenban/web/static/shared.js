// The live stream of this tab: shared with the other tabs where the browser has SharedWorker, its own where not.
import { asWhom } from "./api.js";
import { sound } from "./sound.js";
import { EventStream } from "./stream.js";
import { page } from "./words.js";

const RUNG = `tenban-rung:${page.me.id}`;
// Where streams are not shared, tabs agree by telling one another: the one in front rings first.
const IN_SIGHT_WAITS_MS = 120;
const HIDDEN_WAITS_MS = 300;
const HEARD_WITHIN_MS = 80;

/** Return a stream like EventStream, with `news(n)`: rings once per notice and browser, however many tabs. */
export function openStream(url, cursor) {
  return typeof SharedWorker === "function" ? new SharedStream(url, cursor) : new OwnStream(url, { cursor, headers: asWhom });
}

class OwnStream extends EventStream {
  #channel = new BroadcastChannel(RUNG);
  #rung = 0;

  constructor(...given) {
    super(...given);
    this.#channel.addEventListener("message", ({ data }) => (this.#rung = Math.max(this.#rung, data)));
  }

  news(n) {
    const seen = document.visibilityState === "visible" ? IN_SIGHT_WAITS_MS : HIDDEN_WAITS_MS;
    setTimeout(() => this.#inTurn(n), document.hasFocus() ? 0 : seen * (1 + Math.random()));
  }

  // Locks exist only behind HTTPS; without them two tabs in front at once would both ring.
  #inTurn(n) {
    const ring = () => {
      if (this.#rung >= n || !sound.ring()) return null;
      this.#rung = n;
      this.#channel.postMessage(n);
      return new Promise((resolve) => setTimeout(resolve, HEARD_WITHIN_MS));
    };
    if (navigator.locks) navigator.locks.request(RUNG, ring);
    else ring();
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
    this.#port.postMessage({ kind: "join", url: this.#url, cursor: this.#cursor, headers: asWhom });
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
