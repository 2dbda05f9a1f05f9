// Finding an article without a barcode: by picture, by kind, by the first kana, or by name as one types.
import { h, say } from "../../dom.js";
import { language, _ } from "../../words.js";
import { picture } from "../art.js";
import { find } from "../core/search.js";
import { each, price, Sheet } from "../screen.js";

const KANA_ROWS = [
  ["あ", /^[ぁ-おゔ]/],
  ["か", /^[か-ご]/],
  ["さ", /^[さ-ぞ]/],
  ["た", /^[た-ど]/],
  ["な", /^[な-の]/],
  ["は", /^[は-ぽ]/],
  ["ま", /^[ま-も]/],
  ["や", /^[ゃ-よ]/],
  ["ら", /^[ら-ろ]/],
  ["わ", /^[ゎ-ん]/],
];

const isRest = (category) => Number(/^(その他|other)/i.test(category));

export function lookup(till, open) {
  const sheet = new Sheet(till, "lookup");
  let kind = null;
  let kana = null;
  const search = h("input", {
    type: "search",
    id: "lookup-text",
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    enterkeyhint: "search",
    oninput: () => fill(),
    onkeydown: (event) => {
      // Enter while an input method is composing belongs to it, not to us.
      if (event.key === "Enter" && !event.isComposing) grid.querySelector("button")?.focus();
    },
  });
  const kinds = h("div", { class: "chips kinds", role: "group" });
  const rows = h("div", { class: "chips kana", role: "group", lang: "ja" });
  const grid = h("ul", { class: "tiles" });
  const none = sheet.text("p", { class: "none" }, () => _("Nothing fits. Try another word, or call staff."));
  const status = h("p", { class: "unseen", role: "status" });

  function chip(text, pressed, onclick) {
    return h("button", { type: "button", "aria-pressed": String(pressed), onclick }, text);
  }

  function fill() {
    const index = till.articles.index.filter(
      (one) =>
        one.article.unit_price !== null && // priced by its label alone: it has to be scanned
        (kind === null || one.article.category === kind) &&
        (kana === null || KANA_ROWS.find(([name]) => name === kana)[1].test(one.reading)),
    );
    const found = find(index, search.value);
    each(grid, found, (article) => `${language()} ${article.code} ${article.unit_price}`, tile);
    none.hidden = found.length > 0;
    say(
      status,
      found.length === 0
        ? _("Nothing fits. Try another word, or call staff.")
        : _("{n} items", { n: found.length }),
    );
  }

  function tile(article) {
    const unit = article.unit === "kg" ? _("per kg") : "";
    const cost = article.unit_price === null ? "" : `${price(article.unit_price)} ${unit}`.trim();
    return h(
      "li",
      {},
      h(
        "button",
        { type: "button", class: "tile", "data-code": article.code, onclick: () => choose(article) },
        picture(article),
        h("span", { class: "name" }, article.name),
        h("span", { class: "figures" }, cost),
      ),
    );
  }

  function choose(article) {
    sheet.close();
    if (article.unit === "kg") open("weigh", { article, entered: "image" });
    else open("quantity", { article });
  }

  sheet.also(() => {
    const all = [...new Set(till.articles.all.map((article) => article.category).filter(Boolean))].sort(
      (a, b) => isRest(a) - isRest(b) || a.localeCompare(b, "ja"),
    );
    kinds.setAttribute("aria-label", _("Kinds"));
    rows.setAttribute("aria-label", _("First letter"));
    kinds.replaceChildren(
      chip(_("All"), kind === null, () => pick(null)),
      ...all.map((name) => chip(name, kind === name, () => pick(name))),
    );
    rows.replaceChildren(...KANA_ROWS.map(([name]) => chip(name, kana === name, () => letter(name))));
    rows.hidden = language() !== "ja";
    search.placeholder = language() === "ja" ? "" : _("Name");
    fill();
  });

  // Whoever has a keyboard just types; a touch screen keeps its own keyboard shut until the field is touched.
  sheet.element.addEventListener("keydown", (event) => {
    const typed = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.altKey && !event.metaKey;
    if ((typed || event.key === "Process") && event.target !== search) search.focus();
  });

  function pick(name) {
    kind = name;
    sheet.paint();
  }

  function letter(name) {
    kana = kana === name ? null : name;
    sheet.paint();
  }

  sheet.enter = () => {
    search.value = "";
    kind = null;
    kana = null;
  };
  sheet.element.append(
    sheet.head(() => _("Find an item")),
    h(
      "div",
      { class: "search-row" },
      sheet.text("label", { for: "lookup-text" }, () => _("Name, kana or romaji")),
      search,
    ),
    kinds,
    rows,
    status,
    h("div", { class: "scroll" }, grid, none),
  );
  return sheet;
}

/** How many of it; one touch for one. */
export function quantity(till) {
  const sheet = new Sheet(till, "quantity-sheet");
  let asked = null;
  const head = h("div", { class: "article-head" });
  const numbers = h("div", { class: "numbers" });
  sheet.also(() => {
    if (asked === null) return;
    const { article } = asked;
    head.replaceChildren(
      picture(article),
      h("p", { class: "name" }, article.name),
      h("p", { class: "figures" }, price(article.unit_price ?? 0)),
    );
    numbers.replaceChildren(
      ...Array.from({ length: 10 }, (_unused, place) => place + 1).map((n) =>
        h(
          "button",
          {
            type: "button",
            class: n === 1 ? "primary" : "",
            autofocus: n === 1,
            onclick: () => {
              sheet.close();
              till.register(article, { quantity: n, entered: "image" });
            },
          },
          h("span", { class: "figures" }, String(n)),
        ),
      ),
    );
  });
  sheet.enter = (detail) => {
    asked = detail;
  };
  sheet.element.append(
    sheet.head(() => _("How many?")),
    head,
    numbers,
  );
  return sheet;
}
