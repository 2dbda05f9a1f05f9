// One camera's stream over a WebSocket (design/live.md): pictures in, acknowledgements out. Comes back by itself.

const AGAIN_MS = [250, 500, 1_000, 2_000, 5_000];
const ALIVE_MS = 5_000;
// The way from the server takes longest when it is busy; the shortest of a minute is the way itself.
const WAY_MS = 60_000;
const FROM_SERVER = new Set([4001, 4003, 4008]);

/** Fires `begin`, `picture`, `skipped`, `lost`, `back`, `closed` {tries} and `over`: the viewing has ended. */
export class LiveLink extends EventTarget {
  #path;
  #small;
  #socket = null;
  #tries = 0;
  #again = 0;
  #alive = 0;
  #way = { ms: Infinity, since_ms: 0 };

  constructor(viewing, camera, small, { sound = false } = {}) {
    super();
    this.#path = `/api/v1/live/${encodeURIComponent(viewing)}/stream?camera=${encodeURIComponent(camera)}`;
    if (sound) this.#path += "&sound=true";
    this.#small = small;
  }

  open() {
    const url = new URL(`${this.#path}&pictures=${this.#small ? "keyframes" : "all"}`, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      if (socket !== this.#socket) return;
      if (typeof data === "string") this.#told(JSON.parse(data));
      else this.#tell("picture", this.#read(data));
    });
    socket.addEventListener("open", () => {
      clearInterval(this.#alive);
      this.#alive = setInterval(() => this.#say({}), ALIVE_MS);
    });
    socket.addEventListener("close", ({ code }) => {
      if (socket !== this.#socket) return;
      clearInterval(this.#alive);
      this.#socket = null;
      if (FROM_SERVER.has(code)) {
        this.#tell("over", {});
        return;
      }
      this.#tries += 1;
      this.#tell("closed", { tries: this.#tries });
      this.#again = setTimeout(() => this.open(), AGAIN_MS[Math.min(this.#tries, AGAIN_MS.length) - 1]);
    });
  }

  /** Begin again at the newest keyframe. */
  reopen() {
    this.close();
    this.open();
  }

  close() {
    clearTimeout(this.#again);
    clearInterval(this.#alive);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  /** Everything up to this picture has been taken in. */
  have(n) {
    this.#say({ have: n });
  }

  /** Ask for keyframes only from now on, or for every picture; what comes goes on without a break. */
  set small(small) {
    this.#small = small;
    this.#say({ pictures: small ? "keyframes" : "all" });
  }

  /** How old a picture is that is on the screen now, whatever this machine's clock says. */
  lag_ms(captured_us) {
    return Math.max(clock_ms() - this.#way.ms - captured_us / 1000, 0);
  }

  #say(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #told({ type, ...detail }) {
    if (type === "begin") {
      this.#tries = 0;
      detail.description = Uint8Array.from(atob(detail.description), (sign) => sign.charCodeAt(0));
    }
    this.#tell(type, detail);
  }

  #read(data) {
    const view = new DataView(data);
    const came_ms = Number(view.getBigInt64(16)) / 1000;
    const way_ms = clock_ms() - came_ms;
    const old = performance.now() - this.#way.since_ms > WAY_MS;
    if (way_ms < this.#way.ms || old) this.#way = { ms: way_ms, since_ms: performance.now() };
    return {
      is_keyframe: (view.getUint8(1) & 1) === 1,
      n: view.getUint32(4),
      captured_us: Number(view.getBigInt64(8)),
      dts: Number(view.getBigInt64(24)),
      offset: view.getInt32(32),
      duration: view.getUint32(36),
      data: new Uint8Array(data, 40),
    };
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

function clock_ms() {
  return performance.timeOrigin + performance.now();
}
