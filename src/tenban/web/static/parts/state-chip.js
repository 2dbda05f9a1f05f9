// <state-chip>: where an incident stands, as icon and word; colour only supports them.
import { Part, h } from "../dom.js";
import { _ } from "../words.js";
import { icon } from "./icon.js";

const WORDS = {
  unconfirmed: () => _("Unconfirmed"),
  confirmed: () => _("Confirmed"),
  pending: () => _("On hold"),
  resolved: () => _("Resolved"),
  withdrawn: () => _("Withdrawn"),
  true: () => _("True"),
  false_alarm: () => _("False alarm"),
  unclear: () => _("Unclear"),
};

export function stateWord(state) {
  return WORDS[state]?.() ?? state;
}

/** What is worth saying of a card in one word: its outcome once it is resolved, else its state. */
export function standing(card) {
  return card.state === "resolved" && card.outcome ? card.outcome : card.state;
}

class StateChip extends Part {
  static observedAttributes = ["state"];

  attributeChangedCallback() {
    if (this.built) this.paint();
  }

  paint() {
    const state = this.getAttribute("state");
    if (!state) return;
    this.replaceChildren(icon(state), h("span", {}, stateWord(state)));
  }
}

customElements.define("state-chip", StateChip);
