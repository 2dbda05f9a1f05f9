// A receipt, on the screen and on the browser's paper.
import { h } from "../../dom.js";
import { clockTime, longDate, now } from "../../times.js";
import { page, _ } from "../../words.js";
import { pieces, total } from "../core/sale.js";
import { price } from "../screen.js";

const METHODS = () => ({ cash: _("Cash"), card: _("Card"), ic: _("IC card"), qr: _("Code payment") });

function line(left, right, attributes = {}) {
  return h("tr", attributes, h("th", { scope: "row" }, left), h("td", { class: "figures" }, right));
}

export function receipt(sale, till) {
  const payment = sale.payments[0];
  const method = METHODS()[payment?.method] ?? payment?.method ?? "";
  const rows = sale.lines
    .filter((one) => one.quantity > 0)
    .flatMap((one) => {
      if (one.weight_g)
        return [
          line(one.name, price(one.amount)),
          line(`${(one.weight_g / 1000).toFixed(3)} kg`, "", { class: "sub" }),
        ];
      if (one.quantity === 1) return [line(one.name, price(one.amount))];
      return [
        line(one.name, ""),
        line(`${one.quantity} × ${price(one.unit_price)}`, price(one.amount), { class: "sub" }),
      ];
    });
  return h(
    "article",
    { class: "receipt", "aria-label": _("Receipt") },
    h("h2", {}, page.shop.name),
    h("p", { class: "muted" }, `${longDate(now())} ${clockTime(now())}`),
    h(
      "p",
      { class: "muted" },
      `${_("Register")} ${page.register.name} · ${sale.number}`,
      till.cashier ? ` · ${till.cashier}` : "",
    ),
    h(
      "table",
      {},
      h("tbody", {}, rows),
      h(
        "tbody",
        { class: "sum-rows" },
        line(_("Total (tax included)"), price(total(sale)), { class: "total-row" }),
        line(_("Items"), String(pieces(sale))),
        line(payment?.card ? `${method} …${payment.card}` : method, price(total(sale))),
        sale.tendered === null || sale.tendered === undefined
          ? []
          : [line(_("Received"), price(sale.tendered)), line(_("Change"), price(sale.change))],
      ),
    ),
    payment && payment.method !== "cash"
      ? h("p", { class: "muted" }, _("Simulated payment: no card is read and nothing is charged."))
      : "",
  );
}
