// The live channel of the page: what was missed comes once and in order, and the page says how live it is.
import { asWhom } from "./api.js";
import { openStream } from "./shared.js";
import { EventStream } from "./stream.js";
import { now } from "./times.js";
import { page } from "./words.js";

// A notice older than this when it is sent was waiting for us, or for the server.
const LATE_MS = 10_000;
const QUIET_MS = 1_200;
const HEARD = `tenban-heard:${page.me.id}`;
const KEEP_HEARD_MS = 5_000;

/** When this browser was last live, in the server's time; what came later and waited here is late. */
export function lastHeard() {
  return Number(localStorage.getItem(HEARD) ?? 0) || null;
}

/** Fires `notice` {notice, late_ms}, `gap` (load the list again) and `state` {kind, …}. */
export class Live extends EventTarget {
  #stream = null;
  #lost_since = null;
  #missed = 0;
  #connected_at = 0;
  #quiet = 0;
  #kept_heard = 0;

  start(cursor) {
    const url = `/api/v1/watch/stream${page.register ? `?register=${encodeURIComponent(page.register.id)}` : ""}`;
    this.#listen(openStream(url, cursor));
    // A worker that cannot be started costs the sharing, not the notices.
    this.#stream.addEventListener("broken", () => {
      this.#listen(new EventStream(url, { cursor: this.#stream.cursor, headers: asWhom }));
      this.#stream.start();
    });
    addEventListener("online", () => this.#stream.hurry());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible" && this.#lost_since) this.#stream.hurry();
    });
    addEventListener("pagehide", () => this.#stream.stop());
    addEventListener("pageshow", ({ persisted }) => persisted && this.#stream.start());
    this.#stream.start();
  }

  /** Let one tab of this browser ring for a notice. */
  news(n) {
    this.#stream.news?.(n);
  }

  #listen(stream) {
    this.#stream = stream;
    this.#stream.addEventListener("open", ({ detail }) => this.#opened(detail.resumed));
    this.#stream.addEventListener("message", ({ detail }) => this.#heard(detail));
    this.#stream.addEventListener("beat", () => this.#state({ kind: "live" }));
    this.#stream.addEventListener("lost", () => this.#lose());
    this.#stream.addEventListener("refused", () => this.dispatchEvent(new Event("refused")));
  }

  #opened(resumed) {
    this.#connected_at = now();
    if (!resumed) this.dispatchEvent(new Event("gap"));
    if (!this.#lost_since) {
      this.#state({ kind: "live" });
      return;
    }
    this.#state({ kind: "catching", count: 0 });
    this.#settle();
  }

  #heard({ event, data }) {
    if (event !== "notice") return;
    const notice = JSON.parse(data);
    const written_ms = Date.parse(notice.at ?? notice.sent_at);
    const late_ms = Math.max(now() - written_ms, 0);
    this.dispatchEvent(new CustomEvent("notice", { detail: { notice, late_ms } }));
    // Until the first quiet moment, what comes was waiting for us; clocks agree to about a second.
    if (this.#lost_since && written_ms < this.#connected_at + 1_500) {
      this.#missed += 1;
      this.#state({ kind: "catching", count: this.#missed });
      this.#settle();
    } else if (late_ms > LATE_MS) {
      this.#state({ kind: "late", late_ms });
    } else {
      this.#state({ kind: "live" });
    }
  }

  #settle() {
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => this.#state({ kind: "live" }), QUIET_MS);
  }

  #lose() {
    clearTimeout(this.#quiet);
    this.#lost_since ??= now();
    this.#state({ kind: "lost", since: this.#lost_since });
  }

  #state(state) {
    if (state.kind === "live") {
      if (now() - this.#kept_heard > KEEP_HEARD_MS) {
        this.#kept_heard = now();
        localStorage.setItem(HEARD, String(this.#kept_heard));
      }
      if (this.#lost_since) {
        const detail = { since: this.#lost_since, count: this.#missed };
        this.dispatchEvent(new CustomEvent("regained", { detail }));
      }
      this.#lost_since = null;
      this.#missed = 0;
    }
    this.dispatchEvent(new CustomEvent("state", { detail: state }));
  }
}
