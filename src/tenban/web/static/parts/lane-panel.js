// <lane-panel>: the lane that was chosen: how it stands, who looks after it, and its live picture.
import { Part, h, say } from "../dom.js";
import { _, page } from "../words.js";
import { icon } from "./icon.js";
import { troubles } from "./lane-state.js";
import { actWord, paymentOf } from "./payment.js";

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
    this.payButton = h(
      "button",
      { type: "button", class: "pay", "aria-describedby": "lane-pay-why", onclick: () => this.#pay() },
      icon("payment"),
      h("span"),
    );
    this.footage = h("a", { class: "button footage", target: "_blank", rel: "noopener" }, icon("footage"), h("span"));
    this.payWhy = h("p", { class: "pay-why", id: "lane-pay-why" });
    this.append(
      this.states,
      h("div", { class: "acts" }, this.payButton, this.keepButton, this.liveButton, this.footage),
      this.payWhy,
    );
  }

  #ask(what, detail) {
    this.dispatchEvent(new CustomEvent(what, { bubbles: true, detail }));
  }

  #pay() {
    this.#ask("payment", { register: this.#lane.id, held: paymentOf(this.#lane).can === "hold" });
  }

  paint() {
    if (!this.#lane) return;
    const payment = paymentOf(this.#lane);
    const { keeper } = this.#lane;
    const mine = keeper?.id === page.me.id;
    const wrong = troubles(this.#lane);
    const lines = wrong.map((one) =>
      h("p", { class: "line", "data-off": one.off }, icon(one.icon), h("b", {}, one.word), h("span", {}, one.more)),
    );
    if (!wrong.length) lines.push(h("p", { class: "line fine" }, icon("watched"), h("b", {}, _("Watched"))));
    if (keeper) {
      const words = mine ? _("You look after it") : _("{name} looks after it", { name: keeper.name });
      lines.push(h("p", { class: "line keeper" }, icon("mine"), h("span", {}, words)));
    }
    if (payment.line) lines.push(h("p", { class: "line held" }, icon("payment"), h("b", {}, payment.line)));
    const shown = lines.map((line) => line.outerHTML).join("");
    if (shown !== this.#shown) {
      this.#shown = shown;
      this.states.replaceChildren(...lines);
    }
    this.payButton.disabled = payment.can === null;
    this.payButton.dataset.can = payment.can ?? "";
    say(this.payButton.lastElementChild, actWord(payment.can ?? (payment.held ? "release" : "hold")));
    say(this.payWhy, payment.why);
    this.payWhy.hidden = !payment.why;
    say(this.liveButton.lastElementChild, _("Live picture"));
    this.footage.hidden = !page.may_footage || !this.#lane.cameras.length;
    this.footage.href = `/footage?${new URLSearchParams({ register: this.#lane.id })}`;
    say(this.footage.lastElementChild, _("Footage"));
    say(
      this.keepButton.lastElementChild,
      mine ? _("No longer look after it") : keeper ? _("Take over") : _("Look after it"),
    );
    this.keepButton.setAttribute("aria-pressed", String(mine));
  }
}

customElements.define("lane-panel", LanePanel);
