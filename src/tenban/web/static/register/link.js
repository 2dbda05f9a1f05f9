// The link from the server: commands arrive, are carried out, and are acknowledged once the screen shows them.
import { ask, own } from "./server.js";

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;
const BEAT_MS = 10_000;
const REPLACED = 4001;
const UNPAIRED = 4003;

/** Fires `command` {message, done(result, reason)} and `change` when `state` differs: open, lost, replaced or unpaired. */
export class Link extends EventTarget {
  state = "lost";
  #socket = null;
  #attempt = 0;
  #timer = 0;
  #beat = 0;
  #heard_ms = 0;
  #done = new Set();

  start() {
    addEventListener("online", () => this.#connect());
    this.#connect();
  }

  #connect() {
    clearTimeout(this.#timer);
    if (this.#socket !== null || this.state === "replaced" || this.state === "unpaired") return;
    const url = new URL(`${own}/link`, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url, ["tenban.link.v1"]);
    this.#socket = socket;
    socket.onopen = () => {
      this.#attempt = 0;
      this.#heard_ms = performance.now();
      this.#beat = setInterval(() => this.#check(), BEAT_MS);
      this.#become("open");
    };
    socket.onmessage = ({ data }) => this.#hear(socket, JSON.parse(data));
    socket.onclose = ({ code }) => {
      clearInterval(this.#beat);
      this.#socket = null;
      this.#become({ [REPLACED]: "replaced", [UNPAIRED]: "unpaired" }[code] ?? "lost");
      if (this.state !== "lost") return;
      this.#askWhether();
      const wait_ms = Math.min(FIRST_WAIT_MS * 2 ** this.#attempt, LONGEST_WAIT_MS);
      this.#attempt += 1;
      this.#timer = setTimeout(() => this.#connect(), wait_ms);
    };
  }

  // A link that is refused does not say why (WebSockets, section 3.1): whether we are still paired is asked apart.
  async #askWhether() {
    try {
      await ask(`${own}/pairing`);
    } catch (error) {
      // Policy: away is away; only a clear answer ends the pairing here.
      if (error.status === 401) this.#become("unpaired");
    }
  }

  // A peer that vanished says nothing, for ever: two beats without an answer end the connection.
  #check() {
    if (performance.now() - this.#heard_ms > 2.5 * BEAT_MS) this.#socket?.close();
    else this.#socket?.send(JSON.stringify({ ping: 1 }));
  }

  #hear(socket, message) {
    this.#heard_ms = performance.now();
    if (!("command_id" in message)) return;
    const id = message.command_id;
    const done = (result = "done", reason = undefined) => {
      this.#done.add(id);
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ ack: id, result, reason }));
    };
    if (this.#done.has(id)) {
      done(); // sent again because our acknowledgement was lost
      return;
    }
    this.dispatchEvent(new CustomEvent("command", { detail: { message, done } }));
  }

  #become(state) {
    if (this.state === state) return;
    this.state = state;
    this.dispatchEvent(new Event("change"));
  }
}
