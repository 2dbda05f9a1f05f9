// One shop at a time: which one a page is about, and the way to another. A company has up to thousands of shops.
import { h, say } from "../dom.js";
import { icon } from "../parts/icon.js";
import { _, page } from "../words.js";
import { load, settings } from "./desk.js";

const SEARCH_FROM = 8;
const SHOWN = 50;

/** The address of a page about a shop. */
export function inShop(path, shop = page.shop.id) {
  return page.several_shops ? `${path}?shop=${encodeURIComponent(shop)}` : path;
}

/** A text as it is compared: width, kana and capitals make no difference. */
export function folded(text) {
  // Full width and half width, hiragana and katakana, capital and small letters are the same to whoever searches.
  const kana = text.normalize("NFKC").toLowerCase();
  return kana.replace(/[\u3041-\u3096]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) + 0x60));
}

/** The shops whose name or id holds every word. */
export function matching(shops, text) {
  const words = folded(text).split(/\s+/).filter(Boolean);
  if (!words.length) return shops;
  return shops.filter(({ id, name }) => words.every((word) => folded(`${name} ${id}`).includes(word)));
}

/** An id for a shop of this name: its Latin letters where it has some, else the first of shop-1, shop-2 … */
export function idFrom(name, taken) {
  const ids = new Set(taken);
  const plain = name
    .normalize("NFKD")
    .replace(/\p{Mark}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 40);
  const stem = /[a-z].*[a-z]/.test(plain) ? plain : "shop";
  if (stem !== "shop" && !ids.has(stem)) return stem;
  let n = stem === "shop" ? 1 : 2;
  while (ids.has(`${stem}-${n}`)) n += 1;
  return `${stem}-${n}`;
}

/**
 * A list of shops with a field to search them by where there are many. `row(shop)` makes a list item;
 * `show(shops)` lists others. Returns {element, show, focus}.
 */
export function makeShopList(row) {
  let shops = [];
  const search = h("input", {
    type: "search",
    class: "settings-input",
    autocomplete: "off",
    spellcheck: "false",
    "aria-label": _("Search shops"),
    placeholder: _("Search shops"),
    oninput: paint,
    onkeydown: (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault();
      list.querySelector("a")?.click();
    },
  });
  const list = h("ul", { class: "rows shop-list" });
  const rest = h("p", { class: "help", role: "status" });

  function paint() {
    const found = matching(shops, search.value);
    search.hidden = shops.length < SEARCH_FROM;
    list.replaceChildren(...found.slice(0, SHOWN).map(row));
    const n = found.length - SHOWN;
    say(rest, n > 0 ? _("{n} more: type a part of the name.", { n }) : found.length ? "" : _("No shop is called so."));
  }

  return {
    element: h("div", { class: "shop-search" }, search, list, rest),
    show(all) {
      shops = all;
      paint();
    },
    focus() {
      (search.hidden ? list.querySelector("[aria-current], a") : search)?.focus();
    },
  };
}

/** The button that says which shop a page is about and opens the way to another. */
export function makeShopChoice() {
  const name = h("b", {}, page.shop.name);
  const word = h("span", { class: "help" });
  const button = h("button", { type: "button", class: "shop-choice", "aria-haspopup": "dialog", onclick: open }, name, word);

  async function open() {
    const list = makeShopList((shop) =>
      h(
        "li",
        { class: "row" },
        h(
          "a",
          { href: inShop(location.pathname, shop.id), "aria-current": shop.id === page.shop.id ? "page" : null },
          h("b", {}, shop.name),
          h("span", { class: "help figures" }, shop.id),
          shop.id === page.shop.id ? icon("true") : null,
        ),
      ),
    );
    const trouble = h("p", { class: "trouble", role: "alert", hidden: true });
    const dialog = h(
      "dialog",
      { class: "edit choose-shop", "aria-label": _("Choose a shop") },
      h("h2", {}, _("Choose a shop")),
      trouble,
      list.element,
      h(
        "div",
        { class: "acts" },
        h("button", { type: "button", onclick: () => dialog.close() }, _("Close")),
        page.may.company ? h("a", { class: "button quiet", href: inShop("/settings/company") }, _("Add or remove shops")) : null,
      ),
    );
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
    try {
      list.show((settings() ?? (await load())).all_shops);
      list.focus();
    } catch (error) {
      // Policy: the page says what went wrong; the dialog can be closed and opened again.
      trouble.hidden = false;
      say(trouble, error.message);
    }
  }

  return {
    element: button,
    paint() {
      say(word, _("Another shop…"));
    },
  };
}
