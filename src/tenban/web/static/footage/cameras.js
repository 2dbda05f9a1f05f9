// The cameras of the shop: searched by name or register; one, two or four are shown.
import { h, say } from "../dom.js";
import { _, laneWord, page } from "../words.js";
import { registerOf } from "./state.js";

export class Cameras extends EventTarget {
  #shown = [];

  constructor() {
    super();
    this.search = h("input", { type: "search", maxlength: "60", autocomplete: "off", spellcheck: "false", oninput: () => this.paint() });
    this.list = h("ul");
    this.nothing = h("p", { class: "nothing", hidden: true });
    this.rows = page.cameras.map((camera) => {
      const only = h("button", { type: "button", class: "only", onclick: () => this.#choose([camera.id]) });
      const name = h("b", {}, camera.name);
      const lanes = h("span", {});
      only.append(name, lanes);
      const beside = h("button", { type: "button", class: "beside quiet", onclick: () => this.#beside(camera.id) });
      return { camera, only, lanes, beside, element: h("li", {}, only, beside) };
    });
    this.list.append(...this.rows.map((row) => row.element));
    this.element = h("section", { class: "cameras" }, this.search, this.list, this.nothing);
  }

  set shown(ids) {
    this.#shown = ids;
    this.paint();
  }

  #choose(ids) {
    this.dispatchEvent(new CustomEvent("choose", { detail: ids }));
  }

  #beside(id) {
    const others = this.#shown.filter((one) => one !== id);
    if (others.length < this.#shown.length) this.#choose(others.length ? others : [id]);
    else this.#choose([...this.#shown, id].slice(-4));
  }

  paint() {
    const wanted = this.search.value.trim().normalize("NFKC").toLowerCase();
    this.search.placeholder = _("Search camera or register");
    this.search.setAttribute("aria-label", this.search.placeholder);
    this.list.setAttribute("aria-label", _("Cameras"));
    let any = false;
    for (const { camera, only, lanes, beside, element } of this.rows) {
      const names = camera.registers.map((id) => laneWord(registerOf(id)?.name ?? id));
      const text = `${camera.name} ${camera.id} ${names.join(" ")}`.normalize("NFKC").toLowerCase();
      const shown = this.#shown.includes(camera.id);
      element.hidden = !text.includes(wanted);
      any ||= !element.hidden;
      element.toggleAttribute("data-shown", shown);
      only.setAttribute("aria-pressed", String(shown));
      say(lanes, names.join(", "));
      const word = shown ? _("Take {camera} away", { camera: camera.name }) : _("{camera} beside the others", { camera: camera.name });
      beside.setAttribute("aria-label", word);
      beside.title = word;
      say(beside, shown ? "−" : "+");
    }
    this.nothing.hidden = any;
    say(this.nothing, page.cameras.length ? _("No camera fits.") : _("This shop has no cameras yet."));
  }
}
