// The rows as a table: when, who, what, about what; each opens to all that was written down.
import { h, say } from "../dom.js";
import { clockTime, longDate } from "../times.js";
import { _, laneWord, page } from "../words.js";
import { actorWord, deedWord, whyWord } from "./words.js";

/** A table of rows; `show(rows)` puts them in, what was open stays open. */
export function makeRows() {
  const open = new Set();
  const heads = [() => _("When"), () => _("Who"), () => _("What"), () => _("About"), () => _("Row")];
  const headCells = heads.map(() => h("th", { scope: "col" }));
  const body = h("tbody");
  const table = h("table", { class: "log" }, h("thead", {}, h("tr", {}, headCells)), body);
  let shown = [];

  function toggle(n) {
    if (!open.delete(n)) open.add(n);
    paint();
    body.querySelector(`[data-n="${n}"] button`)?.focus();
  }

  function line(row) {
    const isOpen = open.has(row.n);
    const more = h(
      "button",
      {
        type: "button",
        class: "quiet figures",
        "aria-expanded": String(isOpen),
        "aria-label": _("Row {n}: all that was written down", { n: row.n }),
        onclick: () => toggle(row.n),
      },
      String(row.n),
    );
    const at = h("time", { datetime: row.at }, h("span", {}, longDate(row.at)), " ", h("b", {}, clockTime(row.at)));
    const cells = [
      h("td", { class: "figures" }, at),
      h("td", {}, actorWord(row.actor)),
      h("td", {}, h("div", { class: "about" }, deedWord(row), whyWord(row) ? h("span", { class: "muted" }, whyWord(row)) : null)),
      h("td", {}, h("div", { class: "about" }, aboutOf(row))),
      h("td", { class: "number" }, more),
    ];
    const lines = [h("tr", { "data-n": row.n }, cells)];
    if (isOpen) lines.push(h("tr", { class: "detail" }, h("td", { colspan: cells.length }, detailOf(row))));
    return lines;
  }

  function paint() {
    headCells.forEach((cell, place) => say(cell, heads[place]()));
    body.replaceChildren(...shown.flatMap(line));
  }

  return {
    element: table,
    show(rows) {
      shown = rows;
      paint();
    },
  };
}

function aboutOf(row) {
  const place = laneName(row.detail.place ?? row.detail.register ?? row.detail.registers?.[0]);
  const own = row.actor.id === row.subject.id || row.actor.id === `person:${row.subject.id}`;
  const name = own ? null : (row.subject.name ?? laneName(row.subject.id));
  const shop = page.shops?.[row.shop];
  const several = page.shops && Object.keys(page.shops).length > 1;
  return [
    place && place !== name ? h("span", {}, place) : null,
    name ? h("span", { class: known(row.subject) ? "" : "id", title: row.subject.id }, name) : null,
    row.detail.seen ? h("span", { class: "muted figures" }, pictureOf(row.detail.seen)) : null,
    several && shop ? h("span", { class: "muted" }, shop) : null,
    saleOf(row),
  ];
}

/** The way to the video of the sale that a row is about. */
function saleOf({ event, subject, detail }) {
  const sale = detail.sale ?? (event === "pos:receipt:printed" ? subject.id : null);
  const register = detail.register ?? detail.place ?? (event.startsWith("pos:payment:") ? subject.id : null);
  if (!page.may?.footage || !sale || !register) return null;
  const query = new URLSearchParams({ register, sale });
  return h("a", { href: `/footage/open?${query}` }, _("Footage"));
}

/** When what was looked at happened; not when it was looked at. */
function pictureOf({ from, to }) {
  const start = `${longDate(from)} ${clockTime(from)}`;
  return clockTime(from) === clockTime(to)
    ? _("picture of {at}", { at: start })
    : _("pictures of {from} to {to}", { from: start, to: clockTime(to) });
}

function known({ id, name }) {
  return name !== null || id in (page.registers ?? {});
}

function laneName(id) {
  const name = page.registers?.[id];
  return name === undefined ? id : laneWord(name);
}

function detailOf(row) {
  const told = {
    [_("Event")]: row.event,
    [_("By")]: row.actor.id,
    [_("About")]: row.subject.id,
    [_("Shop")]: row.shop ?? _("the company's"),
  };
  for (const [name, value] of Object.entries(row.detail))
    told[name] = typeof value === "object" ? JSON.stringify(value) : String(value);
  told[_("Hash")] = row.hash;
  return h(
    "dl",
    {},
    Object.entries(told).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
  );
}
