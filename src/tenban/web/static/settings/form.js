// A form in a dialog: fields with their mistakes beside them, what saving would start anew, and, where somebody
// else was faster, what they changed.
import { h, say } from "../dom.js";
import { icon } from "../parts/icon.js";
import { effectWord } from "../parts/apply-state.js";
import { clockTime, longDate } from "../times.js";
import { _, told } from "../words.js";
import { attempt, load, save } from "./desk.js";
import { sayMistake } from "./mistakes.js";

const TYPED_MS = 400;
let count = 0;

/**
 * One field: {name, label, kind, value, help, options, ...attributes}; kinds: text, password, select, check.
 * Returns {element, value, name, input, trouble(text)}.
 */
export function makeField({ name, label, kind = "text", value = "", help = "", options = [], ...more }) {
  count += 1;
  const id = `field-${count}`;
  const attributes = { id, name, ...more };
  let input;
  if (kind === "select") {
    input = h(
      "select",
      attributes,
      options.map(([code, word]) => h("option", { value: code, selected: code === value }, word)),
    );
  } else if (kind === "check") {
    input = h("input", { type: "checkbox", checked: Boolean(value), ...attributes });
  } else {
    input = h("input", { type: kind, value, autocomplete: "off", spellcheck: "false", ...attributes });
  }
  const wrong = h("p", { class: "wrong", id: `${id}-wrong`, hidden: true });
  const hint = help ? h("p", { class: "help", id: `${id}-help` }, help) : null;
  input.setAttribute("aria-describedby", [hint?.id, wrong.id].filter(Boolean).join(" "));
  const element = h(
    "div",
    { class: `field ${kind}`, "data-field": name },
    kind === "check" ? [h("label", { for: id }, input, h("span", {}, label))] : [h("label", { for: id }, label), input],
    hint,
    wrong,
  );
  return {
    name,
    element,
    input,
    get value() {
      return kind === "check" ? input.checked : input.value;
    },
    trouble(text) {
      wrong.hidden = !text;
      say(wrong, text ?? "");
      input.setAttribute("aria-invalid", String(Boolean(text)));
    },
  };
}

/** Put mistakes beside their fields; returns those that fit none. */
export function placeMistakes(fields, mistakes, only = null) {
  const rest = [];
  const placed = new Map();
  for (const mistake of mistakes) {
    const field = fields.find(({ name }) => name === mistake.field);
    if (!field) rest.push(mistake);
    else if (!placed.has(field)) placed.set(field, sayMistake(mistake));
  }
  for (const field of fields) field.trouble(only && !only.has(field.name) ? null : (placed.get(field) ?? null));
  return rest;
}

/** What others changed meanwhile, as a box with two ways on. */
export function makeMoved(since, { onmine, ontheirs }) {
  const lines = since.flatMap((revision) =>
    (revision.what.length ? revision.what : [{ ja: "", en: "" }]).map((what) =>
      h(
        "li",
        {},
        h("b", {}, revision.kind === "hand" ? _("by hand in the file") : revision.who),
        ` ${clockTime(revision.at)} `,
        h("span", {}, told(what)),
      ),
    ),
  );
  return h(
    "div",
    { class: "moved", role: "alert" },
    h("h3", {}, icon("lost"), _("Meanwhile somebody else changed the settings")),
    h("ul", {}, lines),
    h(
      "div",
      { class: "acts" },
      h("button", { type: "button", class: "primary", onclick: onmine }, _("Save mine on top")),
      h("button", { type: "button", onclick: ontheirs }, _("Drop mine")),
    ),
  );
}

/**
 * Open a form. `fields` are made by makeField; `change` gives the change to send from their values.
 * `before(change, note)` may give words that stop the first saving of a change; the second one goes on.
 * Resolves to what `save` answers, or null where it was closed.
 */
export function openForm({ title, fields, change, onremove = null, before = null }) {
  const touched = new Set();
  const note = h("p", { class: "note", "aria-live": "polite" });
  const whole = h("div", { class: "whole" });
  const submit = h("button", { type: "submit", class: "primary" }, _("Save"));
  const remove = onremove
    ? h("button", { type: "button", class: "quiet remove", onclick: () => onremove(end) }, _("Remove…"))
    : null;
  const form = h(
    "form",
    { novalidate: true },
    fields.map(({ element }) => element),
    whole,
    note,
    h(
      "div",
      { class: "acts" },
      submit,
      h("button", { type: "button", onclick: () => end(null) }, _("Cancel")),
      remove,
    ),
  );
  const dialog = h("dialog", { class: "edit", "aria-label": title }, h("h2", {}, title), form);
  document.body.append(dialog);
  let timer = 0;
  let warned = ""; // what was saved once already, and warned of
  let finish;
  const ended = new Promise((resolve) => {
    finish = resolve;
  });

  function end(result) {
    clearTimeout(timer);
    finish(result);
    dialog.close();
    dialog.remove();
  }

  function values() {
    return change(Object.fromEntries(fields.map((field) => [field.name, field.value])));
  }

  function refused(error, only = null) {
    note.textContent = "";
    if (error.code === "settings_moved") {
      const moved = makeMoved(error.more.since, {
        onmine: async () => {
          await load();
          await send();
        },
        ontheirs: async () => {
          await load();
          end(null);
        },
      });
      whole.replaceChildren(moved);
      return;
    }
    const mistakes = error.more.mistakes;
    const rest = mistakes ? placeMistakes(fields, mistakes, only) : [];
    const lines = mistakes ? (only ? [] : rest.map((one) => `${one.where}: ${sayMistake(one)}`)) : [error.message];
    whole.replaceChildren(...lines.map((line) => h("p", { class: "trouble", role: "alert" }, line)));
  }

  async function check() {
    try {
      const plan = await attempt(values());
      placeMistakes(fields, []);
      whole.replaceChildren();
      const names = plan.effects.map(effectWord);
      note.textContent = names.length
        ? _("Saving starts anew: {names}. Everything else goes on.", { names: names.join(", ") })
        : plan.what.length
          ? _("Saving interrupts nothing.")
          : "";
    } catch (error) {
      // Policy: of something new only what was touched is told while typing; the rest is told when saving.
      refused(error, values().new ? touched : null);
    }
  }

  async function send() {
    submit.disabled = true;
    try {
      const wanted = JSON.stringify(values());
      const warning = before && wanted !== warned ? await before(values(), note) : null;
      note.textContent = "";
      if (warning) {
        warned = wanted;
        whole.replaceChildren(h("p", { class: "trouble", role: "alert" }, warning));
        return;
      }
      end(await save(values()));
    } catch (error) {
      // Policy: what was typed stays; what is wrong stands beside it.
      refused(error);
      form.querySelector("[aria-invalid=true]")?.focus();
    } finally {
      submit.disabled = false;
    }
  }

  form.addEventListener("input", (event) => {
    touched.add(event.target.name);
    clearTimeout(timer);
    timer = setTimeout(check, TYPED_MS);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    send();
  });
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    end(null);
  });
  dialog.showModal();
  return ended;
}

/** When a revision was made: 2026年11月22日(日) 12:05:57. */
export function moment(at) {
  return `${longDate(at)} ${clockTime(at)}`;
}
