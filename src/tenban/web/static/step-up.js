// Asks who it is once more, before something privileged; the request that was refused is then sent again.
import { ask } from "./api.js";
import { h, say } from "./dom.js";
import { makePinPad } from "./parts/pin-pad.js";
import { known as browserKnows, showPasskey } from "./passkeys.js";
import { _, told } from "./words.js";

let asking = null;

/** Ask for the PIN, a passkey or the password, whatever there is; resolves to whether it was shown. */
export function prove(what) {
  // Several requests refused at once are one question.
  asking ??= question(what).finally(() => {
    asking = null;
  });
  return asking;
}

/** Ask only where the function needs it now; for what is reached by a link. Resolves to whether it may go on. */
export async function proven(function_) {
  try {
    const { unproven } = await ask("/api/v1/session");
    return unproven.includes(function_) ? prove(function_) : true;
  } catch {
    // Policy: where it cannot be asked, the link is followed, and the server says what is wrong.
    return true;
  }
}

async function question(what) {
  let account = { has_password: true, has_pin: false, pin_locked: false, passkeys: [] };
  try {
    account = await ask("/api/v1/account", { again: false });
  } catch {
    // Policy: where the account cannot be read the password is asked for; the server decides anyway.
  }
  const mine = account.passkeys.some((one) => one.host === account.host);
  const ways = [
    account.has_pin && !account.pin_locked ? "pin" : null,
    mine && account.passkeys_here === "yes" && browserKnows ? "passkey" : null,
    account.has_password ? "password" : null,
  ].filter(Boolean);
  return new Promise((resolve) => open(what, ways, resolve));
}

const LEADS = {
  pin: () => _("Your PIN, six digits. It is not asked for again for some minutes."),
  passkey: () => _("Your passkey. You are not asked again for some minutes."),
  password: () => _("Your password. It is not asked for again for some minutes."),
};
const OTHERS = {
  pin: () => _("Use the PIN instead"),
  passkey: () => _("Use a passkey instead"),
  password: () => _("Use the password instead"),
};

function open(what, ways, resolve) {
  const title = h("h2", {}, _("Please show that it is you"));
  const lead = h("p", { class: "help" });
  const trouble = h("p", { class: "trouble", role: "alert", hidden: true });
  const place = h("div", { class: "place" });
  const others = h("div", { class: "acts" });
  const cancel = h("button", { type: "button", class: "quiet", onclick: () => end(false) }, _("Cancel"));
  const dialog = h("dialog", { class: "step-up", "aria-label": title.textContent }, title, lead, trouble, place, others);

  function end(shown) {
    dialog.close();
    dialog.remove();
    resolve(shown);
  }

  async function send(proof) {
    trouble.hidden = true;
    try {
      await ask("/api/v1/session/proof", { method: "POST", body: { ...proof, what: what.slice(0, 100) }, again: false });
      end(true);
    } catch (error) {
      // Policy: it is told what did not fit, and asked for again; a locked PIN gives way to the password.
      if (error.code === "pin_locked") {
        ways = ways.filter((way) => way !== "pin");
        paint(ways.includes("password") ? "password" : ways[0]);
      }
      refused(told(error.more?.told) || error.message);
      place.querySelector("input, button")?.focus();
    }
  }

  async function sendPasskey() {
    trouble.hidden = true;
    try {
      const options = await ask("/api/v1/session/proof/options", { method: "POST", again: false });
      await send({ credential: await showPasskey(options) });
    } catch (error) {
      // Policy: what browsers say of themselves is for developers; the other ways stay open.
      refused(error instanceof DOMException ? _("No passkey was shown. Try again, or choose another way.") : error.message);
    }
  }

  function refused(word) {
    say(trouble, word);
    trouble.hidden = false;
  }

  function paint(way) {
    // Who has neither signs in anew, which counts as having shown it.
    say(lead, way ? LEADS[way]() : _("You have neither password nor PIN here. Signing in once more shows it."));
    const rest = ways.filter((one) => one !== way);
    others.replaceChildren(
      ...rest.map((one) => h("button", { type: "button", class: "quiet", onclick: () => paint(one) }, OTHERS[one]())),
      cancel,
    );
    const form =
      way === "pin"
        ? makePinPad((typed) => send({ pin: typed }))
        : way === "passkey"
          ? passkeyForm(sendPasskey)
          : way === "password"
            ? passwordForm(send)
            : h("a", { class: "button", href: `/login?switch&next=${encodeURIComponent(location.pathname + location.search)}` }, _("Sign in"));
    place.replaceChildren(form);
    (form.querySelector("input, button") ?? form).focus();
  }

  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    end(false);
  });
  document.body.append(dialog);
  dialog.showModal();
  paint(ways[0]);
}

function passkeyForm(send) {
  const button = h("button", { type: "submit", class: "primary" }, _("Show a passkey"));
  return h(
    "form",
    {
      novalidate: true,
      onsubmit: async (event) => {
        event.preventDefault();
        button.disabled = true;
        await send();
        button.disabled = false;
      },
    },
    button,
  );
}

function passwordForm(send) {
  const input = h("input", {
    type: "password",
    class: "settings-input",
    autocomplete: "current-password",
    maxlength: "1000",
    "aria-label": _("Password"),
  });
  const button = h("button", { type: "submit", class: "primary" }, _("Continue"));
  return h(
    "form",
    {
      novalidate: true,
      onsubmit: async (event) => {
        event.preventDefault();
        if (!input.value) return;
        button.disabled = true;
        await send({ password: input.value });
        button.disabled = false;
        input.value = "";
      },
    },
    input,
    button,
  );
}
