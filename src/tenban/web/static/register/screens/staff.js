// What staff approve at a register, with name and password: ages, release, signing on; and giving a sale up.
import { h } from "../../dom.js";
import { _ } from "../../words.js";
import { Away, Refused } from "../server.js";
import { Sheet } from "../screen.js";

/** What the server's refusal means to the person who typed. */
export function whyNot(error) {
  if (error instanceof Away) return _("The server does not answer: approval is not possible at the moment.");
  if (!(error instanceof Refused)) throw error;
  if (error.status >= 500) return _("The server does not answer: approval is not possible at the moment.");
  if (error.code === "too_many") return _("Too many wrong passwords. Please wait five minutes.");
  if (error.code === "not_signed_in") return _("This browser is not paired with the register any more.");
  if (error.code === "wrong_pin") return _("Name and PIN do not fit together.");
  if (error.code === "pin_locked")
    return _("This PIN is locked after five wrong tries. Use your password, which unlocks it.");
  if (error.message.includes("password")) return _("Name and password do not fit together.");
  if (error.code === "forbidden") return _("Your role does not allow this.");
  return error.message;
}

/** Name and password, and a button; `onanswer(name, password)` throws what went wrong. */
export function credentials(screen, { id, go, onanswer, pin = false }) {
  const name = h("input", {
    id: `${id}-name`,
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
    maxlength: "100",
    required: true,
  });
  const password = h("input", {
    id: `${id}-password`,
    type: "password",
    autocomplete: "off",
    maxlength: "256",
    required: true,
  });
  const trouble = h("p", { class: "trouble", role: "alert", hidden: true });
  const button = screen.text("button", { type: "submit", class: "primary huge" }, go);
  const form = h(
    "form",
    {
      class: "credentials",
      onsubmit: async (event) => {
        event.preventDefault();
        button.disabled = true;
        trouble.hidden = true;
        try {
          await onanswer(name.value, password.value);
          name.value = "";
        } catch (error) {
          trouble.textContent = whyNot(error);
          trouble.hidden = false;
          password.focus();
        }
        password.value = "";
        button.disabled = false;
      },
    },
    screen.text("label", { for: `${id}-name` }, () => _("Name")),
    name,
    screen.text("label", { for: `${id}-password` }, () => (pin ? _("Password or PIN") : _("Password"))),
    password,
    trouble,
    button,
  );
  form.reset_all = () => {
    form.reset();
    trouble.hidden = true;
  };
  return form;
}

/** What was typed: a password has eight signs at least, so six digits are a PIN. */
export function shownBy(typed) {
  const digits = typed.normalize("NFKC");
  return /^\d{6}$/.test(digits) ? { pin: digits } : { password: typed };
}

/** A sheet that asks staff to approve one thing. */
export function approval(till, { name, title, lead, what, note = () => "", then, more = () => [] }) {
  const sheet = new Sheet(till, name);
  let asked = {};
  const form = credentials(sheet, {
    id: name,
    go: () => _("Approve"),
    pin: true,
    onanswer: async (who, typed) => {
      const given = await till.approve({ name: who, ...shownBy(typed), what, note: note(asked) });
      sheet.close();
      then(given, asked);
    },
  });
  sheet.enter = (detail) => {
    asked = detail ?? {};
    form.reset_all();
  };
  sheet.element.append(
    sheet.head(title),
    sheet.text("p", { class: "lead" }, () => lead(asked)),
    ...more(sheet, () => asked),
    form,
  );
  return sheet;
}

export function ageSheet(till) {
  return approval(till, {
    name: "age",
    title: () => _("Age check"),
    lead: () =>
      _("This item is sold from the age of {n}. Staff: please check, then approve.", { n: till.ageToCheck }),
    what: "age",
    note: () => String(till.ageToCheck),
    then: (given) => till.ageApproved(given),
    more: (sheet, asked) => {
      const drop = sheet.button(
        () => _("I don't need this item"),
        () => {
          const { line } = asked();
          sheet.close();
          if (line) till.voidLine(line);
          else
            for (const one of till.sale.lines.filter((l) => (l.minimum_age ?? 0) > 0 && l.quantity > 0))
              till.voidLine(one.line);
        },
        { name: "undo" },
      );
      const later = sheet.button(
        () => _("Go on scanning"),
        () => sheet.close(),
        { name: "scan" },
      );
      const call = sheet.button(
        () => _("Call staff"),
        () => till.callStaff("age"),
        { name: "staff" },
      );
      // A cashier who is signed on has shown who they are already.
      const checked = sheet.button(
        () => _("I have checked the age"),
        () => {
          sheet.close();
          till.ageApproved({ approval: null });
        },
        { name: "check", class: "primary huge" },
      );
      sheet.also(() => {
        const cashier = till.staffed && till.cashier !== null;
        checked.hidden = !cashier;
        call.hidden = cashier;
        sheet.element.querySelector("form").hidden = cashier;
      });
      return [checked, h("div", { class: "mend" }, call, later, drop)];
    },
  });
}

export function releaseSheet(till) {
  return approval(till, {
    name: "release",
    title: () => _("Let payment go on"),
    lead: () => _("Staff: please help the customer, then approve."),
    what: "release",
    then: () => till.release(),
  });
}

export function signOnSheet(till) {
  return approval(till, {
    name: "sign-on",
    title: () => _("Sign on"),
    lead: () => _("Sales are rung under your name until you sign off."),
    what: "sign_on",
    then: (given) => till.signOn(given),
  });
}

export function cancelSheet(till) {
  const sheet = new Sheet(till, "cancel-sheet");
  sheet.element.append(
    h(
      "div",
      { class: "head" },
      sheet.title(() => _("Cancel all items?")),
    ),
    sheet.text("p", { class: "lead" }, () => _("Nothing is charged. Please leave the items with staff.")),
    h(
      "div",
      { class: "mend" },
      sheet.button(
        () => _("No, go on"),
        () => sheet.close(),
        { name: "back", class: "primary huge", autofocus: true },
      ),
      sheet.button(
        () => _("Yes, cancel all"),
        () => {
          sheet.close();
          till.cancel(till.staffed ? "staff" : "shopper");
        },
        { name: "close", class: "huge" },
      ),
    ),
  );
  return sheet;
}
