// /audit: the log searched, proven and taken away. What is looked for stands in the address.
import { ask } from "../api.js";
import { h, say } from "../dom.js";
import { clockTime, dayStart, longDate } from "../times.js";
import { _, page } from "../words.js";
import { makeList, makeRoom, toasts } from "./room.js";
import { EVENTS, SOURCES } from "./words.js";

const FIELDS = ["from", "until", "who", "event", "about"];
const DAY_MS = 24 * 3600 * 1000;
const PROOF_MS = 300_000;

let fieldCount = 0;

const room = makeRoom();
const fields = {
  from: input({ type: "date" }, () => _("From")),
  until: input({ type: "date" }, () => _("To, that day included")),
  who: input({ type: "search", maxlength: 100 }, () => _("Who")),
  event: select(() => _("What")),
  about: input({ type: "search", maxlength: 200 }, () => _("About")),
};
const submit = h("button", { type: "submit", class: "primary" });
const clear = h("button", { type: "button", class: "quiet", onclick: () => fill({}) });
const form = h(
  "form",
  { class: "search", role: "search", onsubmit: (event) => (event.preventDefault(), keep(), list.start()) },
  FIELDS.map((name) => fields[name].element),
  h("div", { class: "acts" }, submit, clear),
);
const reached = h("p", { class: "figures" });
const stamped = h("p", { class: "figures", hidden: true });
const proof = h("p", { role: "status", hidden: true });
const proveButton = h("button", { type: "button", onclick: prove });
const table = h("a", { class: "button quiet", download: "", onclick: take });
const whole = h("a", { class: "button quiet", href: "/api/v1/audit/export.jsonl", download: "", onclick: take });
const state = h(
  "section",
  { class: "reached", "aria-live": "polite" },
  h("div", {}, reached, stamped, proof),
  h("div", { class: "acts" }, proveButton, table, page.may.whole ? whole : null),
);
/** Take the log along, once it is shown who asks: a link has no way to be asked and come again. */
async function take(event) {
  event.preventDefault();
  const { href } = event.currentTarget;
  const { proven } = await import("../step-up.js");
  if (await proven("audit:take")) location.assign(href);
}

const list = makeList({
  pathOf: (before) => {
    const query = wanted();
    if (before !== null) query.set("before", before);
    return `/api/v1/audit?${query}`;
  },
  nothing: () => _("Nothing was written down that fits. Try fewer words or a longer time."),
  heard: (answer) => {
    log = answer.log;
    paint();
  },
});
let log = null;
let proven = null;
room.main.append(state, form, list.element);

function input(attributes, word) {
  const element = h("input", { class: "settings-input", autocomplete: "off", spellcheck: "false", ...attributes });
  return labelled(element, word);
}

function select(word) {
  const groups = Object.keys(SOURCES).map((source) =>
    h(
      "optgroup",
      { "data-source": source },
      h("option", { value: source }),
      Object.keys(EVENTS)
        .filter((event) => event.startsWith(source))
        .map((event) => h("option", { value: event })),
    ),
  );
  const element = h("select", { class: "settings-input" }, h("option", { value: "" }), groups);
  const made = labelled(element, word);
  const paintLabel = made.paint;
  made.paint = () => {
    paintLabel();
    for (const option of element.options) {
      const all = option.value in SOURCES ? _("All of: {what}", { what: SOURCES[option.value]() }) : null;
      say(option, option.value ? (all ?? EVENTS[option.value]()) : _("Everything"));
    }
    for (const group of element.querySelectorAll("optgroup")) group.label = SOURCES[group.dataset.source]();
  };
  return made;
}

function labelled(control, word) {
  fieldCount += 1;
  control.id = `field-${fieldCount}`;
  const label = h("label", { for: control.id });
  return { control, element: h("div", { class: "field" }, label, control), paint: () => say(label, word()) };
}

