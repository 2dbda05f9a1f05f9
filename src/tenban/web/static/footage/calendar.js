// The days of which there is footage, a month at a time.
import { ask } from "../api.js";
import { h, say } from "../dom.js";
import { dayStart, now } from "../times.js";
import { _, language, page } from "../words.js";

const DAY_MS = 24 * 3_600_000;

/** The day (2026-11-22) of the shop that a moment falls on. */
export function dayOf(at_ms) {
  return new Intl.DateTimeFormat("sv", { timeZone: page.shop.timezone, dateStyle: "short" }).format(new Date(at_ms));
}

/** When a day begins and ends in the shop: 23, 24 or 25 hours. */
export function spanOf(day) {
  return { from: dayStart(day), to: dayStart(day, DAY_MS) };
}

/** The day so many days after a day. */
export function dayAfter(day, days) {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

export class Calendar extends EventTarget {
  #month = null;
  #day = null;
  #days = {};
  #asked = 0;

  constructor() {
    super();
    this.title = h("h3");
    this.before = h("button", { type: "button", class: "quiet", onclick: () => this.#turn(-1) }, "‹");
    this.after = h("button", { type: "button", class: "quiet", onclick: () => this.#turn(1) }, "›");
    this.grid = h("div", { class: "days" });
    this.note = h("p", { class: "note", role: "status" });
    this.element = h("div", { id: "calendar", popover: "auto" }, h("header", {}, this.before, this.title, this.after), this.grid, this.note);
    this.element.addEventListener("toggle", (event) => event.newState === "open" && this.#show(this.#day.slice(0, 7)));
  }

  set day(day) {
    this.#day = day;
    this.paint();
  }

  #turn(by) {
    const [year, month] = this.#month.split("-").map(Number);
    this.#show(new Date(Date.UTC(year, month - 1 + by, 1)).toISOString().slice(0, 7));
  }

  async #show(month) {
    this.#month = month;
    this.#days = {};
    this.#asked += 1;
    const mine = this.#asked;
    say(this.note, "");
    this.paint();
    try {
      const told = await ask(`/api/v1/footage/days?${new URLSearchParams({ shop: page.shop.id, month })}`);
      if (mine !== this.#asked) return;
      this.#days = told.days;
      if (!Object.values(told.days).some((cameras) => cameras.length)) say(this.note, _("There is no footage of this month."));
    } catch (error) {
      if (mine === this.#asked) say(this.note, error.message);
    }
    this.paint();
  }

  paint() {
    this.before.setAttribute("aria-label", _("Month before"));
    this.after.setAttribute("aria-label", _("Month after"));
    if (!this.#month) return;
    const first = new Date(`${this.#month}-01T00:00:00Z`);
    const write = (options) => new Intl.DateTimeFormat(language(), { timeZone: "UTC", ...options });
    say(this.title, write({ year: "numeric", month: "long" }).format(first));
    const weekday = write({ weekday: "narrow" });
    const heads = Array.from({ length: 7 }, (_one, place) => h("span", { class: "head", "aria-hidden": "true" }, weekday.format(new Date(Date.UTC(2026, 10, 22 + place)))));
    const blanks = Array.from({ length: first.getUTCDay() }, () => h("span"));
    const long = write({ month: "long", day: "numeric", weekday: "long" });
    const days = [];
    for (const date = new Date(first); date.getUTCMonth() === first.getUTCMonth(); date.setUTCDate(date.getUTCDate() + 1)) {
      const day = date.toISOString().slice(0, 10);
      const filmed = (this.#days[day] ?? []).length;
      const word = filmed ? _("{day}: footage of {n} cameras", { day: long.format(date), n: filmed }) : _("{day}: no footage", { day: long.format(date) });
      days.push(
        h(
          "button",
          {
            type: "button",
            class: "quiet figures",
            "data-day": day,
            disabled: day > dayOf(now()),
            "data-filmed": filmed > 0,
            "aria-label": word,
            "aria-pressed": String(day === this.#day),
            title: word,
            onclick: () => {
              this.element.hidePopover();
              this.dispatchEvent(new CustomEvent("day", { detail: day }));
            },
          },
          String(date.getUTCDate()),
        ),
      );
    }
    this.grid.replaceChildren(...heads, ...blanks, ...days);
  }
}
