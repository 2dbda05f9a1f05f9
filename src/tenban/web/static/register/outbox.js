// Sale events on their way to the server: in order, again until answered, never twice there (event_id).
import { ask, Away, Refused } from "./server.js";
import { store } from "./store.js";

const MOST = 100;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;

/** What the server's answer means for a batch of [key, event]: what may go, and what is set aside with its reason. */
export function outcomes(batch, results) {
  const keys = batch.map(([key]) => key);
  const refused = batch
    .map(([, event], place) => ({
      event,
      error: results[place]?.status === "refused" ? results[place].error : null,
    }))
    .filter((one) => one.error !== null);
  return { keys, refused };
}

/** Fires `change` whenever `waiting`, `refused`, `away` or `unpaired` differ. */
export class Outbox extends EventTarget {
  waiting = 0;
  refused = 0;
  away = false;
  unpaired = false;
  #running = false;
  #again = false;
  #attempt = 0;
  #timer = 0;

  async start() {
    await this.#count();
    addEventListener("online", () => this.hurry());
    this.hurry();
  }

  /** Something was put in, or the network is back. */
  hurry() {
    clearTimeout(this.#timer);
    this.#send();
  }

  async #send() {
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#running = true;
    try {
      do {
        this.#again = false;
        for (;;) {
          const batch = await store.waiting(MOST);
          if (batch.length === 0) break;
          await this.#post(batch);
        }
      } while (this.#again);
      this.#attempt = 0;
    } catch (error) {
      this.away = error instanceof Away || (error instanceof Refused && error.status >= 500);
      this.unpaired = error instanceof Refused && (error.status === 401 || error.status === 403);
      const wait_ms = Math.min(FIRST_WAIT_MS * 2 ** this.#attempt, LONGEST_WAIT_MS);
      this.#attempt += 1;
      this.#timer = setTimeout(() => this.hurry(), wait_ms);
      if (!(error instanceof Away || error instanceof Refused)) console.error(error);
    } finally {
      this.#running = false;
      await this.#count();
    }
  }

  async #post(batch) {
    const { body } = await ask("/api/v1/sale-events", {
      method: "POST",
      body: batch.map(([, event]) => event),
    });
    const { keys, refused } = outcomes(batch, body.results);
    await store.settle(keys, refused);
    this.away = false;
    this.unpaired = false;
    this.dispatchEvent(new Event("sent"));
  }

  async #count() {
    this.waiting = await store.countWaiting();
    this.refused = await store.countRefused();
    this.dispatchEvent(new Event("change"));
  }

  /** Resolve true once nothing waits, false after the patience has run out. */
  async empty(patience_ms) {
    const until_ms = performance.now() + patience_ms;
    while ((await store.countWaiting()) > 0) {
      if (performance.now() > until_ms) return false;
      await new Promise((resolve) => {
        this.addEventListener("sent", resolve, { once: true });
        setTimeout(resolve, 200);
      });
    }
    return true;
  }
}
