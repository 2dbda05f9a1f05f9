// /account: one's own password, and where one is signed in.
import { ask } from "../api.js";
import { makeDialog } from "../dialogs.js";
import { h, say } from "../dom.js";
import "../parts/trouble-box.js";
import { _, told } from "../words.js";
import { deviceWord } from "./device.js";
import { makeField, moment } from "./form.js";
import { roleWord } from "./roles.js";
import { paintPasskeys } from "./passkeys.js";
import { makeRoom, toasts } from "./room.js";
import { makeSure } from "./sureness.js";

const ROOT = "/api/v1/account";
const room = makeRoom();
const trouble = h("trouble-box");
const whole = h("div", { class: "shops account" });
room.main.append(trouble, whole);
let known = null;
let board = null;

async function start() {
  try {
    known = await ask(ROOT);
    trouble.clear();
  } catch (error) {
    // Policy: the page says what went wrong and offers to try again.
    trouble.tell(error, start);
  }
  paint();
}

async function act(run, word) {
  try {
    await run();
    toasts.show(word);
  } catch (error) {
    // Policy: what could not be done is told; nothing was changed.
    toasts.show(error.message, { trouble: true });
  }
  await start();
}

function part(title, ...inside) {
  return h("section", { class: "part" }, h("h2", {}, title), ...inside);
}

function paintMe() {
  const place = known.area ? _("Area {name}", { name: known.area }) : (known.shop ?? _("Every shop"));
  return h(
    "header",
    { class: "company" },
    h("h2", {}, known.display_name),
    h("p", { class: "help" }, [known.name, known.roles.map(roleWord).join(", "), place].join(" · ")),
  );
}

function paintPassword() {
  const old = makeField({ name: "old", label: _("Present password"), kind: "password", autocomplete: "current-password" });
  const fresh = makeField({
    name: "new",
    label: _("New password"),
    kind: "password",
    autocomplete: "new-password",
    help: _("At least {n} characters, anything goes. Several words are easier to remember than one with signs.", {
      n: known.shortest_password,
    }),
  });
  const submit = h("button", { type: "submit" }, _("Change the password"));
  return part(
    _("Password"),
    h(
      "form",
      {
        class: "narrow",
        novalidate: true,
        onsubmit: async (event) => {
          event.preventDefault();
          submit.disabled = true;
          old.trouble(null);
          fresh.trouble(null);
          try {
            await ask(`${ROOT}/password`, { method: "PUT", body: { old: old.value, new: fresh.value } });
            toasts.show(_("The password was changed. Everywhere else you were signed out."));
            await start();
          } catch (error) {
            // Policy: what is wrong stands beside its field; the password of before goes on.
            if (error.status === 403) old.trouble(_("This is not your present password."));
            else if (error.code === "too_many") old.trouble(told(error.more.told) || error.message);
            else fresh.trouble(passwordWord(error));
            (error.status === 403 ? old : fresh).input.focus();
          } finally {
            submit.disabled = false;
          }
        },
      },
      old.element,
      fresh.element,
      h("div", { class: "acts" }, submit),
    ),
  );
}

function passwordWord(error) {
  if (error.code === "common_password")
    return _("Others would try this password first. Take several words that do not belong together.");
  if (error.code !== "bad_input") return error.message;
  return _("Your password needs {n} to 256 characters. Several words are easier to remember.", {
    n: known.shortest_password,
  });
}

