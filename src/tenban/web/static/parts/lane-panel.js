// <lane-panel>: the lane that was chosen: how it stands, who looks after it, and its live picture.
import { Part, h, say } from "../dom.js";
import { _, page } from "../words.js";
import { icon } from "./icon.js";
import { troubles } from "./lane-state.js";

class LanePanel extends Part {
  #lane = null;
  #shown = "";

  set lane(lane) {
    this.#lane = lane;
    this.hidden = !lane;
    if (this.built) this.paint();
  }

  build() {
    this.states = h("div", { class: "states" });
    this.liveButton = h(
      "button",
      { type: "button", class: "live", "aria-keyshortcuts": "l", onclick: () => this.#ask("live", this.#lane) },
      icon("picture"),
      h("span"),
    );
    this.keepButton = h(
      "button",
      {
        type: "button",
        class: "keep",
        onclick: () => this.#ask("keep", { lane: this.#lane, take: this.#lane.keeper?.id !== page.me.id }),
      },
      icon("mine"),
      h("span"),
    );
    this.append(this.states, h("div", { class: "acts" }, this.keepButton, this.liveButton));
  }

  #ask(what, detail) {
    this.dispatchEvent(new CustomEvent(what, { bubbles: true, detail }));
  }

  paint() {
    if (!this.#lane) return;
    const { keeper } = this.#lane;
    const mine = keeper?.id === page.me.id;
    const wrong = troubles(this.#lane);
    const lines = wrong.map((one) =>
      h("p", { class: "line" }, icon(one.icon), h("b", {}, one.word), h("span", {}, one.more)),
    );
    if (!wrong.length) lines.push(h("p", { class: "line fine" }, icon("watched"), h("b", {}, _("Watched"))));
    if (keeper) {
      const words = mine ? _("You look after it") : _("{name} looks after it", { name: keeper.name });
      lines.push(h("p", { class: "line keeper" }, icon("mine"), h("span", {}, words)));
    }
    const shown = lines.map((line) => line.outerHTML).join("");
    if (shown !== this.#shown) {
      this.#shown = shown;
      this.states.replaceChildren(...lines);
    }
    say(this.liveButton.lastElementChild, _("Live picture"));
    say(
      this.keepButton.lastElementChild,
      mine ? _("No longer look after it") : keeper ? _("Take over") : _("Look after it"),
    );
    this.keepButton.setAttribute("aria-pressed", String(mine));
  }
}

customElements.define("lane-panel", LanePanel);
