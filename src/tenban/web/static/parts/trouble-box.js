// What went wrong, in the place of what it kept from coming, with a button that tries again.
import { h } from "../dom.js";
import { _ } from "../words.js";

/** The lines of such a box, for one that says other things as well. */
export function againLines(error, again) {
  return [h("p", {}, error.message), h("button", { type: "button", onclick: again }, _("Try again"))];
}

class TroubleBox extends HTMLElement {
  connectedCallback() {
    this.classList.add("trouble");
    this.setAttribute("role", "alert");
    if (!this.hasChildNodes()) this.hidden = true;
  }

  /** Say what went wrong; `again` is what the button does. */
  tell(error, again) {
    this.replaceChildren(...againLines(error, again));
    this.hidden = false;
  }

  /** All is well again. */
  clear() {
    this.hidden = true;
    this.replaceChildren();
  }
}

customElements.define("trouble-box", TroubleBox);