function paintPin() {
  const sure = makeSure(known, "pin-password");
  const pin = makeField({
    name: "pin",
    label: known.has_pin ? _("New PIN") : _("PIN"),
    kind: "password",
    inputmode: "numeric",
    autocomplete: "off",
    maxlength: 6,
    help: _("Six digits; no date, no row, no repeats."),
  });
  const submit = h("button", { type: "submit" }, known.has_pin ? _("Change the PIN") : _("Set the PIN"));
  const remove = h("button", { type: "button", class: "quiet", onclick: () => send(null) }, _("Remove the PIN"));

  async function send(digits) {
    submit.disabled = true;
    sure.clear();
    pin.trouble(null);
    try {
      await ask(`${ROOT}/pin`, { method: "PUT", body: { password: sure.password, pin: digits } });
      toasts.show(digits === null ? _("You have no PIN any more.") : _("The PIN is set."));
      await start();
    } catch (error) {
      // Policy: what is wrong stands beside its field; the PIN of before goes on.
      if (error.code === "bad_input") {
        pin.trouble(_("Six digits that are no date, no row and no repeat, please."));
        pin.input.focus();
      } else sure.refused(error);
    } finally {
      submit.disabled = false;
    }
  }

  return part(
    _("PIN"),
    h(
      "p",
      { class: "help" },
      known.pin_locked
        ? _("Your PIN is locked after five wrong tries. Signing in with the password unlocks it.")
        : _("For approving at a register, taking over a shared tablet, and showing that it is you before something important."),
    ),
    h(
      "form",
      {
        class: "narrow",
        novalidate: true,
        onsubmit: (event) => {
          event.preventDefault();
          send(pin.value.normalize("NFKC"));
        },
      },
      sure.element,
      pin.element,
      h("div", { class: "acts" }, sure.possible ? submit : null, known.has_pin && sure.possible ? remove : null),
    ),
  );
}

function paintApp() {
  const sure = makeSure(known, "app-password");
  const missing = known.needs_app && !known.has_app && known.passkeys.length === 0;
  const submit = h("button", { type: "submit" }, known.has_app ? _("Remove the app") : _("Set up an app"));
  const lead = known.has_app
    ? _("Signing in asks for a code of your app. {n} recovery codes are left.", { n: known.codes_left })
    : missing
      ? _("Your role asks for an authenticator app or a passkey. Set one up: until then you cannot do anything else.")
      : _("Signing in then asks for a code of your phone as well: a password that somebody saw is not enough.");

  async function send() {
    submit.disabled = true;
    sure.clear();
    try {
      if (known.has_app) {
        await ask(`${ROOT}/totp/off`, { method: "POST", body: { password: sure.password } });
        toasts.show(_("Signing in asks for no code any more."));
      } else await setUp(await ask(`${ROOT}/totp`, { method: "POST", body: { password: sure.password } }));
      await start();
    } catch (error) {
      // Policy: what is wrong stands beside its field; nothing was changed.
      sure.refused(error);
    } finally {
      submit.disabled = false;
    }
  }

  return part(
    _("Authenticator app"),
    h("p", { class: missing ? "trouble" : "help" }, lead),
    h(
      "form",
      {
        class: "narrow app",
        novalidate: true,
        onsubmit: (event) => {
          event.preventDefault();
          send();
        },
      },
      sure.element,
      h("div", { class: "acts" }, sure.possible ? submit : null),
    ),
  );
}

/** Show what the app has to learn, take its first code, then show the recovery codes, once. */
function setUp(begun) {
  board ??= makeDialog("link app");
  const code = makeField({
    name: "code",
    label: _("Code that the app shows"),
    inputmode: "numeric",
    autocomplete: "one-time-code",
    maxlength: 12,
  });
  const submit = h("button", { type: "submit", class: "primary" }, _("Continue"));
  const form = h(
    "form",
    {
      class: "narrow",
      novalidate: true,
      onsubmit: async (event) => {
        event.preventDefault();
        submit.disabled = true;
        try {
          const { recovery_codes } = await ask(`${ROOT}/totp`, { method: "PUT", body: { code: code.value } });
          showCodes(recovery_codes);
        } catch (error) {
          // Policy: what was begun stays until a code fits or the page is left.
          code.trouble(error.code === "bad_input" ? _("This is not the code that the app shows now.") : error.message);
          code.input.focus();
        } finally {
          submit.disabled = false;
        }
      },
    },
    code.element,
    h("div", { class: "acts" }, submit),
  );
  board.open(
    _("Set up an app"),
    h("p", {}, _("Open an authenticator app on your phone, add an account, and point it at this picture.")),
    h("img", { src: begun.picture, class: "qr", alt: _("QR code for the app") }),
    h("p", { class: "help" }, _("Or type this into it:")),
    h("code", { class: "typed" }, begun.secret.match(/.{1,4}/g).join(" ")),
    form,
  );
  code.input.focus();
  return new Promise((resolve) => board.dialog.addEventListener("close", resolve, { once: true }));
}

