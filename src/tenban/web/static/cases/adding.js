// Putting a sale, footage or a note into a case.
import { ask } from "../api.js";
import { h, say } from "../dom.js";
import { makeChoices, openAsk } from "../settings/asking.js";
import { _, laneWord, page } from "../words.js";
import { inWords } from "./words.js";
import { choiceField, longField, momentField, textField } from "./fields.js";

/** The buttons: {element, show(case)}; `done` is called once something was added. */
export function makeAdding({ root, done }) {
  const ways = [
    [() => _("Add a sale…"), sale],
    [() => _("Add footage…"), footage],
    [() => _("Add a note…"), note],
  ].map(([word, act]) => ({ word, button: h("button", { type: "button", onclick: act }) }));
  const element = h("div", { class: "acts", role: "group" }, ways.map(({ button }) => button));
  let shop = null;

  async function put(title, fields, bodyOf, missing = null) {
    const send = (values) => ask(`${root}/items`, { method: "POST", body: bodyOf(values) });
    const added = await openAsk({ title, fields, word: _("Add to the case"), send: (values) => inWords(() => send(values), { missing }) });
    if (added) await done();
  }

  function sale() {
    const lanes = page.registers.filter((one) => one.shop === shop).map((one) => [one.id, laneWord(one.name)]);
    return put(
      _("Add a sale"),
      [choiceField("register_id", _("Register"), lanes), textField("number", _("Number of the sale, as on the receipt"), { maxlength: 64 })],
      (values) => ({ sale: { ...values, number: values.number.trim() } }),
      _("This register has no sale with this number. Check both with the receipt."),
    );
  }

  function footage() {
    const options = page.cameras.filter((one) => one.shop === shop).map((one) => [one.id, one.name]);
    return put(
      _("Add footage"),
      [
        makeChoices({ name: "cameras", label: _("Cameras"), options, chosen: options.length === 1 ? [options[0][0]] : [] }),
        momentField("start_at", _("From")),
        momentField("end_at", _("To")),
      ],
      (values) => ({ footage: { ...values, start_at: values.start_at ?? "", end_at: values.end_at ?? "" } }),
    );
  }

  function note() {
    return put(_("Add a note"), [longField("note", _("Note"))], (values) => values);
  }

  return {
    element,
    show(known) {
      shop = known.shop;
      element.hidden = !known.may.edit;
      element.setAttribute("aria-label", _("Add"));
      for (const { button, word } of ways) say(button, word());
    },
  };
}
