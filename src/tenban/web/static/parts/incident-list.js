// <incident-list>: what was settled, one line each; a tap opens the whole card.
import { Part, h } from "../dom.js";
import { clockTime } from "../times.js";
import { _, laneWord, told } from "../words.js";
import { reasonWord } from "./incident-card.js";
import { standing } from "./state-chip.js";

class IncidentList extends Part {
  #entries = [];
  #shown = "";

  set entries(entries) {
    this.#entries = entries;
    if (this.built) this.paint();
  }

  paint() {
    const shown = JSON.stringify([
      this.#entries.map(({ card }) => [card.id, card.changed_at, card.state, card.outcome, card.reason]),
      document.documentElement.lang,
    ]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    if (!this.#entries.length) {
      this.replaceChildren(h("p", { class: "none" }, _("Nothing settled in this span.")));
      return;
    }
    this.replaceChildren(
      h(
        "ul",
        {},
        this.#entries.map((entry) => h("li", {}, this.#row(entry))),
      ),
    );
  }

  #row({ card }) {
    const chip = h("state-chip", { state: standing(card) });
    return h(
      "button",
      {
        type: "button",
        class: "row quiet",
        "data-id": card.id,
        onclick: () =>
          this.dispatchEvent(new CustomEvent("open", { bubbles: true, detail: { id: card.id } })),
      },
      h("time", { datetime: card.occurred_at }, clockTime(card.occurred_at)),
      h("b", {}, laneWord(card.register_name)),
      h("span", { class: "title" }, told(card.title)),
      card.reason ? h("span", { class: "reason" }, reasonWord(card.reason)) : null,
      chip,
    );
  }
}

customElements.define("incident-list", IncidentList);
