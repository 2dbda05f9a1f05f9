// <rate-bar>: a share with its interval and its base. Without a base it says so; it never pretends to know.
import { Part, h } from "../dom.js";
import { _ } from "../words.js";

class RateBar extends Part {
  #rate = null;

  set rate(rate) {
    this.#rate = rate;
    if (this.built) this.paint();
  }

  paint() {
    if (!this.#rate) return;
    const { share, low, high, base } = this.#rate;
    if (share === null) {
      this.replaceChildren(h("span", { class: "none" }, _("no labels yet")));
      return;
    }
    const percent = (part) => Math.round(part * 100);
    const bar = h("span", { class: "interval" });
    const point = h("span", { class: "point" });
    bar.style.left = `${low * 100}%`;
    bar.style.width = `${(high - low) * 100}%`;
    point.style.left = `${share * 100}%`;
    const words = _("{share} % ({low}–{high} %) of {base}", {
      share: percent(share),
      low: percent(low),
      high: percent(high),
      base,
    });
    this.replaceChildren(h("span", { class: "track", "aria-hidden": "true" }, bar, point), h("span", { class: "figures" }, words));
  }
}

customElements.define("rate-bar", RateBar);
