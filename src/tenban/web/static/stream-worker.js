// One stream for all tabs of a browser (HTML, section 10.2.6.4, "SharedWorker"): a browser has six connections
// to a host, and two tabs must not ring twice. Each tab joins with the number of the last notice it shows.
import { EventStream } from "./stream.js";

const KEPT = 500;
// A tab that cannot ring, or is frozen, says nothing: the next one is asked.
const ANSWER_MS = 250;
const rooms = new Map();

class Room {
  ports = new Set();
  #stream = null;
  #kept = [];
  #from = null;
  #last = { kind: "connecting" };
  #rung = 0;
  #front = null;
  #asked = null;

  constructor(url, headers) {
    this.url = url;
    this.headers = headers;
  }

  join(port, cursor) {
    this.ports.add(port);
    this.#front ??= port;
    if (!this.#stream) {
      this.#open(cursor);
      return;
    }
    const covered = cursor !== null && this.#from !== null && Number(cursor) >= Number(this.#from);
    if (covered) {
      for (const one of this.#kept)
        if (Number(one.id) > Number(cursor)) port.postMessage({ kind: "message", ...one });
    }
    if (this.#last.kind === "open") port.postMessage({ kind: "open", resumed: covered });
    else port.postMessage({ ...this.#last, gap: !covered });
  }

  leave(port) {
    this.ports.delete(port);
    if (this.#front === port) this.#front = this.ports.values().next().value ?? null;
    if (this.ports.size) return;
    this.#stream?.stop();
    rooms.delete(this.url);
  }

  front(port) {
    this.#front = port;
  }

  hurry() {
    this.#stream?.hurry();
  }

  /** Somebody shows news: let one tab ring for it, the one in front first. */
  async news(n) {
    if (n <= this.#rung) return;
    this.#rung = n;
    const inOrder = [this.#front, ...this.ports].filter((port, place, all) => all.indexOf(port) === place);
    for (const port of inOrder) {
      if (!this.ports.has(port)) continue;
      const answer = new Promise((resolve) => {
        this.#asked = resolve;
        setTimeout(() => resolve(false), ANSWER_MS);
      });
      port.postMessage({ kind: "ring", n });
      if (await answer) return;
    }
  }

  rang(done) {
    this.#asked?.(done);
  }

  #open(cursor) {
    this.#from = cursor;
    this.#stream = new EventStream(this.url, { cursor, headers: this.headers });
    for (const kind of ["open", "lost", "refused"]) {
      this.#stream.addEventListener(kind, ({ detail }) => {
        this.#last = { kind, ...detail };
        if (kind === "refused") this.#stream = null;
        this.#tell(this.#last);
      });
    }
    this.#stream.addEventListener("beat", () => this.#tell({ kind: "beat" }));
    this.#stream.addEventListener("message", ({ detail }) => {
      this.#kept.push(detail);
      if (this.#kept.length > KEPT) this.#from = this.#kept.shift().id;
      this.#tell({ kind: "message", ...detail });
    });
    this.#stream.start();
  }

  #tell(message) {
    for (const port of this.ports) port.postMessage(message);
  }
}

globalThis.addEventListener("connect", ({ ports: [port] }) => {
  let room = null;
  port.addEventListener("message", ({ data }) => {
    if (data.kind === "join") {
      room?.leave(port);
      room = rooms.get(data.url) ?? new Room(data.url, data.headers);
      rooms.set(data.url, room);
      room.join(port, data.cursor);
      return;
    }
    if (!room) return;
    const acts = {
      leave: () => room.leave(port),
      front: () => room.front(port),
      hurry: () => room.hurry(),
      news: () => room.news(data.n),
      rang: () => room.rang(data.done),
    };
    acts[data.kind]?.();
  });
  port.start();
});
