// <still-picture>: a still with what it shows, a box over what matters, and the cut-out beside it.
import { Part, h, say } from "../dom.js";
import { whyNot } from "../api.js";
import { _ } from "../words.js";

const LABELS = {
  operator: () => _("At the register"),
  enters_bagging: () => _("Into the bagging area"),
  left_basket: () => _("Out of the basket"),
  last_move: () => _("Last item moved"),
  leaving: () => _("Leaving"),
  empty_position: () => _("Nobody there"),
  basket_at_payment: () => _("Basket at payment"),
  basket_after_payment: () => _("Basket after payment"),
};

export function stillWord(label) {
  return LABELS[label]?.() ?? _("What was seen");
}

/** The sentence about a picture that is damaged or no longer kept; undefined where it may still come. */
function unshown(code) {
  return {
    damaged: _("This picture is damaged and cannot be shown."),
    key_missing: _("This picture cannot be opened: its key is missing on the server."),
    not_kept: _("This picture is no longer kept."),
  }[code];
}

class StillPicture extends Part {
  #still = null;
  #failed = false;
  #why = null;

  /** {label, url, crop_url?, box?: [x0, y0, x1, y1] in 0–1} or, without url, a place that is kept free. */
  set still(still) {
    if (still?.url !== this.#still?.url) this.#failed = false;
    this.#still = still;
    if (this.built) this.paint();
  }

  get still() {
    return this.#still;
  }

  build() {
    this.image = h("img", {
      alt: "",
      decoding: "async",
      draggable: "false",
      onerror: () => this.#fail(true, this.image.getAttribute("src")),
      onload: () => this.#loaded(),
    });
    this.crop = h("img", { class: "crop", alt: "", decoding: "async", draggable: "false", hidden: true });
    this.box = h("span", { class: "box", hidden: true });
    this.frame = h("span", { class: "frame" }, this.image, this.box, this.crop);
    this.word = h("span", { class: "word" });
    this.missing = h("span", { class: "missing", hidden: true });
    this.button = h(
      "button",
      { type: "button", class: "look", onclick: () => this.#open() },
      this.frame,
      this.missing,
      this.word,
    );
    this.append(this.button);
  }

  paint() {
    const still = this.#still;
    if (!still) return;
    const shown = Boolean(still.url) && !this.#failed;
    this.frame.hidden = !shown;
    this.missing.hidden = shown;
    say(
      this.missing,
      still.url
        ? (unshown(this.#why) ?? _("Picture could not be loaded. Tap to try again."))
        : _("Picture not there yet"),
    );
    this.button.disabled = !still.url;
    if (still.url && this.image.getAttribute("src") !== still.url) this.image.src = still.url;
    this.crop.hidden = !shown || !still.crop_url;
    if (still.crop_url && this.crop.getAttribute("src") !== still.crop_url) this.crop.src = still.crop_url;
    say(this.word, stillWord(still.label));
    this.button.setAttribute("aria-label", _("{what}: enlarge", { what: stillWord(still.label) }));
    this.#place();
  }

  #place() {
    const box = this.#still.box;
    this.box.hidden = !box;
    if (!box) return;
    const [x0, y0, x1, y1] = box.map((part) => Math.min(Math.max(part, 0), 1) * 100);
    // The cut-out lies in the corner away from what it is cut from.
    this.crop.dataset.corner = `${y0 + y1 < 90 ? "bottom" : "top"} ${x0 + x1 > 100 ? "left" : "right"}`;
    Object.assign(this.box.style, {
      left: `${x0}%`,
      top: `${y0}%`,
      width: `${x1 - x0}%`,
      height: `${y1 - y0}%`,
    });
  }

  // The frame takes the picture's own shape, so that a box lies where it belongs.
  #loaded() {
    const { naturalWidth, naturalHeight } = this.image;
    this.frame.style.aspectRatio = `${naturalWidth} / ${naturalHeight}`;
    this.#fail(false);
  }

  async #fail(failed, url) {
    this.#failed = failed;
    this.#why = null;
    this.paint();
    if (!failed || !url) return;
    const why = await whyNot(url);
    if (url !== this.#still?.url || !this.#failed) return;
    this.#why = why;
    this.paint();
  }

  #open() {
    if (this.#failed) {
      this.image.removeAttribute("src");
      this.#failed = false;
      this.paint();
      return;
    }
    this.dispatchEvent(new CustomEvent("look", { bubbles: true, detail: { still: this.#still } }));
  }
}

customElements.define("still-picture", StillPicture);
