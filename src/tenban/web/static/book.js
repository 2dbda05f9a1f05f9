// The incidents this page knows, by id. Cards carry `changed_at`: an older one never replaces a newer one.
import { isOpen } from "./parts/filter-bar.js";

// How long a card that has been settled stays under the finger before it moves to the history.
export const LINGER_MS = 8_000;

export class Book {
  #entries = new Map();

  entry(id) {
    return this.#entries.get(id);
  }

  /** All entries, newest first. */
  get entries() {
    return [...this.#entries.values()].sort((a, b) => (a.card.opened_at < b.card.opened_at ? 1 : -1));
  }

  /** Take over what the server lists; marks of what is known already stay. */
  load(cards, { heard_at = null, now_at = 0, late_from_ms = 0 } = {}) {
    for (const card of cards) {
      const known = this.#entries.has(card.id);
      const entry = this.put(card);
      const opened_at = Date.parse(card.opened_at);
      // It was opened while this browser was not live: it comes late, and says so.
      if (!known && entry && heard_at !== null && opened_at > heard_at && isOpen(card)) {
        if (now_at - opened_at > late_from_ms) entry.late_ms = now_at - opened_at;
      }
    }
  }

  /** Put in a card; returns its entry, or null when what is known is newer. */
  put(card) {
    const known = this.#entries.get(card.id);
    if (!known) {
      const entry = { card, fresh: false, late_ms: 0, lingers_until_ms: 0 };
      this.#entries.set(card.id, entry);
      return entry;
    }
    if (known.card.changed_at > card.changed_at) return null;
    if (isOpen(known.card) && !isOpen(card)) known.lingers_until_ms = performance.now() + LINGER_MS;
    if (isOpen(card)) known.lingers_until_ms = 0;
    known.card = card;
    return known;
  }

  /** Hear a notice; returns {entry, news}: is it one that an attendant must be told of aloud? */
  hear({ kind, incident: card }, late_ms) {
    if (!card) return { entry: null, news: false };
    const before = this.#entries.get(card.id);
    const repeats = before?.card.repeats ?? 0;
    const entry = this.put(card);
    if (!entry) return { entry: before, news: false };
    if (!before || kind === "brief") entry.late_ms = late_ms;
    const more = kind === "brief" && (!before || card.repeats > repeats);
    const news = (more || kind === "passed_on") && card.state === "unconfirmed";
    if (news) entry.fresh = true;
    if (card.state !== "unconfirmed") entry.fresh = false;
    return { entry, news };
  }

  /** Leave out what is settled and older than the longest history. */
  forget(before) {
    for (const [id, { card }] of this.#entries) {
      if (!isOpen(card) && Date.parse(card.opened_at) < before) this.#entries.delete(id);
    }
  }
}