function showCodes(codes) {
  board.open(
    _("Recovery codes"),
    h("p", {}, _("Each lets you in once without your phone. Print them or write them down now: they are not shown again.")),
    h("ol", { class: "codes figures" }, codes.map((one) => h("li", {}, h("code", {}, one)))),
    h(
      "div",
      { class: "acts" },
      h("button", { type: "button", onclick: () => print() }, _("Print")),
      h("button", { type: "button", class: "primary", onclick: () => board.dialog.close() }, _("I have kept them")),
    ),
  );
}

function paintCompanySignIn() {
  const sure = makeSure(known, "company-password");
  const name = told(known.company) || _("the company's account");
  const submit = h("button", { type: "submit" }, known.linked ? _("Unlink it") : _("Link it"));

  async function send() {
    submit.disabled = true;
    sure.clear();
    try {
      const body = { password: sure.password };
      if (known.linked) {
        await ask(`${ROOT}/identity/unlink`, { method: "POST", body });
        toasts.show(_("It lets you in no more."));
        await start();
      } else location.assign((await ask(`${ROOT}/identity/link`, { method: "POST", body })).address);
    } catch (error) {
      // Policy: what is wrong stands beside what was asked; nothing was changed.
      sure.refused(error);
    } finally {
      submit.disabled = false;
    }
  }

  return part(
    _("Signing in with {name}", { name }),
    h("p", { class: "help" }, known.linked ? _("You are linked: the button at sign-in lets you in.") : _("Link it once, and its button at sign-in lets you in.")),
    h(
      "form",
      {
        class: "narrow company-account",
        novalidate: true,
        onsubmit: (event) => {
          event.preventDefault();
          send();
        },
      },
      sure.element,
      h("div", { class: "acts" }, sure.possible ? submit : null),
    ),
  );
}

const HOW = {
  password: () => _("with the password"),
  invitation: () => _("with a link"),
  pin: () => _("with the PIN"),
  passkey: () => _("with a passkey"),
  oidc: () => _("with the company's sign-in"),
};

function paintSession(one) {
  const device = deviceWord(one.agent);
  return h(
    "li",
    { class: "row", "data-session": one.here ? "here" : "elsewhere" },
    h(
      "div",
      { class: "what" },
      h("b", {}, device, one.here ? ` (${_("here")})` : ""),
      h("span", { title: one.agent }, [one.address, HOW[one.how]?.()].filter(Boolean).join(" · ")),
    ),
    h(
      "span",
      { class: "uses figures" },
      h("span", {}, _("signed in {at}", { at: moment(one.opened_at) })),
      h("span", {}, _("last used {at}", { at: moment(one.seen_at) })),
    ),
    h(
      "div",
      { class: "acts" },
      one.here
        ? null
        : h(
            "button",
            {
              type: "button",
              class: "quiet",
              "aria-label": _("Sign out on {device}", { device }),
              onclick: () =>
                act(() => ask(`${ROOT}/sessions/${encodeURIComponent(one.id)}`, { method: "DELETE" }), _("Signed out there.")),
            },
            _("Sign out there"),
          ),
    ),
  );
}

function paintSessions() {
  const others = known.sessions.some((one) => !one.here);
  return part(
    _("Where you are signed in"),
    h("ul", { class: "rows pairings" }, known.sessions.map(paintSession)),
    others
      ? h(
          "div",
          { class: "acts" },
          h(
            "button",
            {
              type: "button",
              onclick: () => act(() => ask(`${ROOT}/sessions`, { method: "DELETE" }), _("You are signed in here only.")),
            },
            _("Sign out everywhere else"),
          ),
        )
      : h("p", { class: "help" }, _("Nowhere else.")),
  );
}

function paint() {
  room.title(_("Your account"));
  say(room.main.querySelector("h1"), _("Your account"));
  if (known) whole.replaceChildren(paintMe(), known.has_password ? paintPassword() : "", paintPasskeys(known, start), known.company ? paintCompanySignIn() : "", paintApp(), paintPin(), paintSessions());
}

document.addEventListener("language", paint);
await start();
// From a one-time link one comes straight here.
if (location.hash === "#make-passkey") {
  const place = document.getElementById("make-passkey");
  place?.scrollIntoView({ block: "center" });
  place?.querySelector("form button")?.focus();
}
