// Paid: thanks, the change as the machine pays it out, the receipt on screen and on paper.
import { h, say } from "../../dom.js";
import { page, _ } from "../../words.js";
import { payOut } from "../core/money.js";
import { price, Screen } from "../screen.js";
import { piles } from "./cash.js";
import { receipt } from "./receipt.js";

const STAY_S = 30;

export function done(till, print) {
  const screen = new Screen(till);
  let left_s = STAY_S;
  let timer = 0;
  const change = h("div", { class: "change" });
  const paper = h("div", { class: "paper" });
  const trouble = h("p", { class: "trouble", role: "alert", hidden: true });
  const countdown = h("span", { class: "figures countdown" });
  const finish = screen.button(
    () => _("Finish"),
    () => till.next(),
    { class: "primary huge" },
  );
  finish.append(countdown);

  async function onPrinter() {
    restart();
    trouble.hidden = true;
    const why = await print(till.sale.number);
    trouble.hidden = why === null;
    if (why !== null) trouble.textContent = why;
  }

  function restart() {
    left_s = STAY_S;
    say(countdown, "");
  }

  function tick() {
    left_s -= 1;
    if (left_s <= 10) say(countdown, String(left_s));
    if (left_s <= 0) till.next();
  }

  screen.also(() => {
    if (till.sale === null) return;
    const back = till.sale.change;
    change.hidden = till.sale.tendered === null || till.sale.tendered === undefined;
    if (!change.hidden) {
      change.replaceChildren(
        h("p", { class: "label" }, _("Your change")),
        h("output", { class: "sum figures" }, price(back)),
        back > 0 ? piles(payOut(back, page.shop.currency)) : h("p", { class: "muted" }, _("No change.")),
        back > 0 && !till.staffed ? h("p", { class: "lead" }, _("Please take your change.")) : "",
      );
    }
    paper.replaceChildren(receipt(till.sale, till));
  });
  screen.enter = () => {
    restart();
    clearInterval(timer);
    timer = setInterval(tick, 1000);
  };
  screen.leave = () => clearInterval(timer);
  screen.element = h(
    "section",
    { class: "stage done", tabindex: "-1", "aria-labelledby": "done-title" },
    h(
      "div",
      { class: "column" },
      screen.text("h1", { id: "done-title" }, () => _("Thank you")),
      screen.text("p", { class: "lead" }, () =>
        _("Payment is complete. Please don't forget your belongings."),
      ),
      change,
      trouble,
      h(
        "div",
        { class: "actions" },
        page.register.printer
          ? screen.button(() => _("Print the receipt"), onPrinter, { name: "printer", class: "print-device" })
          : null,
        screen.button(
          () => (page.register.printer ? _("Print from the browser") : _("Print the receipt")),
          () => {
            restart();
            globalThis.print();
          },
          { name: "printer", class: "print-browser" },
        ),
      ),
      finish,
    ),
    paper,
  );
  return screen;
}
