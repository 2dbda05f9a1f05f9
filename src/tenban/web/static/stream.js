// Server-sent events over fetch (WHATWG HTML, section 9.2), so that the page itself decides when a
// connection is dead, where to resume, and what counts as missed. Knows no page: usable in a worker.

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;

/**
 * Fires `open` {resumed}, `message` {id, event, data}, `beat`, `lost` {why} and `refused` {status}.
 * Whatever has an id not greater than the last is dropped: nothing comes twice.
 */
export class EventStream extends EventTarget {
  #url;
  #patience_ms;
  #headers;
  #cursor;
  #running = false;
  #round = 0;
  #attempt = 0;
  #abort = null;
  #wake = null;
  #watchdog = 0;

  constructor(url, { cursor = null, patience_ms = 25_000, headers = {} } = {}) {
    super();
    this.#headers = headers;
    this.#url = url;
    this.#cursor = cursor;
    this.#patience_ms = patience_ms;
  }

  get cursor() {
    return this.#cursor;
  }

  start() {
    if (this.#running) return;
    this.#running = true;
    this.#round += 1;
    this.#run(this.#round);
  }

  stop() {
    this.#running = false;
    this.#abort?.abort();
    this.#wake?.();
  }

  /** Try again now instead of after the pause; a living connection is left alone. */
  hurry() {
    this.#attempt = 0;
    this.#wake?.();
  }

  async #run(round) {
    while (this.#running && round === this.#round) {
      const why = await this.#listen();
      clearTimeout(this.#watchdog);
      if (!this.#running || round !== this.#round) return;
      if (why === "refused") {
        this.#running = false;
        return;
      }
      this.#tell("lost", { why });
      const wait_ms =
        Math.min(FIRST_WAIT_MS * 2 ** this.#attempt, LONGEST_WAIT_MS) * (0.8 + 0.4 * Math.random());
      this.#attempt += 1;
      await new Promise((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, wait_ms);
      });
    }
  }

  async #listen() {
    this.#abort = new AbortController();
    const headers = { Accept: "text/event-stream", ...this.#headers };
    if (this.#cursor !== null) headers["Last-Event-ID"] = String(this.#cursor);
    try {
      this.#feed();
      const response = await fetch(this.#url, { headers, cache: "no-store", signal: this.#abort.signal });
      if (response.status === 401 || response.status === 403) {
        this.#tell("refused", { status: response.status });
        return "refused";
      }
      if (!response.ok) return `HTTP ${response.status}`;
      this.#attempt = 0;
      this.#tell("open", { resumed: this.#cursor !== null });
      await this.#read(response.body.pipeThrough(new TextDecoderStream()).getReader());
      return "ended";
    } catch (error) {
      return error.name === "AbortError" ? "silent" : "unreachable";
    }
  }

  async #read(reader) {
    let rest = "";
    let fields = {};
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      this.#feed();
      const lines = (rest + value).split(/\r\n|\n|\r/);
      rest = lines.pop();
      for (const line of lines) {
        if (line === "") {
          this.#dispatch(fields);
          fields = {};
        } else if (line.startsWith(":")) {
          this.#tell("beat", {});
        } else {
          const [, name, text] = /^([^:]*):? ?(.*)$/.exec(line);
          fields[name] = name === "data" && "data" in fields ? `${fields.data}\n${text}` : text;
        }
      }
    }
  }

  #dispatch({ id, event = "message", data }) {
    if (data === undefined) return;
    if (id !== undefined) {
      if (this.#cursor !== null && Number(id) <= Number(this.#cursor)) return;
      this.#cursor = id;
    }
    this.#tell("message", { id, event, data });
  }

  // A peer that vanished without closing says nothing, for ever: silence ends the connection.
  #feed() {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => this.#abort?.abort(), this.#patience_ms);
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
