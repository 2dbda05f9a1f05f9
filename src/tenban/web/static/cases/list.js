// /cases: every case, searched; what is looked for stands in the address.
import { ask } from "../api.js";
import { h, say } from "../dom.js";
import { openAsk } from "../settings/asking.js";
import { _, page } from "../words.js";
import { choiceField, textField } from "./fields.js";
import { makeRoom, makeTrouble } from "./room.js";
import { STATES, inWords, moment } from "./words.js";

const WAIT_MS = 250;
const room = makeRoom();
const begin = h("button", { type: "button", class: "primary", onclick: openNew });
if (page.may.edit) room.head.append(begin);
const search = h("input", { type: "search", class: "settings-input", maxlength: 200, id: "search", oninput: later });
const searchLabel = h("label", { for: "search", class: "unseen" });
const states = [null, "open", "sealed"].map((state) =>
  h("button", { type: "button", "data-state-choice": state ?? "all", onclick: () => choose(state) }),
);
const bar = h("div", { class: "case-search", role: "search" }, searchLabel, search, h("div", { class: "choice", role: "group" }, states));
const trouble = makeTrouble(() => fetchMore());
const count = h("p", { class: "count", role: "status" });
const rows = h("ul", { class: "case-list" });
const empty = h("div", { class: "empty", hidden: true }, h("p", {}), h("p", { class: "help" }));
const more = h("button", { type: "button", hidden: true, onclick: () => fetchMore() });
room.main.append(bar, trouble.element, count, rows, empty, more);
let known = [];
let next = null;
let asked = 0;
let timer = 0;
let state = null;

function later() {
  clearTimeout(timer);
  timer = setTimeout(restart, WAIT_MS);
}

function choose(one) {
  state = one;
  paint();
  restart();
}

function restart() {
  const url = new URL(location.href);
  for (const [name, value] of [["q", search.value.trim()], ["state", state]]) {
    if (value) url.searchParams.set(name, value);
    else url.searchParams.delete(name);
  }
  history.replaceState(null, "", url);
  next = null;
  return fetchMore();
}

async function fetchMore() {
  asked += 1;
  const mine = asked;
  const query = new URLSearchParams();
  if (search.value.trim()) query.set("q", search.value.trim());
  if (state) query.set("state", state);
  if (next) query.set("before", next);
  try {
    const answer = await ask(`/api/v1/cases?${query}`);
    if (mine !== asked) return; // a newer search is on its way
    known = next === null ? answer.cases : [...known, ...answer.cases];
    next = answer.next;
    trouble.clear();
  } catch (error) {
    // Policy: what was found stays; the page says what went wrong and offers to try again.
    if (mine === asked) trouble.show(error);
  }
  paint();
}

async function openNew() {
  const shops = Object.entries(page.shops);
  const fields = [
    textField("title", _("Title"), { help: _("Such as: lane 3, 22 November. No names: whoever opens the list reads it.") }),
    ...(shops.length > 1 ? [choiceField("shop", _("Shop"), shops)] : []),
  ];
  const made = await openAsk({
    title: _("New case"),
    fields,
    word: _("Open the case"),
    send: (values) => inWords(() => ask("/api/v1/cases", { method: "POST", body: values })),
  });
  if (made) location.assign(`/cases/${made.id}`);
}

function line(one) {
  const several = Object.keys(page.shops).length > 1;
  return h(
    "li",
    {},
    h(
      "a",
      { href: `/cases/${one.id}` },
      h("span", { class: "reference figures" }, one.reference),
      h("b", {}, one.title ?? _("Case {reference}", { reference: one.reference })),
      h("span", { class: "case-state", "data-state": one.state }, STATES[one.state]()),
      h(
        "span",
        { class: "muted" },
        [
          several ? (page.shops[one.shop] ?? one.shop) : null,
          _("{n} in it", { n: one.items }),
          one.packages ? _("packages: {n}", { n: one.packages }) : null,
          `${one.opened_by}, ${moment(one.opened_at)}`,
        ]
          .filter(Boolean)
          .join(" · "),
      ),
    ),
  );
}

function paint() {
  room.title(_("Cases"));
  say(begin, _("New case…"));
  say(searchLabel, _("Search by title or reference"));
  search.placeholder = _("Title or reference");
  const words = { all: _("All"), open: _("In preparation"), sealed: _("Sealed") };
  for (const button of states) {
    say(button, words[button.dataset.stateChoice]);
    button.setAttribute("aria-pressed", String((state ?? "all") === button.dataset.stateChoice));
  }
  rows.replaceChildren(...known.map(line));
  const sought = Boolean(search.value.trim() || state);
  empty.hidden = known.length > 0 || asked === 0 || !trouble.element.hidden;
  say(empty.firstElementChild, sought ? _("No case fits.") : _("There is no case yet."));
  say(
    empty.lastElementChild,
    sought ? "" : _("A case keeps what belongs together, such as an incident with its footage, from being destroyed, and becomes a signed package to give away."),
  );
  more.hidden = next === null;
  say(more, _("Older cases"));
  say(count, known.length ? _("{n} cases", { n: known.length }) : "");
}

const query = new URLSearchParams(location.search);
search.value = query.get("q") ?? "";
state = query.get("state");
document.addEventListener("language", paint);
paint();
restart();
