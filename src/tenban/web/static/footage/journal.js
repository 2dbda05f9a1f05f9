// The till's journal beside the picture, moving with it: a line is a moment.
import { ask } from "../api.js";
import { h, say } from "../dom.js";
import { clockTime } from "../times.js";
import { _, laneWord, page } from "../words.js";
import { registerOf } from "./state.js";
import { methodWord, money, typeWord } from "./words.js";

const BEFORE_MS = 20 * 60_000;
const AFTER_MS = 20 * 60_000;
const EDGE_MS = 4 * 60_000;
// Of a till that is off by less than this nothing is said.
const ALIKE_MS = 50;

export class Journal extends EventTarget {
  #register = null;
  #window = null;
  #lines = [];
  #current = null;
  #asked = 0;
  #follows = true;
  #retry_ms = 0;
  #wanted = null;
  #clock = null;
  #sales = {};

  constructor() {
    super();
    this.title = h("h2");
    this.clock = h("p", { class: "clock" });
    this.sale = h("b", { class: "figures" });
    this.caseButton = h("button", { type: "button", class: "quiet", onclick: () => this.dispatchEvent(new CustomEvent("case", { detail: this.#saleHere() })) });
    this.about = h("div", { class: "about", hidden: true }, this.sale, page.may.case ? this.caseButton : null);
    this.list = h("ol", { class: "lines" });
    this.trouble = h("p", { class: "trouble", role: "alert", hidden: true });
    this.nothing = h("p", { class: "nothing", hidden: true });
    this.followButton = h("button", { type: "button", class: "follow", hidden: true, onclick: () => this.follow() });
    this.scroller = h("div", { class: "scroller", tabindex: "0" }, this.trouble, this.nothing, this.list);
    this.element = h("section", { class: "journal" }, h("header", {}, this.title, this.clock, this.about), this.scroller, this.followButton);
    // Whoever turns the pages is not pulled back.
    for (const name of ["wheel", "touchmove", "pointerdown"])
      this.scroller.addEventListener(name, (event) => name === "pointerdown" && event.target !== this.scroller ? null : this.#let(), { passive: true });
  }

  get lines() {
    return this.#lines;
  }

  set register(id) {
    if (id === this.#register) return;
    this.#register = id;
    this.#window = null;
    this.#lines = [];
    this.#clock = null;
    this.list.replaceChildren();
    this.paint();
  }

  set wanted(event) {
    this.#wanted = event;
    for (const row of this.list.children) row.toggleAttribute("data-wanted", row.dataset.id === event);
  }

  #let() {
    this.#follows = false;
    this.followButton.hidden = this.#lines.length === 0;
  }

  follow() {
    this.#follows = true;
    this.followButton.hidden = true;
    this.#reveal();
  }

  /** Move to a moment; lines around it are fetched where they are not there yet. */
  set at(at) {
    if (this.#register === null) return;
    const window = this.#window;
    const near = window && at >= window.from + (window.first ? 0 : EDGE_MS) && at < window.to - EDGE_MS;
    if (!near && performance.now() > this.#retry_ms) this.#fetch(at);
    const place = this.#lines.findLastIndex((line) => line.at <= at + 1);
    const line = place < 0 ? null : this.#lines[place];
    if (line === this.#current) return;
    this.#current?.row.removeAttribute("aria-current");
    this.#current = line;
    line?.row.setAttribute("aria-current", "true");
    this.#paintSale();
    if (this.#follows) this.#reveal();
  }

  /** Fetch anew what is on screen: for a day that goes on. */
  refresh(at) {
    if (this.#register !== null) this.#fetch(at);
  }

  /** The sale of this moment's line, {register, number}: of a refund or void the one it is about. */
  #saleHere() {
    const number = this.#current?.of_sale ?? this.#current?.sale;
    return number ? { register: this.#register, number } : null;
  }

  #paintSale() {
    const here = this.#saleHere();
    this.about.hidden = here === null;
    if (here === null) return;
    say(this.sale, [_("Sale {n}", { n: here.number }), money(this.#sales[here.number]?.total ?? null)].filter(Boolean).join(" · "));
    say(this.caseButton, _("To a case…"));
    this.caseButton.setAttribute("aria-label", _("Sale {n} into a case", { n: here.number }));
  }

  #reveal() {
    const row = this.#current?.row;
    if (!row) return;
    const top = row.offsetTop - this.scroller.clientHeight / 2 + row.offsetHeight / 2;
    this.scroller.scrollTo({ top, behavior: "auto" });
  }

  async #fetch(at) {
    this.#retry_ms = performance.now() + 4_000;
    this.#asked += 1;
    const mine = this.#asked;
    const [from, to] = [at - BEFORE_MS, at + AFTER_MS];
    const query = new URLSearchParams({ register: this.#register, from: new Date(from).toISOString(), to: new Date(to).toISOString() });
    try {
      const told = await ask(`/api/v1/footage/journal?${query}`);
      if (mine !== this.#asked) return;
      this.#retry_ms = 0;
      this.#window = { from, to: told.next ? Date.parse(told.next) : to };
      this.#take(told);
      this.trouble.hidden = true;
    } catch (error) {
      if (mine !== this.#asked) return;
      // Policy: the picture plays on; the journal says why it is not there, and asks again by itself.
      this.trouble.hidden = false;
      say(this.trouble, error.message);
    }
    this.paint();
    this.at = at;
  }

  #take({ lines, sales, clock }) {
    this.#clock = clock;
    this.#sales = sales;
    let sale;
    this.#lines = lines.map((line) => {
      const begins = line.sale !== sale;
      sale = line.sale;
      const one = { ...line, at: Date.parse(line.at) };
      one.row = this.#row(one, sales[line.sale], begins);
      return one;
    });
    this.#current = null;
    this.list.replaceChildren(...this.#lines.map((line) => line.row));
  }

  #row(line, sale, begins) {
    const text = h("span", { class: "what" }, ...whatOf(line));
    const amount = h("span", { class: "amount figures" }, line.struck ? h("s", {}, money(amountOf(line))) : money(amountOf(line)));
    const button = h(
      "button",
      { type: "button", class: "line", onclick: () => this.dispatchEvent(new CustomEvent("line", { detail: line })) },
      h("time", { class: "figures", datetime: new Date(line.at).toISOString() }, clockTime(line.at)),
      text,
      amount,
    );
    const attributes = {
      "data-id": line.id,
      "data-type": line.type,
      "data-mark": line.mark,
      "data-struck": line.struck,
      "data-begins": begins,
      "data-void": sale?.voided,
      "data-wanted": line.id === this.#wanted,
    };
    return h("li", attributes, button);
  }

  paint() {
    const register = registerOf(this.#register);
    say(this.title, register ? _("Journal of {lane}", { lane: laneWord(register.name) }) : _("Journal"));
    this.scroller.setAttribute("aria-label", this.title.textContent);
    this.nothing.hidden = this.#lines.length > 0 || !this.trouble.hidden;
    say(this.nothing, register ? _("The till told nothing around this moment.") : _("No register belongs to these cameras."));
    say(this.followButton, _("Follow the picture"));
    this.#paintSale();
    say(this.clock, this.#clock ? clockWord(this.#clock) : "");
  }

  /** Say all of it anew, in another language. */
  speak() {
    this.paint();
    this.#window = null;
    this.#retry_ms = 0;
  }
}

function amountOf(line) {
  if (line.item) return line.item.amount;
  return line.total ?? line.amount;
}

function whatOf(line) {
  const { item } = line;
  if (item && line.type === "item_registered") {
    const count = item.quantity > 1 ? ` ×${item.quantity}` : "";
    const name = `${item.name ?? item.plu ?? _("Item")}${count}`;
    return [line.struck ? h("s", {}, name) : name, line.struck ? h("em", {}, _("taken back")) : null].filter(Boolean);
  }
  const more = item?.name ?? item?.plu ?? (item?.line ? _("line {n}", { n: item.line }) : null);
  const paid = line.payments.map((one) => [methodWord(one.method), one.card].filter(Boolean).join(" ")).join(", ");
  const parts = [more, paid, line.of_sale ? _("of sale {n}", { n: line.of_sale }) : null, line.cashier, line.reason];
  const head = line.type === "sale_started" && line.sale ? `${typeWord(line.type)} ${line.sale}` : typeWord(line.type);
  return [h("b", {}, head), parts.filter(Boolean).length ? h("span", { class: "more" }, parts.filter(Boolean).join(" · ")) : null].filter(Boolean);
}

/** How the till's clock stands: "ahead" is what the till shows beyond our time. */
function clockWord({ offset_ms, error_ms, stepped_at, how, count }) {
  const off = Math.abs(offset_ms);
  const values = { off: span(off), error: (error_ms / 1000).toFixed(error_ms < 95 ? 2 : 1) };
  const words =
    off <= Math.max(ALIKE_MS, error_ms)
      ? _("Till's clock right, ±{error} s", values)
      : offset_ms < 0
        ? _("Till {off} ahead, ±{error} s: put right here", values)
        : _("Till {off} behind, ±{error} s: put right here", values);
  const set = stepped_at ? _("Its clock was set at {time}.", { time: clockTime(stepped_at) }) : null;
  const by = how === "sightings" ? _("by {n} items seen leaving the basket", { n: count }) : count ? _("by the receipt of {n} events", { n: count }) : null;
  return [[words, by].filter(Boolean).join(" · "), set].filter(Boolean).join(" · ");
}

function span(ms) {
  const s = ms / 1000;
  if (s < 90) return _("{n} s", { n: s.toFixed(1) });
  const minutes = Math.floor(s / 60);
  const rest = (s - minutes * 60).toFixed(0).padStart(2, "0");
  if (minutes < 60) return _("{m} min {s} s", { m: minutes, s: rest });
  return _("{h} h {m} min {s} s", { h: Math.floor(minutes / 60), m: String(minutes % 60).padStart(2, "0"), s: rest });
}
