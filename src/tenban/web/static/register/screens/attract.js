// Nobody is here: one obvious way to begin, in either language.
import { h } from "../../dom.js";
import { language, page, speak, _ } from "../../words.js";
import { scannerDrawing } from "../art.js";
import { pieces, total } from "../core/sale.js";
import { clockTime } from "../../times.js";
import { each, price, Screen } from "../screen.js";

export function attract(till) {
  const screen = new Screen(till);
  const begin = screen.button(
    () => (till.staffed && till.cashier === null ? _("Sign on") : _("Start")),
    () => (till.staffed && till.cashier === null ? till.dispatchEvent(notice("sign_on")) : till.start_sale()),
    { class: "primary huge start" },
  );
  const other = h("button", {
    type: "button",
    class: "huge other-language",
    onclick: () => {
      speak(language() === "ja" ? "en" : "ja");
      if (!till.staffed) till.start_sale();
    },
  });
  const kept = h("ul", { class: "kept-sales" });
  const keptBox = h(
    "section",
    { class: "kept", "aria-labelledby": "kept-title" },
    screen.text("h2", { id: "kept-title" }, () => _("Set aside at this register")),
    kept,
  );
  screen.also(() => {
    const next = language() === "ja" ? "en" : "ja";
    other.lang = next;
    other.textContent = next === "ja" ? "日本語で始める" : "Start in English";
    other.hidden = till.staffed;
    keptBox.hidden = till.suspended.length === 0 || (till.staffed && till.cashier === null);
    each(
      kept,
      till.suspended,
      (sale) => `${language()} ${sale.number}`,
      (sale) =>
        h(
          "li",
          {},
          h("button", { type: "button", class: "wide", onclick: () => till.resume(sale.number) }, [
            h(
              "span",
              {},
              pieces(sale) === 1 ? _("Go on with 1 item") : _("Go on with {n} items", { n: pieces(sale) }),
            ),
            h("time", {}, clockTime(sale.suspended_ms)),
            h("b", { class: "figures" }, price(total(sale))),
          ]),
        ),
    );
  });
  screen.element = h(
    "section",
    { class: "stage attract", tabindex: "-1", "aria-labelledby": "attract-title" },
    h(
      "div",
      { class: "welcome" },
      h("p", { class: "shop-name" }, page.shop.name),
      screen.text("h1", { id: "attract-title" }, () =>
        till.staffed ? (till.cashier === null ? _("This register is closed") : _("Ready")) : _("Welcome"),
      ),
      scannerDrawing(),
      screen.text("p", { class: "lead" }, () =>
        till.staffed && till.cashier === null
          ? _("Sign on to open it.")
          : _("Scan the first item, or touch “{start}”.", { start: _("Start") }),
      ),
      h("div", { class: "begin" }, begin, other),
      keptBox,
    ),
  );
  return screen;
}

function notice(kind) {
  return new CustomEvent("notice", { detail: { kind } });
}

/** The shopper's side of a semi-self register while nothing is there to pay. */
export function waiting(till) {
  const screen = new Screen(till);
  screen.element = h(
    "section",
    { class: "stage attract", tabindex: "-1", "aria-labelledby": "waiting-title" },
    h(
      "div",
      { class: "welcome" },
      h("p", { class: "shop-name" }, page.shop.name),
      screen.text("h1", { id: "waiting-title" }, () => _("Pay here")),
      screen.text("p", { class: "lead" }, () =>
        _("Staff register your items first. Your total appears here."),
      ),
    ),
  );
  return screen;
}
