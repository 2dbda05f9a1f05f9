// <toast-area>: one line about what was just done, with a way back; gone by itself, never in the way.
import { Part, h } from "../dom.js";
import { _ } from "../words.js";

const SHOWN_MS = 8_000;

class ToastArea extends Part {
  #timer = 0;
  #act = null;

  build() {
    this.setAttribute("role", "status");
    this.setAttribute("aria-live", "polite");
  }

  /** Show a line; `act` is offered as a button under `word`, `link` ({href, word}) as a way there. Trouble stays until it is answered. */
  show(text, { word = null, act = null, link = null, trouble = false } = {}) {
    clearTimeout(this.#timer);
    this.#act = act;
    const button = act ? h("button", { type: "button", onclick: () => this.act() }, word) : null;
    const close = h("button", { type: "button", class: "quiet", onclick: () => this.clear() }, _("Close"));
    this.replaceChildren(
      h(
        "div",
        { class: trouble ? "toast trouble" : "toast" },
        h("p", {}, text),
        link ? h("a", { href: link.href }, link.word) : null,
        button,
        trouble ? close : null,
      ),
    );
    if (!trouble) this.#timer = setTimeout(() => this.clear(), SHOWN_MS);
  }

  /** Take the way back, if one is still offered. */
  act() {
    const act = this.#act;
    this.clear();
    act?.();
  }

  clear() {
    clearTimeout(this.#timer);
    this.#act = null;
    this.replaceChildren();
  }
}

customElements.define("toast-area", ToastArea);
