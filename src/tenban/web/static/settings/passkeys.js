// One's own passkeys: made, renamed, removed, and shown where the role asks for one.
import { ask } from "../api.js";
import { makeDialog } from "../dialogs.js";
import { h, say } from "../dom.js";
import { known as browserKnows, makePasskey } from "../passkeys.js";
import { prove } from "../step-up.js";
import { _, told } from "../words.js";
import { deviceWord } from "./device.js";
import { makeField, moment } from "./form.js";
import { toasts } from "./room.js";
import { makeSure } from "./sureness.js";

const ROOT = "/api/v1/account/passkeys";
const PATIENCE_MS = 300_000;
let board = null;

/** The section of passkeys; `reload` reads the account anew. */
export function paintPasskeys(known, reload) {
  const why = whyNotHere(known);
  const usable = known.passkeys.filter((one) => one.host === known.host);
  const missing = known.needs_app && !known.has_app && !known.two_factors;
  return h(
    "section",
    { class: "part", id: "make-passkey" },
    h("h2", {}, _("Passkeys")),
    h("p", { class: "help" }, _("A passkey is unlocked by your finger, your face or the PIN of your device. It lets you in without password and code, and no other site can ask for it.")),
    missing && usable.length && !why ? paintMissing(reload) : null,
    h("ul", { class: "rows pairings" }, known.passkeys.map((one) => row(one, known, reload))),
    known.passkeys.length ? null : h("p", { class: "nothing" }, _("You have none yet.")),
    why ? h("p", { class: "note" }, why) : makeForm(known, reload),
  );
}

function whyNotHere(known) {
  if (known.passkeys_here === "address")
    return _("Browsers make passkeys for names only, and this page was opened by the bare address {host}. Ask your administrator for the name of this server, such as tenban.example.", { host: known.host });
  if (known.passkeys_here === "plain")
    return _("Browsers make passkeys over https only, and this page came over http. Ask your administrator for the https address.");
  if (!browserKnows) return _("This browser knows no passkeys.");
  return null;
}

function paintMissing(reload) {
  return h(
    "div",
    { class: "trouble" },
    h("p", {}, _("Your role asks for a second factor, and you signed in without one. Show your passkey to go on.")),
    h(
      "button",
      {
        type: "button",
        class: "primary",
        onclick: async () => {
          if (await prove("second factor")) await reload();
        },
      },
      _("Show a passkey"),
    ),
  );
}

function row(one, known, reload) {
  const where = one.synced ? _("copied to your other devices") : _("on one device only");
  const elsewhere = one.host === known.host ? "" : _("works at {host}", { host: one.host });
  return h(
    "li",
    { class: "row", "data-passkey": one.id },
    h("div", { class: "what" }, h("b", {}, one.name), h("span", {}, [where, elsewhere].filter(Boolean).join(" · "))),
    h(
      "span",
      { class: "uses figures" },
      h("span", {}, _("made {at}", { at: moment(one.made_at) })),
      h("span", {}, one.used_at ? _("last used {at}", { at: moment(one.used_at) }) : _("not used yet")),
    ),
    h(
      "div",
      { class: "acts" },
      h("button", { type: "button", class: "quiet", "aria-label": _("Rename {name}", { name: one.name }), onclick: () => rename(one, reload) }, _("Rename")),
      h("button", { type: "button", class: "quiet", "aria-label": _("Delete {name}", { name: one.name }), onclick: () => remove(one, known, reload) }, _("Delete")),
    ),
  );
}

function makeForm(known, reload) {
  const sure = makeSure(known, "passkey-password");
  const name = makeField({ name: "passkey-name", label: _("What you call it"), value: deviceWord(navigator.userAgent), maxlength: 100 });
  const submit = h("button", { type: "submit" }, _("Make a passkey"));
  const wrong = h("p", { class: "trouble", role: "alert", hidden: true });

  async function send() {
    submit.disabled = true;
    sure.clear();
    name.trouble(null);
    wrong.hidden = true;
    try {
      const options = await ask(`${ROOT}/options`, { method: "POST", body: { password: sure.password } });
      const credential = await makePasskey(options);
      await ask(ROOT, { method: "POST", body: { name: name.value, credential }, patience_ms: PATIENCE_MS });
      toasts.show(_("The passkey is kept. From now on it lets you in."));
      await reload();
    } catch (error) {
      // Policy: what is wrong stands beside what was asked; nothing was kept.
      if (error instanceof DOMException) {
        wrong.hidden = false;
        say(wrong, browserWord(error));
      } else if (error.code === "bad_input" && !name.value.trim()) name.trouble(_("A name has 1 to 100 characters."));
      else if (error.code === "challenge_gone" || error.code === "conflict") {
        wrong.hidden = false;
        say(wrong, told(error.more?.told) || error.message);
      } else sure.refused(error);
    } finally {
      submit.disabled = false;
    }
  }

  return h(
    "form",
    {
      class: "narrow",
      novalidate: true,
      onsubmit: (event) => {
        event.preventDefault();
        send();
      },
    },
    name.element,
    sure.element,
    wrong,
    h("div", { class: "acts" }, sure.possible ? submit : null),
  );
}

function browserWord(error) {
  if (error.name === "InvalidStateError") return _("This device keeps a passkey of yours already.");
  if (error.name === "NotSupportedError") return _("This device cannot keep passkeys that ask for your finger, face or PIN.");
  return _("No passkey was made. Try again when you are ready.");
}

function rename(one, reload) {
  const name = makeField({ name: "name", label: _("What you call it"), value: one.name, maxlength: 100 });
  openBoard(_("Rename {name}", { name: one.name }), [name.element], _("Save"), async () => {
    try {
      await ask(`${ROOT}/${encodeURIComponent(one.id)}`, { method: "PUT", body: { name: name.value } });
    } catch (error) {
      // Policy: what was typed stays; what is wrong stands beside it.
      name.trouble(error.code === "bad_input" ? _("A name has 1 to 100 characters.") : error.message);
      name.input.focus();
      return false;
    }
    await reload();
    return true;
  });
}

function remove(one, known, reload) {
  const sure = makeSure(known, "remove-password");
  const lead = h("p", {}, _("It lets you in no more. Delete it on your device as well, which is not told."));
  openBoard(_("Delete {name}", { name: one.name }), [lead, sure.element], sure.possible ? _("Delete") : null, async () => {
    sure.clear();
    try {
      await ask(`${ROOT}/${encodeURIComponent(one.id)}/remove`, { method: "POST", body: { password: sure.password } });
    } catch (error) {
      // Policy: the passkey stays; why is told.
      sure.refused(error);
      return false;
    }
    toasts.show(_("The passkey was removed."));
    await reload();
    return true;
  });
}

function openBoard(title, inside, word, run) {
  board ??= makeDialog("link passkey");
  const submit = h("button", { type: "submit", class: "primary" }, word ?? "");
  const form = h(
    "form",
    {
      class: "narrow",
      novalidate: true,
      onsubmit: async (event) => {
        event.preventDefault();
        submit.disabled = true;
        if (await run()) board.dialog.close();
        submit.disabled = false;
      },
    },
    inside,
    h("div", { class: "acts" }, word ? submit : null),
  );
  board.open(title, form);
  form.querySelector("input, button")?.focus();
}
