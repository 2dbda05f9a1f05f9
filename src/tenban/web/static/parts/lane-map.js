// <lane-map>: the lanes as they stand in the shop. What needs somebody lights up; what is not watched, whose
// camera is lost or whose till is silent says so in words. A tap shows that lane alone.
import { Part, h } from "../dom.js";
import { clockTime } from "../times.js";
import { _, laneWord } from "../words.js";
import { icon } from "./icon.js";
import { troubles } from "./lane-state.js";
import { paymentOf } from "./payment.js";

const URGENCIES = {
  passed: () => _("Passed on to supervisors"),
  urgent: () => _("Unconfirmed"),
  open: () => _("In hand"),
};

class LaneMap extends Part {
  #lanes = [];
  #open = new Map();
  #chosen = null;
  #since = null;
  #shown = "";

  /** Lanes as the API tells them; {count, urgency} of open incidents by lane; the lane chosen; stale since. */
  show(lanes, open, chosen, since = null) {
    this.#lanes = lanes;
    this.#open = open;
    this.#chosen = chosen;
    this.#since = since;
    if (this.built) this.paint();
  }

  paint() {
    const found = this.#lanes.map((lane) => [lane, troubles(lane)]);
    const language = document.documentElement.lang;
    const shown = JSON.stringify([found, [...this.#open], this.#chosen, this.#since, language]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const focused = this.contains(document.activeElement) ? document.activeElement.dataset : {};
    const floor = h("div", { class: "floor" }, found.map(([lane, wrong]) => this.#cell(lane, wrong)));
    this.#place(floor);
    const well = found.filter(([, wrong]) => !wrong.length).length;
    const sum = h(
      "p",
      { class: "sum" },
      icon("watched"),
      _("Watched: {n} of {all}", { n: well, all: found.length }),
    );
    const stale = this.#since
      ? h("p", { class: "stale" }, icon("lost"), _("Lane states are from {time}", { time: clockTime(this.#since) }))
      : null;
    const rows = found.filter(([, wrong]) => wrong.length).map(([lane, wrong]) => this.#row(lane, wrong));
    this.replaceChildren(
      ...[floor, stale, found.length ? sum : null, rows.length ? h("div", { class: "wrong" }, rows) : null].filter(
        Boolean,
      ),
    );
    if (focused.lane) {
      const part = focused.row === undefined ? ".lane-tile" : ".lane-trouble";
      this.querySelector(`${part}[data-lane="${CSS.escape(focused.lane)}"]`)?.focus();
    }
  }

  // Rows and columns nobody stands in are left out: the map shows who is beside whom.
  #place(floor) {
    const cells = this.#lanes.map((lane, place) => lane.at ?? [(place % 4) + 1, Math.floor(place / 4) + 1]);
    const [columns, rows] = [0, 1].map((axis) =>
      [...new Set(cells.map((cell) => cell[axis]))].sort((a, b) => a - b),
    );
    this.toggleAttribute("data-wide", columns.length > 4);
    floor.style.setProperty("--columns", String(Math.max(columns.length, 1)));
    cells.forEach(([column, row], place) => {
      floor.children[place].style.gridColumn = String(columns.indexOf(column) + 1);
      floor.children[place].style.gridRow = String(rows.indexOf(row) + 1);
    });
  }

  #choose(lane) {
    const detail = { lane: this.#chosen === lane.id ? null : lane.id };
    this.dispatchEvent(new CustomEvent("choose", { bubbles: true, detail }));
  }

  #cell(lane, wrong) {
    const { count = 0, urgency = null } = this.#open.get(lane.id) ?? {};
    const payment = paymentOf(lane);
    const number = /^\d+$/.test(lane.name);
    const words = [
      laneWord(lane.name),
      count ? _("{n} open", { n: count }) : "",
      urgency ? URGENCIES[urgency]() : "",
      ...(wrong.length ? wrong.map(({ word, more }) => `${word} ${more}`.trim()) : [_("Watched")]),
      payment.line,
      lane.keeper ? _("{name} looks after it", { name: lane.keeper.name }) : "",
    ];
    return h(
      "button",
      {
        type: "button",
        class: "lane-tile",
        "data-lane": lane.id,
        "data-urgency": urgency,
        "data-trouble": wrong.some((one) => !one.off),
        "data-off": wrong.some((one) => one.off),
        "aria-pressed": String(this.#chosen === lane.id),
        "aria-label": words.filter(Boolean).join(", "),
        title: words.filter(Boolean).join("\n"),
        onclick: () => this.#choose(lane),
      },
      payment.held ? h("span", { class: "stopped" }, icon("payment")) : null,
      h("span", { class: number ? "name number figures" : "name" }, number ? lane.name : laneWord(lane.name)),
      h(
        "span",
        { class: "signs" },
        urgency ? h("span", { class: "count figures" }, icon(urgency === "passed" ? "passed" : "unconfirmed"), String(count)) : null,
        wrong.length ? wrong.map((one) => icon(one.icon)) : urgency ? null : icon("watched"),
      ),
    );
  }

  #row(lane, wrong) {
    return h(
      "button",
      {
        type: "button",
        class: "lane-trouble quiet",
        "data-off": wrong.some((one) => one.off),
        "data-lane": lane.id,
        "data-row": "",
        onclick: () => this.#choose(lane),
      },
      h("b", {}, laneWord(lane.name)),
      wrong.flatMap((one) => [
        h("span", { class: "line" }, icon(one.icon), h("span", {}, one.word)),
        one.more ? h("span", { class: "more" }, one.more) : null,
      ]),
    );
  }
}

customElements.define("lane-map", LaneMap);
