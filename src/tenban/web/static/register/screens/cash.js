// Notes and coins as plain shapes: a size, a colour and a figure, so that nobody takes them for pictures of money.
import { h } from "../../dom.js";
import { page } from "../../words.js";
import { isNote } from "../core/money.js";

/** One note or coin with its value. */
export function piece(value) {
  const kind = isNote(value, page.shop.currency) ? "note" : "coin";
  return h(
    "span",
    { class: `money ${kind} v${value}` },
    h("span", { class: "figures" }, value.toLocaleString("en")),
  );
}

/** What the machine pays out, as piles with their count. */
export function piles(pieces) {
  return h(
    "ul",
    { class: "piles" },
    pieces.map(({ value, count }) =>
      h("li", {}, piece(value), h("span", { class: "times figures" }, `× ${count}`)),
    ),
  );
}