/** What the API is asked: days begin and end where the shop is. */
function wanted() {
  const query = new URLSearchParams();
  const { from, until, who, event, about } = Object.fromEntries(
    FIELDS.map((name) => [name, fields[name].control.value.trim()]),
  );
  if (from) query.set("from", new Date(dayStart(from)).toISOString());
  if (until) query.set("until", new Date(dayStart(until, DAY_MS)).toISOString());
  for (const [name, value] of Object.entries({ who, event, about })) if (value) query.set(name, value);
  return query;
}

function keep() {
  const url = new URL(location.href);
  for (const name of FIELDS) {
    const value = fields[name].control.value.trim();
    if (value) url.searchParams.set(name, value);
    else url.searchParams.delete(name);
  }
  if (url.href !== location.href) history.pushState(null, "", url);
  paint();
}

function fill(values) {
  for (const name of FIELDS) fields[name].control.value = values[name] ?? "";
  keep();
  list.start();
}

async function prove() {
  proveButton.disabled = true;
  proven = { words: () => _("Every row and every signature is being checked …"), kind: "info" };
  paint();
  try {
    const found = await ask("/api/v1/audit/proof", { method: "POST", patience_ms: PROOF_MS });
    const n = { rows: found.rows, sealed: found.sealed_n, at: clockTime(found.proven_at), stamps: found.stamps };
    proven = found.whole
      ? { words: () => wholeWords(n), kind: "ok" }
      : { words: () => _("Not whole: {rows} rows hold, then: {fault}", { ...n, fault: found.fault }), kind: "urgent" };
  } catch (error) {
    // Policy: a proof that could not be made says nothing about the log.
    proven = null;
    toasts.show(error.message, { trouble: true });
  }
  proveButton.disabled = false;
  paint();
}

function wholeWords(n) {
  const whole = _("Whole: {rows} rows hold, signed to row {sealed}. Checked {at}.", n);
  return n.stamps ? `${whole} ${_("{stamps} time stamps of a third party hold.", n)}` : whole;
}

/** How far a third party has stamped the log, and what waits for it; nothing where nobody was ever asked. */
function stampWords() {
  if (!log.stamping && !log.stamped_at) return "";
  const n = { row: log.stamped_n, waiting: log.unstamped };
  const at = log.stamped_at ? `${longDate(log.stamped_at)} ${clockTime(log.stamped_at)}` : "";
  const reach = log.stamped_at
    ? _("Stamped by a third party to row {row} ({at})", { ...n, at })
    : _("Not stamped by a third party yet");
  return log.unstamped > 1 ? `${reach} · ${_("{waiting} signatures wait for the next stamp", n)}` : reach;
}

function paint() {
  room.title(_("Audit log"));
  for (const field of Object.values(fields)) field.paint();
  say(submit, _("Search"));
  say(clear, _("Clear"));
  say(proveButton, _("Prove now"));
  say(table, _("These rows as CSV"));
  table.href = `/api/v1/audit/export.csv?${wanted()}`;
  say(whole, _("Whole log for a proof elsewhere"));
  proof.hidden = proven === null;
  proof.dataset.kind = proven?.kind ?? "";
  if (proven) say(proof, proven.words());
  if (!log) return;
  stamped.hidden = !stampWords();
  say(stamped, stampWords());
  const n = { rows: log.last_n, sealed: log.sealed_n, key: log.key_id };
  const at = log.sealed_at ? `${longDate(log.sealed_at)} ${clockTime(log.sealed_at)}` : "";
  say(
    reached,
    log.sealed_at
      ? _("{rows} rows, signed to row {sealed} ({at}, key {key})", { ...n, at })
      : _("{rows} rows, not signed yet: that happens within the hour", n),
  );
}

function ofAddress() {
  const query = new URLSearchParams(location.search);
  return Object.fromEntries(FIELDS.map((name) => [name, query.get(name) ?? ""]));
}

document.addEventListener("language", paint);
addEventListener("popstate", () => fill(ofAddress()));
fill(ofAddress());
