// A small form in a dialog that asks the server for one thing, and a dialog that shows a secret once.
import { h } from "../dom.js";
import { _ } from "../words.js";

/** Open a form; `send(values)` does it and may throw Refused. Resolves to what it returned, or null. */
export function openAsk({ title, fields, word, send, extra = null }) {
  const trouble = h("p", { class: "trouble", role: "alert", hidden: true });
  const submit = h("button", { type: "submit", class: "primary" }, word);
  const cancel = h("button", { type: "button" }, _("Cancel"));
  const form = h(
    "form",
    { novalidate: true },
    fields.map(({ element }) => element),
    extra,
    trouble,
    h("div", { class: "acts" }, submit, cancel),
  );
  const dialog = h("dialog", { class: "edit", "aria-label": title }, h("h2", {}, title), form);
  document.body.append(dialog);
  return new Promise((resolve) => {
    const end = (result) => {
      dialog.close();
      dialog.remove();
      resolve(result);
    };
    cancel.addEventListener("click", () => end(null));
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      end(null);
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      submit.disabled = true;
      trouble.hidden = true;
      try {
        end(await send(Object.fromEntries(fields.map((field) => [field.name, field.value]))));
      } catch (error) {
        // Policy: what was typed stays; what is wrong is told below it.
        trouble.hidden = false;
        trouble.textContent = whyNot(error);
        submit.disabled = false;
      }
    });
    dialog.showModal();
  });
}

/** What the server did not take, in the page's language where it is something people type. */
export function whyNot(error) {
  if (error.code === "address_not_allowed")
    return _("Messages are not sent to this address: it leads into a private network or to this server itself. If it is meant, allow it in tenban.toml.");
  if (error.code !== "bad_input") return error.message;
  const [field] = error.message.split(":");
  const known = {
    url: _("Enter an address that begins with https://, without name and password."),
    name: _("Enter a name of 1 to 100 characters."),
    events: _("Choose at least one."),
    functions: _("Choose at least one."),
    subject: _("Use lower-case letters, digits, - and _ alone."),
  };
  return known[field] ?? error.message;
}

/** Show a secret, which nobody can see again. */
export function showOnce({ title, secret, help }) {
  const field = h("input", { class: "secret figures", readonly: true, value: secret, "aria-label": title });
  const copied = h("p", { class: "help", role: "status" });
  const copy = h("button", { type: "button", class: "primary" }, _("Copy"));
  const close = h("button", { type: "button" }, _("I have kept it"));
  const dialog = h(
    "dialog",
    { class: "edit once", "aria-label": title },
    h("h2", {}, title),
    h("p", {}, _("It is shown this once. Keep it where it is needed; if it gets lost, make another.")),
    field,
    help ? h("p", { class: "help" }, help) : null,
    copied,
    h("div", { class: "acts" }, copy, close),
  );
  document.body.append(dialog);
  field.addEventListener("focus", () => field.select());
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(secret);
      copied.textContent = _("Copied.");
    } catch {
      // Policy: without the right to write there, the browser's own way is left.
      field.select();
      copied.textContent = _("Select it and copy it by hand.");
    }
  });
  return new Promise((resolve) => {
    const end = () => {
      dialog.remove();
      resolve();
    };
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", end);
    dialog.showModal();
  });
}

/** Several things to choose from: {name, element, value} with the chosen codes. */
export function makeChoices({ name, label, options, chosen = [] }) {
  const boxes = options.map(([code, word]) => {
    const input = h("input", { type: "checkbox", value: code, checked: chosen.includes(code) });
    return { code, input, element: h("label", {}, input, h("span", {}, word)) };
  });
  return {
    name,
    element: h("fieldset", { class: "choices" }, h("legend", {}, label), boxes.map(({ element }) => element)),
    get value() {
      return boxes.filter(({ input }) => input.checked).map(({ code }) => code);
    },
  };
}

const SURE_MS = 6_000;

/** What cannot be undone is pressed twice: `twice(what)` tells whether it was; `asks(what)` whether it is asked. */
export function makeSure(paint) {
  let asked = null;
  let timer = 0;
  return {
    asks: (what) => asked === what,
    twice(what) {
      clearTimeout(timer);
      if (asked === what) {
        asked = null;
        return true;
      }
      asked = what;
      timer = setTimeout(() => {
        asked = null;
        paint();
      }, SURE_MS);
      paint();
      return false;
    },
  };
}
