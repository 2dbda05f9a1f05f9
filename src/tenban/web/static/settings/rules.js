// /settings/rules: what people said of each rule's incidents, by lane, and the thresholds to turn.
import { ask } from "../api.js";
import { h, say } from "../dom.js";
import "../parts/apply-state.js";
import "../parts/rate-bar.js";
import "../parts/trouble-box.js";
import { _, laneWord, page, told } from "../words.js";
import { load, putBack, save } from "./desk.js";
import { makeMoved } from "./form.js";
import { sayMistake } from "./mistakes.js";
import { makeRoom, toasts } from "./room.js";

const SPANS = [1, 7, 28, 90, 365];

const room = makeRoom();
const intro = h("p", { class: "help" });
const trouble = h("trouble-box");
const spans = h("div", { class: "spans", role: "group" });
const moved = h("div", { class: "whole" });
const applied = h("apply-state");
const list = h("div", { class: "rules" });
room.main.append(intro, spans, trouble, moved, applied, list);
let days = Number(new URLSearchParams(location.search).get("days")) || 28;
let known = null;

async function start() {
  try {
    await load();
    known = await ask(`/api/v1/settings/rules?days=${days}&shop=${encodeURIComponent(page.shop.id)}`);
    trouble.clear();
  } catch (error) {
    // Policy: the page says what went wrong and offers to try again.
    trouble.tell(error, start);
  }
  paint();
}

function choose(span) {
  days = span;
  const url = new URL(location.href);
  url.searchParams.set("days", span);
  history.replaceState(null, "", url);
  start();
}

/** Turn one setting; `value` null puts it back to what is shared, or to the default. */
async function turn(rule, key, register, value, wrong = null) {
  try {
    const done = await save({ kind: "rule", rule, key, register, value });
    moved.replaceChildren();
    await start();
    if (!done.revision) return;
    toasts.show(_("Saved: {what}", { what: done.what.map(told).join(" · ") }), {
      word: _("Undo"),
      act: () => undo(done.before.n),
    });
    await applied.follow(done.effects);
  } catch (error) {
    // Policy: what was typed stays, what is wrong stands beside it; what others changed is shown first.
    if (error.code === "settings_moved")
      moved.replaceChildren(
        makeMoved(error.more.since, {
          onmine: async () => {
            await load();
            turn(rule, key, register, value, wrong);
          },
          ontheirs: () => {
            moved.replaceChildren();
            start();
          },
        }),
      );
    else if (error.more.mistakes && wrong) wrong(error.more.mistakes.map(sayMistake).join(" "));
    else toasts.show(error.message, { trouble: true });
  }
}

async function undo(n) {
  try {
    const done = await putBack(n);
    await start();
    toasts.show(_("Undone."));
    await applied.follow(done.effects);
  } catch (error) {
    // Policy: what could not be undone is told; nothing was changed.
    toasts.show(error.message, { trouble: true });
    start();
  }
}

function paintRule(rule) {
  const rows = rule.lanes.map((labels) => {
    const lane = known.lanes.find(({ id }) => id === labels.register);
    return labelRow(lane ? laneWord(lane.name) : labels.register, labels);
  });
  const counted = rule.rule !== "sale";
  return h(
    "section",
    { class: "rule", "data-rule": rule.rule },
    h("h2", {}, told(rule.title)),
    counted ? paintLabels(rule, rows) : null,
    paintSettings(rule),
  );
}

function paintLabels(rule, rows) {
  if (!rows.length) return h("p", { class: "nothing" }, _("Nothing was told by this rule in this time."));
  return h(
    "div",
    { class: "table", role: "region", tabindex: 0, "aria-label": told(rule.title) },
    h(
      "table",
      {},
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          [_("Lane"), _("Told"), _("True"), _("False alarm"), _("Unclear"), _("No label"), _("Precision (95 %)")].map((word) =>
            h("th", { scope: "col" }, word),
          ),
        ),
      ),
      h("tbody", {}, rows, rows.length > 1 ? labelRow(_("All lanes"), rule.all, "sum") : null),
    ),
  );
}

function labelRow(name, labels, kind = "") {
  const bar = h("rate-bar");
  bar.rate = { share: labels.precision, low: labels.low, high: labels.high, base: labels.base };
  const open = labels.told - labels.true - labels.false_alarm - labels.unclear - labels.withdrawn;
  const none = labels.withdrawn ? h("small", {}, _("+{n} withdrawn", { n: labels.withdrawn })) : null;
  return h(
    "tr",
    { class: kind },
    h("th", { scope: "row" }, name),
    [labels.told, labels.true, labels.false_alarm, labels.unclear].map((n) => h("td", { class: "figures" }, String(n))),
    h("td", { class: "figures unlabelled" }, none, h("span", {}, String(open))),
    h("td", {}, bar),
  );
}

function paintSettings(rule) {
  const shown = rule.settings.filter(({ default: value }) => !Array.isArray(value));
  return h(
    "details",
    { class: "thresholds", open: opened.has(rule.rule), ontoggle: (event) => remember(rule.rule, event.target.open) },
    h("summary", {}, _("Thresholds"), h("span", { class: "help" }, ownWord(shown))),
    shown.map((setting) => paintSetting(rule, setting)),
  );
}

