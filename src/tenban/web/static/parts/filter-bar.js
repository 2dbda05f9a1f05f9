// <filter-bar>: which incidents the list shows; kept in the URL, so that it survives a reload and can be shared.
import { Part, h, say } from "../dom.js";
import { _ } from "../words.js";
import { icon } from "./icon.js";
import { stateWord } from "./state-chip.js";

const STATES = ["open", "unconfirmed", "pending", "resolved", "withdrawn", "all"];
const SPANS = { "5m": 300, "30m": 1800, "2h": 7200, "12h": 43200 };

/** Read {lane, state, span} from the URL; what is not understood counts as not given. */
export function filterOfUrl(usual_span = "30m") {
  const query = new URLSearchParams(location.search);
  const state = query.get("state");
  const span = query.get("span");
  return {
    lane: query.get("lane"),
    state: STATES.includes(state) ? state : "open",
    span: span in SPANS ? span : usual_span,
  };
}

export function filterToUrl({ lane, state, span }, usual_span = "30m") {
  const url = new URL(location.href);
  const wanted = { lane, state: state === "open" ? null : state, span: span === usual_span ? null : span };
  for (const [name, value] of Object.entries(wanted)) {
    if (value) url.searchParams.set(name, value);
    else url.searchParams.delete(name);
  }
  if (url.href !== location.href) history.pushState(null, "", url);
}

export function span_ms(span) {
  return SPANS[span] * 1000;
}

export const SPAN_NAMES = Object.keys(SPANS);

export function spanWord(span) {
  const words = { "5m": _("5 minutes"), "30m": _("30 minutes"), "2h": _("2 hours"), "12h": _("12 hours") };
  return words[span];
}

export function isOpen(card) {
  return card.state !== "resolved" && card.state !== "withdrawn";
}

/** Does the state filter let this card through? */
export function stateFits(state, card) {
  return state === "all" || (state === "open" ? isOpen(card) : card.state === state);
}

class FilterBar extends Part {
  #filter = { lane: null, state: "open", span: "30m" };
  #laneName = "";
  #counts = {};

  show(filter, laneName, counts) {
    this.#filter = filter;
    this.#laneName = laneName;
    this.#counts = counts;
    if (this.built) this.paint();
  }

  build() {
    this.states = STATES.map((state) =>
      h(
        "button",
        { type: "button", class: "quiet", "data-state": state, onclick: () => this.#choose({ state }) },
        h("span"),
        h("span", { class: "count figures" }),
      ),
    );
    this.laneButton = h(
      "button",
      { type: "button", class: "lane-filter", onclick: () => this.#choose({ lane: null }) },
      h("span"),
      icon("close"),
      h("span", { class: "unseen" }),
    );
    this.group = h("div", { role: "group", class: "states" }, this.states);
    this.append(this.laneButton, this.group);
  }

  #choose(change) {
    this.dispatchEvent(new CustomEvent("filter", { bubbles: true, detail: change }));
  }

  paint() {
    this.group.setAttribute("aria-label", _("Show"));
    for (const button of this.states) {
      const { state } = button.dataset;
      const word = { open: _("Open"), all: _("All") }[state] ?? stateWord(state);
      say(button.firstElementChild, word);
      const count = this.#counts[state];
      say(button.lastElementChild, count ? String(count) : "");
      button.setAttribute("aria-pressed", String(this.#filter.state === state));
    }
    this.laneButton.hidden = !this.#filter.lane;
    say(this.laneButton.firstElementChild, this.#laneName);
    say(this.laneButton.lastElementChild, _("Show all lanes"));
  }
}

customElements.define("filter-bar", FilterBar);

/** <span-filter>: how far back the history reaches. */
class SpanFilter extends Part {
  #span = "30m";

  set span(span) {
    this.#span = span;
    if (this.built) this.paint();
  }

  build() {
    this.select = h("select", {
      onchange: () =>
        this.dispatchEvent(new CustomEvent("filter", { bubbles: true, detail: { span: this.select.value } })),
    });
    this.select.append(...Object.keys(SPANS).map((span) => h("option", { value: span })));
    this.append(this.select);
  }

  paint() {
    for (const option of this.select.options) say(option, spanWord(option.value));
    this.select.value = this.#span;
    this.select.setAttribute("aria-label", _("How far back"));
  }
}

customElements.define("span-filter", SpanFilter);
