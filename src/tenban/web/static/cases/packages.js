// The packages of a case: ordered, followed while they are made, taken along, proven.
import { ask } from "../api.js";
import { h, say } from "../dom.js";
import { openAsk } from "../settings/asking.js";
import { _, told } from "../words.js";
import { checkField, choiceField, textField } from "./fields.js";
import { toasts } from "./room.js";
import { FORMS, inWords, moment, sizeWord } from "./words.js";

const PROOF_MS = 600_000;

/** The part about packages: {element, show(case)}; `done` is called once something changed. */
export function makePackages({ root, done }) {
  const title = h("h2");
  const order = h("button", { type: "button", class: "primary", onclick: openOrder });
  const help = h("p", { class: "help" });
  const list = h("ul", { class: "case-packages" });
  const element = h("section", { class: "case-part" }, h("div", { class: "head" }, title, order), help, list);
  const proofs = new Map();
  let known = null;

  async function openOrder() {
    const forms = ["original", "blurred"].filter((form) => form === "blurred" || known.may.original);
    const made = await openAsk({
      title: _("Make a package"),
      fields: [
        textField("purpose", _("Why it is given away"), { maxlength: 500 }),
        textField("receiver", _("To whom (optional)"), { maxlength: 200 }),
        choiceField(
          "form",
          _("Form"),
          forms.map((form) => [form, FORMS[form]()]),
          _("As recorded: original footage with everything on it. Blurred: masked zones are unrecognisable, and the originals stay in the house."),
        ),
        ...(known.may.original && known.may.sound
          ? [checkField("sound", _("With the sound, where some was recorded (only in the form as recorded)"))]
          : []),
        checkField("side_by_side", _("Also all cameras of an item in one picture (takes longer)")),
      ],
      word: _("Make it"),
      send: (values) =>
        inWords(() => ask(`${root}/packages`, { method: "POST", body: { ...values, sound: Boolean(values.sound) && values.form === "original" } })),
    });
    if (made) await done();
  }

  /** Take it along, once it is shown who asks: a link has no way to be asked and come again. */
  async function take(event, withSound) {
    event.preventDefault();
    const { href } = event.currentTarget;
    const { proven } = await import("../step-up.js");
    if (!(await proven("cases:export"))) return;
    if (withSound && !(await proven("media:hear"))) return;
    location.assign(href);
    setTimeout(done, 1000); // the history has a line more
  }

  async function prove(one) {
    proofs.set(one.id, { words: () => _("Every file is being checked …"), kind: "info" });
    show(known);
    try {
      const found = await ask(`/api/v1/cases/packages/${one.id}/proof`, { method: "POST", patience_ms: PROOF_MS });
      const n = { n: found.files, key: found.key_id, path: found.fault?.path, what: found.fault?.what };
      proofs.set(one.id, {
        words: () => (found.whole ? _("Whole: {n} files are as they were signed with key {key}.", n) : _("Not whole: {path}: {what}", n)),
        kind: found.whole ? "ok" : "urgent",
      });
    } catch (error) {
      // Policy: a proof that could not be made says nothing about the package.
      proofs.delete(one.id);
      toasts.show(error.message, { trouble: true });
    }
    show(known);
  }

  /** There is no way back, so it is asked first; what was given away stays as good as it is. */
  async function drop(one) {
    const gone = await openAsk({
      title: _("Delete package {n}", { n: one.number }),
      fields: [],
      extra: h("p", {}, _("The file is destroyed here and cannot be brought back; another one can be made. Copies that were handed over are not changed.")),
      word: _("Delete it"),
      send: () => ask(`/api/v1/cases/packages/${one.id}`, { method: "DELETE" }).then(() => true),
    });
    if (!gone) return;
    toasts.show(_("Package {n} deleted", { n: one.number }));
    await done();
  }

  function line(one) {
    const name = _("Package {n}", { n: one.number });
    const proof = proofs.get(one.id);
    const share = Math.round(one.progress * 100);
    const working = one.state === "waiting";
    return h(
      "li",
      { "data-package": one.number, "data-state": one.state },
      h("div", { class: "what" }, h("b", {}, name), h("span", {}, FORMS[one.form]()), one.sound ? h("span", {}, _("with sound")) : null, one.size ? h("span", { class: "figures" }, sizeWord(one.size)) : null),
      one.purpose ? h("p", {}, [one.purpose, one.receiver].filter(Boolean).join(" → ")) : null,
      h("span", { class: "muted" }, `${one.ordered_by}, ${moment(one.ordered_at)}`),
      working ? h("progress", { max: 1, value: one.progress, "aria-label": name }) : null,
      working ? h("span", { class: "muted", role: "status" }, one.making ? _("Being made: {n} %", { n: share }) : _("Waits for its turn")) : null,
      one.state === "failed" ? h("p", { class: "trouble" }, told(one.why)) : null,
      one.sha256 ? h("code", { class: "sum" }, `SHA-256 ${one.sha256}`) : null,
      proof ? h("p", { role: "status", class: "proof", "data-kind": proof.kind }, proof.words()) : null,
      h(
        "div",
        { class: "acts" },
        one.url && known.may.export && (one.form === "blurred" || known.may.original) && (!one.sound || known.may.sound)
          ? h("a", { class: "button primary", href: one.url, download: "", onclick: (event) => take(event, one.sound) }, _("Download"))
          : null,
        one.url && known.may.prove ? h("button", { type: "button", onclick: () => prove(one) }, _("Prove now")) : null,
        known.may.export && !working
          ? h("button", { type: "button", class: "quiet", onclick: () => drop(one), "aria-label": _("Delete package {n}", { n: one.number }) }, _("Delete"))
          : null,
      ),
    );
  }

  function show(whole) {
    known = whole;
    say(title, _("Packages"));
    say(order, _("Make a package…"));
    const waits = known.packages.some((one) => one.state === "waiting");
    order.hidden = !known.may.export || known.state !== "sealed" || waits;
    say(
      help,
      known.state === "open"
        ? _("Seal the case first: a package is made of what can no longer change.")
        : _("One ZIP file with clips, footage, pictures, journal and history, signed, with a page that shows and proves it without a network. Hand it over on an encrypted medium: the file itself has no password."),
    );
    list.replaceChildren(...known.packages.map(line));
  }

  return { element, show };
}
