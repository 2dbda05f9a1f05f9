// The sale in hand: its lines, the running total, and the way on.
import { h, say } from "../../dom.js";
import { icon } from "../icons.js";
import { _ } from "../../words.js";
import { picture, scannerDrawing } from "../art.js";
import { pieces, shownLines } from "../core/sale.js";
import { canScan } from "./camera.js";
import { each, price, Screen } from "../screen.js";

export function basket(till, open) {
  const screen = new Screen(till);
  const reading = till.side === "pay" && till.kind === "semi_self";
  const list = h("ol", { class: "lines", "aria-label": "" });
  const empty = h(
    "div",
    { class: "nothing-yet" },
    scannerDrawing(),
    screen.text("p", { class: "big" }, () => _("Scan your first item")),
    screen.text("p", {}, () =>
      _("Hold its barcode up to the scanner. Fruit, vegetables and bread: “{find}”.", {
        find: _("Find an item"),
      }),
    ),
  );
  const scanning = h("p", { class: "banner attention", role: "status" });
  const age = h(
    "div",
    { class: "banner info" },
    screen.text("p", {}, () =>
      _("Staff will check your age ({n} or over) before you pay.", { n: till.ageToCheck }),
    ),
    screen.button(
      () => _("Staff: check now"),
      () => open("age", {}),
    ),
  );
  const pay = screen.button(
    () => (till.side === "staff" && till.kind === "semi_self" ? _("Send to payment") : _("Pay")),
    () => till.toPayment(),
    { class: "primary huge pay", "aria-keyshortcuts": "F12" },
  );
  const sum = h("output", { class: "sum figures" });
  const count = h("p", { class: "count" });
  const actions = h(
    "div",
    { class: "actions" },
    screen.button(
      () => _("Find an item"),
      () => open("lookup", {}),
      { name: "search", class: "find", "aria-keyshortcuts": "F2" },
    ),
    screen.button(
      () => _("Enter a code"),
      () => open("code", {}),
      { name: "keypad", "aria-keyshortcuts": "F3" },
    ),
    canScan()
      ? screen.button(
          () => _("Scan with the camera"),
          () => open("camera", {}),
          { name: "lens" },
        )
      : null,
    screen.button(
      () => _("Set aside"),
      () => till.suspend(),
      { name: "pause" },
    ),
    screen.button(
      () => _("Cancel all"),
      () => open("cancel", {}),
      { name: "close" },
    ),
  );

  screen.also(() => {
    const lines = till.sale === null ? [] : shownLines(till.sale);
    list.hidden = lines.length === 0;
    list.setAttribute("aria-label", _("Your items"));
    empty.hidden = lines.length > 0 || reading;
    // The newest on top: what was just scanned is where the eye is.
    each(
      list,
      lines,
      (line) => line.line,
      (line) => lineOf(line, till, reading),
    );
    for (const row of list.children) row.classList.toggle("latest", row.dataset.key === till.sale?.last);
    age.hidden = till.ageToCheck === 0 || reading;
    scanning.hidden = till.scanning === null;
    say(scanning, till.scanning === null ? "" : _("Please scan the item now."));
    say(sum, price(till.due));
    const n = till.sale === null ? 0 : pieces(till.sale);
    say(count, n === 1 ? _("1 item") : _("{n} items", { n }));
    pay.disabled = n === 0;
    pay.hidden = reading;
    actions.hidden = reading;
  });

  screen.element = h(
    "section",
    { class: "stage basket", tabindex: "-1", "aria-labelledby": "basket-title" },
    h(
      "div",
      { class: "column items" },
      screen.text("h1", { class: "unseen", id: "basket-title" }, () => _("Your items")),
      scanning,
      age,
      empty,
      list,
    ),
    h(
      "aside",
      { class: "column side" },
      h(
        "div",
        { class: "total" },
        screen.text("p", { class: "label" }, () => _("Total (tax included)")),
        sum,
        count,
      ),
      reading ? screen.text("p", { class: "lead" }, () => _("Staff are registering your items.")) : null,
      pay,
      actions,
    ),
  );
  return screen;
}

function lineOf(line, till, reading) {
  const name = h("p", { class: "name" });
  const each_ = h("p", { class: "each figures" });
  const amount = h("p", { class: "amount figures" });
  const number = h("span", { class: "figures number" });
  const less = h("button", { type: "button", class: "less", onclick: () => change(-1) }, "−");
  const more = h("button", { type: "button", class: "more", onclick: () => change(1) }, "+");
  const remove = h(
    "button",
    { type: "button", class: "remove quiet", onclick: () => away() },
    icon("bin"),
  );
  const row = h(
    "li",
    { class: "line" },
    picture({ code: line.plu, name: line.name, category: line.category }),
    h("div", { class: "what" }, name, each_),
    reading ? number : h("div", { class: "quantity", role: "group" }, less, number, more),
    amount,
    reading ? null : remove,
  );
  let current = line;

  function change(by) {
    till.setQuantity(current.line, current.quantity + by);
  }

  // The row goes with the button that had the focus: the next one takes it, or the way on.
  function away() {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    const stage = row.closest(".stage");
    till.voidLine(line.line);
    (next?.querySelector(".remove") ?? stage.querySelector(".find"))?.focus();
  }

  row.paint = (now) => {
    current = now;
    say(name, now.name ?? now.plu);
    const weight =
      now.weight_g === null || now.weight_g === undefined ? "" : `${(now.weight_g / 1000).toFixed(3)} kg`;
    say(each_, weight || (now.quantity > 1 ? `${price(now.unit_price)} × ${now.quantity}` : ""));
    each_.hidden = each_.textContent === "";
    say(amount, price(now.amount));
    say(number, reading && now.quantity === 1 ? "" : String(now.quantity));
    row.querySelector(".quantity")?.classList.toggle("fixed", now.own === true);
    row.querySelector(".quantity")?.setAttribute("aria-label", _("Quantity of {name}", { name: now.name }));
    less.disabled = now.quantity <= 1;
    less.setAttribute("aria-label", _("One less"));
    more.setAttribute("aria-label", _("One more"));
    remove.setAttribute("aria-label", _("Remove {name}", { name: now.name }));
    remove.title = _("Remove");
  };
  return row;
}
