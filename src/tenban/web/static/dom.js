// Building elements without markup in strings, and the base of every part.

/** Make an element: attributes by name, `on…` as listeners, `true` as present, null and false left out. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(
    ...children.flat().filter((child) => child !== null && child !== undefined && child !== false),
  );
  return element;
}

/** Set an element's text only when it differs, so that a screen reader is not told twice. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** A part of a page: builds its inside once, paints it whenever its data or the language changes. */
export class Part extends HTMLElement {
  #built = false;
  #repaint = () => this.paint();

  connectedCallback() {
    if (!this.#built) {
      this.#built = true;
      this.build();
    }
    document.addEventListener("language", this.#repaint);
    this.paint();
  }

  disconnectedCallback() {
    document.removeEventListener("language", this.#repaint);
    this.leave();
  }

  get built() {
    return this.#built;
  }

  build() {}
  paint() {}
  leave() {}
}
