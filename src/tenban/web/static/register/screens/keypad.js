// Figures by touch or by key: a code that cannot be scanned, a weight, an amount.
import { h, say } from "../../dom.js";
import { _ } from "../../words.js";
import { picture } from "../art.js";
import { BadCode, readCode } from "../core/codes.js";
import { priceOf } from "../core/sale.js";
import { price, Sheet } from "../screen.js";

const KEYS = ["7", "8", "9", "4", "5", "6", "1", "2", "3", "00", "0", "⌫"];

/** A keypad beneath a field; the field takes a keyboard, too, and asks for none on the screen. */
export function pad(field, onchange) {
  return h(
    "div",
    { class: "pad" },
    KEYS.map((key) =>
      h(
        "button",
        {
          type: "button",
          class: "figures",
          "aria-label": key === "⌫" ? null : key,
          "data-key-name": key,
          onclick: () => {
            field.value =
              key === "⌫" ? field.value.slice(0, -1) : (field.value + key).slice(0, field.maxLength);
            onchange();
          },
        },
        key,
      ),
    ),
  );
}

export function codeSheet(till) {
  const sheet = new Sheet(till, "code-sheet");
  const field = h("input", {
    id: "code-text",
    class: "figures big-field",
    inputmode: "none",
    autofocus: true,
    autocomplete: "off",
    maxlength: "14",
    oninput: () => sheet.paint(),
  });
  const said = h("p", { class: "said", role: "status" });
  const go = sheet.button(
    () => _("Add"),
    () => enter(),
    { class: "primary huge" },
  );

  function enter() {
    sheet.close();
    till.scan(field.value);
  }

  sheet.also(() => {
    let found = null;
    let wrong = "";
    if (field.value.trim()) {
      try {
        found = till.articles.get(readCode(field.value).key);
      } catch (error) {
        if (!(error instanceof BadCode)) throw error;
        wrong = _("The last digit does not fit: please check the number.");
      }
    }
    say(said, found ? `${found.name} · ${price(found.unit_price ?? 0)}` : wrong);
    go.disabled = found === null;
    backspace(sheet);
  });
  sheet.enter = () => {
    field.value = "";
  };
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing && !go.disabled) enter();
  });
  sheet.element.append(
    sheet.head(() => _("Enter a code")),
    sheet.text("label", { for: "code-text" }, () => _("The figures beneath the barcode")),
    field,
    said,
    pad(field, () => sheet.paint()),
    go,
  );
  return sheet;
}

function backspace(sheet) {
  sheet.element.querySelector('[data-key-name="⌫"]')?.setAttribute("aria-label", _("Delete the last figure"));
}

export function weigh(till) {
  const sheet = new Sheet(till, "weigh-sheet");
  let asked = null;
  const head = h("div", { class: "article-head" });
  const field = h("input", {
    id: "weight-text",
    class: "figures big-field",
    inputmode: "none",
    autofocus: true,
    autocomplete: "off",
    maxlength: "5",
    oninput: () => sheet.paint(),
  });
  const said = h("output", { class: "sum figures" });
  const go = sheet.button(
    () => _("Add"),
    () => enter(),
    { class: "primary huge" },
  );

  function grams() {
    const value = field.value.normalize("NFKC").trim();
    return /^\d{1,5}$/.test(value) ? Number(value) : 0;
  }

  function enter() {
    sheet.close();
    till.register(asked.article, { weight_g: grams(), entered: asked.entered ?? "key" });
  }

  sheet.also(() => {
    if (asked === null) return;
    const { article } = asked;
    head.replaceChildren(
      picture(article),
      h("p", { class: "name" }, article.name),
      h("p", { class: "figures" }, `${price(article.unit_price ?? 0)} ${_("per kg")}`),
    );
    const weight_g = grams();
    say(said, weight_g > 0 ? price(priceOf(article.unit_price ?? 0, weight_g)) : "–");
    go.disabled = weight_g === 0;
    backspace(sheet);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing && !go.disabled) enter();
  });
  sheet.enter = (detail) => {
    asked = detail;
    field.value = "";
  };
  sheet.element.append(
    sheet.head(() => _("Weigh the item")),
    head,
    sheet.text("label", { for: "weight-text" }, () => _("Weight in grams, as the scale shows it")),
    h("div", { class: "field-and-sum" }, field, said),
    pad(field, () => sheet.paint()),
    go,
  );
  return sheet;
}
