// Beside the picture: the list of zones, adding, roles, and the way back and forth.
import { h, say } from "../dom.js";
import { roleWord } from "../parts/zone-board.js";
import { _ } from "../words.js";
import { ROLES, likely } from "./zone-model.js";

const WHAT = {
  basket: () => _("where products wait before they are scanned"),
  scan: () => _("around the scanner"),
  bagging: () => _("where registered products are put: bag or shelf"),
  operator: () => _("where the person at the register stands"),
  customer: () => _("where the customer stands at a staffed register"),
  exit: () => _("the way out"),
  mask: () => _("what is blurred for most, such as where a PIN is typed"),
};

/** What is wrong with a polygon, in words. */
export function faultWord(why) {
  const words = {
    corners: _("A zone needs at least three corners."),
    cross: _("The sides of a zone may not cross."),
    area: _("The zone would be too small."),
  };
  return words[why] ?? "";
}

/** What a lane lacks to be watched well, by the zones it has. */
export function missing(zones) {
  const roles = new Set(zones.map(({ role }) => role));
  const lines = [];
  if (!roles.has("bagging")) lines.push(_("Without a bagging zone no item is counted."));
  if (!roles.has("operator")) lines.push(_("Without an operator zone nobody is seen leaving."));
  return lines;
}

/** `lacking` gives the lines about what is still to be drawn. */
export function makePanel(model, board, { lacking = missing } = {}) {
  const title = h("h2");
  const list = h("ul", { class: "zone-list" });
  const role = h("select", { class: "settings-input", "aria-label": "" });
  const add = h("button", { type: "button", onclick: () => model.add(role.value, likely(role.value)) });
  const draw = h("button", { type: "button", onclick: () => (board.drawing ? finish() : board.draw(role.value)) });
  const what = h("p", { class: "help" });
  const hint = h("p", { class: "note", "aria-live": "polite" });
  const back = h("button", { type: "button", class: "quiet", onclick: () => model.undo() });
  const forth = h("button", { type: "button", class: "quiet", onclick: () => model.redo() });
  const lacks = h("div");
  const keys = h("p", { class: "help keys" });
  const element = h(
    "section",
    { class: "zone-panel" },
    title,
    list,
    h("div", { class: "adding" }, role, add, draw),
    what,
    hint,
    h("div", { class: "acts" }, back, forth),
    lacks,
    keys,
  );

  function finish() {
    board.close();
    paint();
  }

  function tell(why) {
    hint.textContent = "";
    // A screen reader is told again even where the words are the same.
    requestAnimationFrame(() => say(hint, faultWord(why)));
  }

  function row({ role: kind, polygon }, at) {
    const chosen = at === model.chosen;
    const button = h(
      "button",
      { type: "button", class: "choose", "aria-pressed": String(chosen), onclick: () => model.choose(at) },
      h("span", { class: `swatch ${kind}` }),
      h("span", { class: "word" }, roleWord(kind)),
      h("span", { class: "figures" }, _("{n} corners", { n: polygon.length })),
    );
    if (!chosen) return h("li", {}, button);
    const other = h(
      "select",
      {
        class: "settings-input",
        "aria-label": _("Role of this zone"),
        onchange: (event) => model.setRole(event.target.value),
      },
      ROLES.map((one) => h("option", { value: one, selected: one === kind }, roleWord(one))),
    );
    const away = h("button", { type: "button", onclick: () => model.remove(at) }, _("Delete zone"));
    return h("li", { class: "open" }, button, h("div", { class: "acts" }, other, away));
  }

  function paint() {
    say(title, _("Zones"));
    // A list that is being used keeps its focus through being painted anew.
    const held = list.contains(document.activeElement) ? document.activeElement.tagName : null;
    list.replaceChildren(...model.zones.map(row));
    if (held) (list.querySelector(`.open ${held}`) ?? list.querySelector("button"))?.focus();
    const wanted = role.value || ROLES.find((one) => !model.zones.some((zone) => zone.role === one)) || "bagging";
    role.replaceChildren(...ROLES.map((one) => h("option", { value: one, selected: one === wanted }, roleWord(one))));
    role.setAttribute("aria-label", _("Kind of the new zone"));
    say(what, WHAT[role.value]?.() ?? "");
    say(add, _("Add zone"));
    say(draw, board.drawing ? _("Finish") : _("Draw"));
    draw.setAttribute("aria-pressed", String(board.drawing));
    if (board.drawing) say(hint, _("Tap the corners one after the other; close at the first one or with “Finish”."));
    else if (hint.textContent.includes("Finish") || hint.textContent.includes("完了")) say(hint, "");
    say(back, _("Undo"));
    say(forth, _("Redo"));
    back.disabled = !model.back;
    forth.disabled = !model.forth;
    lacks.replaceChildren(...lacking(model.zones).map((line) => h("p", { class: "lack" }, line)));
    say(keys, _("Keyboard: Tab to a corner, arrow keys move it (with Shift further), Enter adds one, Delete removes it."));
  }

  role.addEventListener("change", paint);
  model.addEventListener("change", () => {
    if (!board.drawing) say(hint, "");
    paint();
  });
  board.addEventListener("refused", ({ detail }) => tell(detail.why));
  board.addEventListener("drawn", paint);
  document.addEventListener("language", paint);
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || /INPUT|TEXTAREA/.test(event.target.tagName)) return;
    const key = event.key.toLowerCase();
    if (key === "z" && !event.shiftKey) model.undo();
    else if (key === "y" || (key === "z" && event.shiftKey)) model.redo();
    else return;
    event.preventDefault();
  });
  return { element, paint };
}
