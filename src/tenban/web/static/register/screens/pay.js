// Paying: how, then cash as a machine takes and gives it, or a simulated cashless tender that says so.
import { h, say } from "../../dom.js";
import { icon } from "../icons.js";
import { page, _ } from "../../words.js";
import { CASH, isNote, likelyTenders } from "../core/money.js";
import { each, price, Screen } from "../screen.js";
import { piece } from "./cash.js";

const CASHLESS = ["card", "ic", "qr"];
const ANSWER_MS = 1_400;

function dueBox(screen, till) {
  return h(
    "div",
    { class: "total" },
    screen.text("p", { class: "label" }, () => _("To pay (tax included)")),
    screen.text("output", { class: "sum figures" }, () => price(till.due)),
  );
}

function heldBanner(screen, till, open) {
  const banner = h(
    "div",
    { class: "banner attention held", role: "alert" },
    screen.text("p", {}, () => _("Please wait a moment: staff are coming to help you.")),
    screen.button(
      () => _("Staff: go on"),
      () => open("release", {}),
    ),
  );
  screen.also(() => {
    banner.hidden = !till.held;
  });
  return banner;
}

export function methods(till, open) {
  const screen = new Screen(till);
  const choices = [
    ["cash", "cash", () => _("Cash")],
    ["card", "card", () => _("Card")],
    ["ic", "tap", () => _("IC card")],
    ["qr", "qr", () => _("Code payment")],
  ].map(([method, name, make]) =>
    screen.button(make, () => till.choose(method), { name, class: "method", "data-method": method }),
  );
  screen.also(() => {
    for (const choice of choices) choice.disabled = till.held;
    back.hidden = till.side === "pay";
  });
  const back = screen.button(
    () => _("Back to scanning"),
    () => till.backToScan(),
    { name: "back" },
  );
  screen.element = h(
    "section",
    { class: "stage pay", tabindex: "-1", "aria-labelledby": "pay-title" },
    h(
      "div",
      { class: "column" },
      screen.text("h1", { id: "pay-title" }, () => _("How would you like to pay?")),
      heldBanner(screen, till, open),
      h("div", { class: "methods" }, choices),
    ),
    h("aside", { class: "column side" }, dueBox(screen, till), back),
  );
  return screen;
}

export function cash(till, open) {
  const screen = new Screen(till);
  const currency = page.shop.currency;
  const slots = CASH[currency].map((value) =>
    h(
      "button",
      {
        type: "button",
        class: `piece ${isNote(value, currency) ? "note" : "coin"}`,
        "data-value": value,
        onclick: () => till.insert(value),
      },
      piece(value),
    ),
  );
  const at_once = h("div", { class: "at-once" });
  const left = h("output", { class: "figures" });
  const leftLabel = h("p", { class: "label" });
  const confirm = screen.button(
    () => _("Pay in cash"),
    () => till.payCash(),
    { class: "primary huge confirm" },
  );
  const hint = screen.text("p", { class: "muted" }, () =>
    till.putIn > 0 ? _("Going back returns what you put in.") : "",
  );
  screen.also(() => {
    const missing = till.due - till.putIn;
    say(leftLabel, missing > 0 ? _("Still to put in") : _("Your change"));
    say(left, price(Math.abs(missing)));
    confirm.disabled = missing > 0 || till.held;
    for (const slot of slots) {
      slot.disabled = missing <= 0;
      slot.setAttribute("aria-label", _("Put in {amount}", { amount: price(Number(slot.dataset.value)) }));
    }
    at_once.hidden = !till.staffed;
    if (till.staffed) {
      each(
        at_once,
        likelyTenders(till.due, currency),
        (amount) => amount,
        (amount) =>
          h(
            "button",
            { type: "button", onclick: () => till.tender(amount) },
            h("span", { class: "figures" }, price(amount)),
          ),
      );
    }
  });
  screen.element = h(
    "section",
    { class: "stage pay cash", tabindex: "-1", "aria-labelledby": "cash-title" },
    h(
      "div",
      { class: "column" },
      screen.text("h1", { id: "cash-title" }, () =>
        till.staffed ? _("Enter the cash received") : _("Put in notes and coins"),
      ),
      screen.text("p", { class: "muted simulated" }, () =>
        _("This register has no cash machine attached: touch what you would put in."),
      ),
      heldBanner(screen, till, open),
      at_once,
      h("div", { class: "slots" }, slots),
    ),
    h(
      "aside",
      { class: "column side" },
      dueBox(screen, till),
      h(
        "dl",
        { class: "sums", "aria-live": "polite" },
        h(
          "div",
          {},
          screen.text("dt", {}, () => _("Put in")),
          screen.text("dd", { class: "figures" }, () => price(till.putIn)),
        ),
        h("div", { class: "left" }, h("dt", {}, leftLabel), h("dd", {}, left)),
      ),
      confirm,
      screen.button(
        () => _("Another way to pay"),
        () => till.backToMethods(),
        { name: "back" },
      ),
      hint,
    ),
  );
  return screen;
}

export function cashless(till, open) {
  const screen = new Screen(till);
  let timer = 0;
  let asking = false;
  const drawing = h("div", { class: "terminal" });
  const confirm = screen.button(
    () => (asking ? _("One moment …") : _("Pay {amount}", { amount: price(till.due) })),
    () => {
      asking = true;
      screen.paint();
      timer = setTimeout(() => {
        asking = false;
        till.payCashless();
      }, ANSWER_MS);
    },
    { class: "primary huge confirm" },
  );
  const back = screen.button(
    () => _("Another way to pay"),
    () => till.backToMethods(),
    { name: "back" },
  );
  screen.also(() => {
    confirm.disabled = asking || till.held;
    back.disabled = asking;
    drawing.replaceChildren(icon({ card: "card", ic: "tap", qr: "qr" }[till.method] ?? "card"));
  });
  screen.leave = () => {
    clearTimeout(timer);
    asking = false;
  };
  screen.element = h(
    "section",
    { class: "stage pay cashless", tabindex: "-1", "aria-labelledby": "cashless-title" },
    h(
      "div",
      { class: "column" },
      screen.text("h1", { id: "cashless-title" }, () =>
        CASHLESS.includes(till.method)
          ? {
              card: _("Insert or tap your card"),
              ic: _("Tap your IC card"),
              qr: _("Show your payment code"),
            }[till.method]
          : "",
      ),
      heldBanner(screen, till, open),
      drawing,
      screen.text("p", { class: "banner info simulated" }, () =>
        _("Simulated payment: no card is read and nothing is charged."),
      ),
    ),
    h("aside", { class: "column side" }, dueBox(screen, till), confirm, back),
  );
  return screen;
}

/** Staff's side of a semi-self register while the shopper pays. */
export function elsewhere(till) {
  const screen = new Screen(till);
  screen.element = h(
    "section",
    { class: "stage pay", tabindex: "-1", "aria-labelledby": "elsewhere-title" },
    h(
      "div",
      { class: "column" },
      screen.text("h1", { id: "elsewhere-title" }, () => _("The customer is paying")),
      screen.text("p", { class: "lead" }, () =>
        _("The sale is on the payment screen. The next one can start once it is paid."),
      ),
    ),
    h(
      "aside",
      { class: "column side" },
      dueBox(screen, till),
      screen.button(
        () => _("Back to scanning"),
        () => till.backToScan(),
        { name: "back" },
      ),
    ),
  );
  return screen;
}
