// What every screen of the register is made of: built once, painted at each change and in each language.
import { h, say } from "../dom.js";
import { money } from "./core/money.js";
import { icon } from "./icons.js";
import { _, language, page } from "../words.js";

export function price(amount) {
  return money(amount, page.shop.currency, language());
}

export class Screen {
  #words = [];

  constructor(till) {
    this.till = till;
  }

  /** An element whose text is worked out at each painting. */
  text(tag, attributes, make) {
    const element = h(tag, attributes);
    this.#words.push(() => say(element, make()));
    return element;
  }

  /** A button with a text, and with an icon where one is named. */
  button(make, onclick, { name = null, ...attributes } = {}) {
    const label = this.text("span", {}, make);
    return h("button", { type: "button", onclick, ...attributes }, name ? icon(name) : null, label);
  }

  /** Do something at each painting. */
  also(work) {
    this.#words.push(work);
  }

  paint() {
    for (const word of this.#words) word();
  }
}

/** Keep a list's elements by key: made once, painted at each call, removed when gone. */
export function each(container, items, keyOf, make) {
  const have = new Map([...container.children].map((child) => [child.dataset.key, child]));
  items.forEach((item, place) => {
    const key = String(keyOf(item));
    let child = have.get(key);
    if (!child) {
      child = make(item);
      child.dataset.key = key;
    }
    have.delete(key);
    if (container.children[place] !== child) container.insertBefore(child, container.children[place] ?? null);
    child.paint?.(item);
  });
  for (const gone of have.values()) gone.remove();
}

/** A modal sheet: Escape closes it where it may be closed; the focus goes back where it was. */
export class Sheet extends Screen {
  constructor(till, name) {
    super(till);
    this.element = h("dialog", { class: `sheet ${name}`, "aria-labelledby": `${name}-title` });
    this.name = name;
    this.element.addEventListener("cancel", (event) => {
      if (!this.closable) event.preventDefault();
    });
    this.element.addEventListener("click", ({ target }) => {
      if (target === this.element && this.closable) this.close();
    });
  }

  closable = true;

  title(make) {
    return this.text("h2", { id: `${this.name}-title` }, make);
  }

  /** The title, and the button that closes the sheet. */
  head(make) {
    const close = this.button(
      () => _("Close"),
      () => this.close(),
      { name: "close", class: "quiet" },
    );
    return h("div", { class: "head" }, this.title(make), close);
  }

  get open() {
    return this.element.open;
  }

  show() {
    this.paint();
    if (!this.element.open) this.element.showModal();
  }

  close() {
    if (this.element.open) this.element.close();
  }
}