const opened = new Set();

function remember(rule, open) {
  if (open) opened.add(rule);
  else opened.delete(rule);
}

function ownWord(settings) {
  const n = settings.filter(({ shared, lanes }) => shared !== null || Object.keys(lanes).length).length;
  return n ? _("{n} differ from the default", { n }) : _("all as by default");
}

function paintSetting(rule, setting) {
  const lanes = Object.entries(setting.lanes);
  return h(
    "div",
    { class: "setting", "data-key": setting.key },
    h(
      "div",
      { class: "title" },
      h("b", {}, told(setting.title)),
      h("span", { class: "help figures" }, rangeWord(setting)),
    ),
    h(
      "div",
      { class: "values" },
      control(rule, setting, null),
      lanes.map(([register]) => control(rule, setting, register)),
    ),
  );
}

function rangeWord({ default: value, least, most, unit, choices }) {
  if (choices) return _("default: {value}", { value: told(choices[value]) });
  const word = value ? _("on") : _("off");
  if (typeof value === "boolean") return _("default: {value}", { value: word });
  return _("default {value}, from {a} to {b} {unit}", { value, a: least, b: most, unit: unitWord(unit) }).trim();
}

function unitWord(unit) {
  return { s: _("s"), pcs: _("pcs") }[unit] ?? "";
}

function control(rule, setting, register) {
  const own = register === null ? setting.shared : setting.lanes[register];
  const base = register === null || setting.shared === null ? setting.default : setting.shared;
  // What all shops share is for whoever answers for all of them.
  const fixed = register === null && !page.may.shared;
  const name = register === null ? (page.several_shops || fixed ? _("All shops") : _("All lanes")) : laneName(register);
  const wrong = h("p", { class: "wrong", hidden: true });
  const tell = (text) => {
    wrong.hidden = false;
    say(wrong, text);
  };
  const label = `${told(setting.title)}: ${name}`;
  const send = (value) => turn(rule.rule, setting.key, register, value, tell);
  const input = setting.choices
    ? h(
        "select",
        { class: "settings-input", "aria-label": label, disabled: fixed, onchange: (event) => send(event.target.value) },
        Object.entries(setting.choices).map(([value, word]) =>
          h("option", { value, selected: value === (own ?? base) }, told(word)),
        ),
      )
    : typeof setting.default === "boolean"
      ? h("input", { type: "checkbox", "aria-label": label, checked: own ?? base, disabled: fixed, onchange: (event) => send(event.target.checked) })
      : h("input", {
          type: "number",
          class: "settings-input",
          step: "any",
          "aria-label": label,
          value: own ?? base,
          disabled: fixed,
          onchange: (event) => {
            const number = Number(event.target.value);
            if (event.target.value === "" || !Number.isFinite(number)) tell(_("Expected: {wanted}.", { wanted: _("a number") }));
            else send(number);
          },
        });
  const reset =
    own === null || own === undefined || fixed
      ? h("span", { class: "help" }, fixed ? _("set for the whole company") : register === null ? _("default") : _("as for all lanes"))
      : h("button", { type: "button", class: "quiet", onclick: () => send(null) }, register === null ? _("Back to default") : _("As for all lanes"));
  return h(
    "div",
    { class: "control", "data-register": register ?? "" },
    h("span", { class: "scope" }, name),
    h("span", { class: "with-unit" }, input, typeof setting.default === "number" ? h("span", {}, unitWord(setting.unit)) : null),
    reset,
    register === null ? addLane(rule, setting) : null,
    wrong,
  );
}

function addLane(rule, setting) {
  const free = known.lanes.filter(({ id }) => !(id in setting.lanes));
  if (!free.length || known.lanes.length < 2) return null;
  return h(
    "select",
    {
      class: "settings-input other",
      "aria-label": _("{title}: another value for one lane", { title: told(setting.title) }),
      onchange: (event) => {
        const register = event.target.value;
        turn(rule.rule, setting.key, register, setting.in_force[register]);
      },
    },
    h("option", { value: "" }, _("Another value for…")),
    free.map(({ id, name }) => h("option", { value: id }, laneWord(name))),
  );
}

function laneName(id) {
  const lane = known.lanes.find((one) => one.id === id);
  return lane ? laneWord(lane.name) : id;
}

function paint() {
  room.title(_("Rules"));
  say(
    intro,
    _("Precision: how many of the incidents that people judged turned out true. The bar shows where it lies with 95 % confidence; few labels give a long bar."),
  );
  const words = { 1: _("1 day"), 7: _("7 days"), 28: _("28 days"), 90: _("90 days"), 365: _("1 year") };
  spans.setAttribute("aria-label", _("Period"));
  spans.replaceChildren(
    ...SPANS.map((span) =>
      h("button", { type: "button", "aria-pressed": String(span === days), onclick: () => choose(span) }, words[span]),
    ),
  );
  // What all rules share comes last: it tells nothing by itself.
  const rules = known?.rules.toSorted((one, other) => (one.rule === "sale") - (other.rule === "sale")) ?? [];
  if (known) list.replaceChildren(...rules.map(paintRule));
}

document.addEventListener("language", paint);
start();
