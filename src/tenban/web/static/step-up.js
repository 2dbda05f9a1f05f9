// Asks who it is once more, before something privileged; the request that was refused is then sent again.
import { ask } from "./api.js";
import { h, say } from "./dom.js";
import { makePinPad } from "./parts/pin-pad.js";
import { _, told } from "./words.js";

let asking = null;

/** Ask for the PIN, or the password where there is none; resolves to whether it was shown. */
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
  let account = { has_pin: false, pin_locked: false };
  try {
    account = await ask("/api/v1/account", { again: false });
  } catch {
    // Policy: where the account cannot be read the password is asked for; the server decides anyway.
  }
  const hasPin = account.has_pin && !account.pin_locked;
  return new Promise((resolve) => open(what, hasPin, resolve));
}

function open(what, hasPin, resolve) {
  let withPin = hasPin;
  const title = h("h2", {}, _("Please show that it is you"));
  const lead = h("p", { class: "help" });
  const trouble = h("p", { class: "trouble", role: "alert", hidden: true });
  const place = h("div", { class: "place" });
  // Without a PIN there is nothing to choose.
  const other = h("button", { type: "button", class: "quiet", hidden: !hasPin, onclick: () => paint(!withPin) });
  const cancel = h("button", { type: "button", class: "quiet", onclick: () => end(false) }, _("Cancel"));
  const dialog = h(
    "dialog",
    { class: "step-up", "aria-label": title.textContent },
    title,
    lead,
    trouble,
    place,
    h("div", { class: "acts" }, other, cancel),
  );

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
        other.hidden = true;
        paint(false);
      }
      say(trouble, told(error.more?.told) || error.message);
      trouble.hidden = false;
      place.querySelector("input")?.focus();
    }
  }

  function paint(pin) {
    withPin = pin;
    say(lead, pin ? _("Your PIN, six digits. It is not asked for again for some minutes.") : _("Your password. It is not asked for again for some minutes."));
    say(other, pin ? _("Use the password instead") : _("Use the PIN instead"));
    const form = pin ? makePinPad((typed) => send({ pin: typed })) : passwordForm(send);
    place.replaceChildren(form);
    form.querySelector("input").focus();
  }

  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    end(false);
  });
  document.body.append(dialog);
  dialog.showModal();
  paint(hasPin);
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
