// What people do with an incident. Every change goes to the server at once, so that colleagues see it; the
// way back is a second change.
import { ask } from "./api.js";
import { LINGER_MS } from "./book.js";
import { isOpen } from "./parts/filter-bar.js";
import { stateWord } from "./parts/state-chip.js";
import { _, laneWord } from "./words.js";

/** Return a function that does what a card asks for: {what, id, …}. */
export function makeHandling({ book, toasts, paint, signedOut }) {
  async function change(id, path, body, words, undo = null) {
    const entry = book.entry(id);
    const before = entry.card;
    try {
      const card = await ask(`/api/v1/incidents/${encodeURIComponent(id)}/${path}`, { method: "POST", body });
      book.put(card);
      entry.fresh = false;
      paint();
      if (words) toasts.show(words, undo ? { word: _("Undo"), act: () => undo(before) } : {});
    } catch (error) {
      if (error.status === 401) return signedOut();
      const again = () => change(id, path, body, words, undo);
      toasts.show(
        _("{lane}: not saved. {why}", { lane: laneWord(before.register_name), why: error.message }),
        { word: _("Try again"), act: again, trouble: true },
      );
    }
    return null;
  }

  function restate(before) {
    return change(before.id, "state", { state: before.state, outcome: before.outcome }, "");
  }

  const acts = {
    touch(entry) {
      entry.fresh = false;
      if (!isOpen(entry.card)) entry.lingers_until_ms = performance.now() + LINGER_MS;
      paint();
    },
    label({ card }, { outcome }) {
      const words = `${laneWord(card.register_name)}: ${stateWord(outcome)}`;
      const undo = card.state === "withdrawn" ? null : restate;
      return change(card.id, "state", { state: "resolved", outcome }, words, undo);
    },
    state({ card }, { state }) {
      return change(
        card.id,
        "state",
        { state },
        `${laneWord(card.register_name)}: ${stateWord(state)}`,
        restate,
      );
    },
    reason({ card }, { reason }) {
      return change(
        card.id,
        "state",
        { state: card.state, outcome: card.outcome, reason },
        _("{lane}: reason kept", { lane: laneWord(card.register_name) }),
      );
    },
    own({ card }, { take }) {
      const words = take
        ? _("{lane} is yours", { lane: laneWord(card.register_name) })
        : _("{lane} let go", { lane: laneWord(card.register_name) });
      // Taking over from somebody cannot be undone for them: that is theirs to do.
      const undo = take && card.owner ? null : () => change(card.id, "owner", { take: !take }, "");
      return change(card.id, "owner", { take }, words, undo);
    },
  };

  return ({ what, id, ...detail }) => acts[what](book.entry(id), detail);
}
