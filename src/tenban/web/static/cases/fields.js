// Fields of the forms about cases: {name, element, value}, as settings/asking.js takes them.
import { h } from "../dom.js";
import { dayStart } from "../times.js";

let count = 0;

function field(name, label, control, help = null) {
  count += 1;
  control.id = `case-field-${count}`;
  control.name = name;
  const element = h(
    "div",
    { class: "field" },
    h("label", { for: control.id }, label),
    control,
    help ? h("p", { class: "help" }, help) : null,
  );
  return {
    name,
    element,
    control,
    get value() {
      return control.type === "checkbox" ? control.checked : control.value;
    },
  };
}

export function textField(name, label, { maxlength = 200, help = null, value = "" } = {}) {
  return field(name, label, h("input", { class: "settings-input", maxlength, autocomplete: "off", value }), help);
}

export function longField(name, label, { maxlength = 4000 } = {}) {
  return field(name, label, h("textarea", { class: "settings-input", rows: 5, maxlength }));
}

export function choiceField(name, label, options, help = null) {
  const control = h("select", { class: "settings-input" }, options.map(([value, word]) => h("option", { value }, word)));
  return field(name, label, control, help);
}

export function checkField(name, label, help = null) {
  const made = field(name, label, h("input", { type: "checkbox" }), help);
  made.element.classList.add("check");
  const text = made.element.querySelector("label");
  text.prepend(made.control);
  return made;
}

/** A moment of the shop's clock; its value is RFC 3339, or null where none is set. */
export function momentField(name, label) {
  const made = field(name, label, h("input", { class: "settings-input", type: "datetime-local", step: 1 }));
  return {
    ...made,
    get value() {
      const [day, time] = made.control.value.split("T");
      if (!time) return null;
      const [hours, minutes, seconds = 0] = time.split(":").map(Number);
      return new Date(dayStart(day, ((hours * 60 + minutes) * 60 + seconds) * 1000)).toISOString();
    },
  };
}
