// Into a case with what is on screen: a span of the cameras, the sale, incidents; one tap on the case does it.
import { ask } from "../api.js";
import { inWords } from "../cases/words.js";
import { makeDialog } from "../dialogs.js";
import { h } from "../dom.js";
import { clockTime, longDate } from "../times.js";
import { _, laneWord, page, told } from "../words.js";
import { cameraOf, registerOf } from "./state.js";

/** A dialog that puts things into a case; `toasts` says where they went, with the way there and the way back. */
export function makeCasing({ toasts }) {
  const { dialog, open } = makeDialog("casing");

  /** What may be put in: [{word, body, of, on}] of footage, sale and incidents. */
  function thingsOf({ cameras = [], from, to, sale, incidents = [], prefer }) {
    const things = [];
    if (cameras.length && from < to) {
      const names = cameras.map((id) => cameraOf(id)?.name ?? id).join(", ");
      const body = { footage: { cameras, start_at: new Date(from).toISOString(), end_at: new Date(to).toISOString() } };
      const word = _("Footage of {cameras}, {from} – {to}", { cameras: names, from: clockTime(from), to: clockTime(to) });
      things.push({ word, body, on: prefer !== "sale" });
    }
    if (sale) {
      const lane = laneWord(registerOf(sale.register)?.name ?? sale.register);
      const body = { sale: { register_id: sale.register, number: sale.number } };
      things.push({ word: _("Sale {number} of {lane}, with its journal, receipt and footage", { number: sale.number, lane }), body, on: true });
    }
    for (const one of incidents)
      things.push({ word: _("Incident {time}: {title}", { time: clockTime(one.at), title: told(one.title) }), body: { incident: one.id }, on: false });
    return things;
  }

  function titleOf({ sale, from }) {
    const when = `${longDate(from)} ${clockTime(from)}`;
    const lane = sale ? laneWord(registerOf(sale.register)?.name ?? sale.register) : null;
    return [lane, sale ? _("sale {number}", { number: sale.number }) : null, when].filter(Boolean).join(" · ");
  }

  async function put(chosen, into) {
    const root = `/api/v1/cases/${encodeURIComponent(into.id)}/items`;
    const added = [];
    let known = 0;
    for (const thing of chosen) {
      try {
        added.push(await ask(root, { method: "POST", body: thing.body }));
      } catch (error) {
        // Policy: what is in it already is no reason to leave out the rest; anything else is told.
        if (error.code !== "conflict" || thing.body.footage) {
          await Promise.allSettled(added.map((one) => ask(`${root}/${one.id}`, { method: "DELETE" })));
          throw error;
        }
        known += 1;
      }
    }
    const word = added.length ? _("Put into case {reference}: {title}", into) : _("It was in case {reference} already: {title}", into);
    toasts.show(known && added.length ? `${word} ${_("Some of it was in it already.")}` : word, {
      word: _("Undo"),
      act: added.length ? () => takeOut(root, added, into) : null,
      link: { href: `/cases/${encodeURIComponent(into.id)}`, word: _("To the case") },
    });
  }

  async function takeOut(root, added, into) {
    try {
      for (const one of added) await ask(`${root}/${encodeURIComponent(one.id)}`, { method: "DELETE" });
      toasts.show(_("Taken out of case {reference} again: {title}", into));
    } catch (error) {
      toasts.show(error.message, { trouble: true });
    }
  }

  return async function show(shown) {
    const things = thingsOf(shown);
    const wrong = h("p", { class: "trouble", role: "alert", hidden: true });
    const boxes = things.map((thing) => h("input", { type: "checkbox", checked: thing.on }));
    const what = h("fieldset", {}, h("legend", {}, _("What")), things.map(({ word }, place) => h("label", {}, boxes[place], h("span", {}, word))));
    const title = h("input", { name: "title", maxlength: "200", autocomplete: "off", value: titleOf(shown), "aria-label": _("Title of the new case") });
    const begin = h("button", { type: "submit", class: "primary" }, _("Begin a new case"));
    const list = h("ul", { class: "into" }, h("li", { class: "help" }, _("Looking for open cases…")));
    let made = null; // a case that was begun stays the same one where adding to it is tried again

    async function run(caseOf) {
      const chosen = things.filter((_thing, place) => boxes[place].checked);
      dialog.toggleAttribute("data-busy", true);
      try {
        if (!chosen.length) throw new Error(_("Choose what is to go into the case."));
        const into = await inWords(caseOf);
        await inWords(() => put(chosen, into));
        dialog.close();
      } catch (error) {
        // Policy: the dialog stays as it is; what is wrong stands in it.
        wrong.hidden = false;
        wrong.textContent = error.message;
      }
      dialog.removeAttribute("data-busy");
    }

    const form = h("form", {}, title, begin);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      run(async () => (made ??= await ask("/api/v1/cases", { method: "POST", body: { title: title.value, shop: page.shop.id } })));
    });
    open(
      _("Into a case"),
      what,
      wrong,
      h("h3", {}, _("A new case")),
      form,
      h("h3", {}, _("In preparation")),
      list,
      h("p", { class: "help" }, _("What is in a case is kept as long as the case exists.")),
    );
    begin.focus();
    try {
      const { cases } = await ask(`/api/v1/cases?state=open&shop=${encodeURIComponent(page.shop.id)}`);
      const rows = cases.map((one) =>
        h("li", {}, h("button", { type: "button", onclick: () => run(() => one) }, h("b", { class: "figures" }, one.reference), h("span", {}, one.title))),
      );
      list.replaceChildren(...(rows.length ? rows : [h("li", { class: "help" }, _("There is none yet."))]));
    } catch (error) {
      list.replaceChildren(h("li", { class: "trouble" }, error.message));
    }
  };
}
