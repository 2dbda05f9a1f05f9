// Flags that people set: named, changed, removed, and put back.
import { ask } from "../api.js";
import { makeDialog } from "../dialogs.js";
import { h } from "../dom.js";
import { clockTime } from "../times.js";
import { _ } from "../words.js";

/** A dialog for a flag; `changed` is called after each change, `toasts` tells it and offers the way back. */
export function makeFlags({ toasts, changed }) {
  const { dialog, open } = makeDialog("flag");

  async function done(path, options, word, back) {
    try {
      const flag = await ask(path, options);
      dialog.close();
      changed();
      toasts.show(word(flag), back ? { word: _("Undo"), act: () => back(flag) } : {});
    } catch (error) {
      toasts.show(error.message, { trouble: true });
    }
  }

  const path = (flag, more = "") => `/api/v1/footage/flags/${encodeURIComponent(flag.id)}${more}`;
  const remove = (flag) => done(path(flag), { method: "DELETE" }, () => _("Flag removed: {name}", flag), putBack);
  const putBack = (flag) => done(path(flag, "/back"), { method: "POST" }, () => _("Flag is back: {name}", flag));

  function form(flag, submit) {
    const name = h("input", { name: "name", maxlength: "100", required: true, autocomplete: "off", value: flag.name ?? "" });
    const note = h("textarea", { name: "note", maxlength: "1000", rows: "4" });
    note.value = flag.note ?? "";
    const who = flag.made_by ? h("p", { class: "note" }, _("Set by {name}", { name: flag.made_by })) : null;
    const acts = h(
      "div",
      { class: "acts" },
      flag.id ? h("button", { type: "button", onclick: () => remove(flag) }, _("Remove")) : null,
      h("button", { type: "submit", class: "primary" }, flag.id ? _("Save") : _("Set flag")),
    );
    const element = h("form", {}, h("label", {}, _("Name"), name), h("label", {}, _("Note (optional)"), note), who, acts);
    element.addEventListener("submit", (event) => {
      event.preventDefault();
      submit({ name: name.value, note: note.value });
    });
    return element;
  }

  return {
    set(place) {
      const title = _("Flag at {time}", { time: clockTime(place.at) });
      open(
        title,
        form({}, (words) => {
          const body = { ...place, ...words, at: new Date(place.at).toISOString() };
          done("/api/v1/footage/flags", { method: "POST", body }, () => _("Flag set: {name}", words), remove);
        }),
      );
      dialog.querySelector("input").focus();
    },
    change(flag) {
      const before = { name: flag.name, note: flag.note };
      const put = (words, back) => done(path(flag), { method: "PUT", body: words }, () => _("Flag changed: {name}", words), back);
      open(
        _("Flag at {time}", { time: clockTime(flag.at) }),
        form(flag, (words) => put(words, () => put(before))),
      );
    },
  };
}
