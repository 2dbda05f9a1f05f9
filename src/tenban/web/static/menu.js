// What one seldom needs, on every page: who one is, language, colours, the way out.
import { h, say } from "./dom.js";
import { icon } from "./parts/icon.js";
import { TOKEN_FIELD, pageToken } from "./token.js";
import { _, keep, language, page, speak } from "./words.js";

const LANGUAGES = [
  ["ja", "日本語"],
  ["en", "English"],
];
const ROOMS = {
  "/watch": () => _("Watch"),
  "/wall": () => _("Wall of cameras"),
  "/footage": () => _("Footage"),
  "/cases": () => _("Cases"),
  "/settings": () => _("Settings"),
  "/audit": () => _("Audit log"),
};
const THEMES = {
  auto: () => _("Auto"),
  light: () => _("Light"),
  dark: () => _("Dark"),
};

/** The name of the product beside where one is. */
export function makeBrand(place) {
  return h("p", { class: "brand" }, h("b", { lang: "ja" }, "店番"), h("span", {}, place));
}

/** A menu and the button that opens it; the page adds `acts` above the choices and `links` below them. */
export function makeMenu({ acts = null, links = [] } = {}) {
  const button = h(
    "button",
    { type: "button", class: "quiet menu-button", popovertarget: "menu" },
    icon("menu"),
    h("span", { class: "unseen" }),
  );
  const languages = LANGUAGES.map(([code, name]) =>
    h("button", { type: "button", lang: code, "data-language": code, onclick: () => speak(code) }, name),
  );
  const themes = Object.keys(THEMES).map((theme) =>
    h("button", { type: "button", "data-theme-choice": theme, onclick: () => wear(theme) }),
  );
  const rooms = (page.rooms ?? [])
    .filter((path) => path !== location.pathname)
    .map((path) => h("a", { class: "button quiet wide", href: path }));
  const languageTitle = h("h3");
  const themeTitle = h("h3");
  const looked = h("a", { class: "button quiet wide", href: "/audit/mine" });
  const token = h("input", { type: "hidden", name: TOKEN_FIELD });
  const signOut = h("button", { type: "submit", class: "quiet wide" });
  const other = h("a", { class: "button quiet wide", "data-act": "switch", href: switchPath() });
  const menu = h(
    "div",
    { id: "menu", popover: "auto" },
    page.as_register ? null : h("a", { class: "button quiet wide who", href: "/account" }, page.me.name),
    acts,
    rooms.length ? h("nav", { class: "rooms" }, rooms) : null,
    languageTitle,
    h("div", { class: "choice", role: "group" }, languages),
    themeTitle,
    h("div", { class: "choice", role: "group" }, themes),
    links,
    page.as_register ? null : other,
    page.as_register ? null : looked,
    // A register's own screen has nobody to sign out.
    page.as_register ? null : h("form", { method: "post", action: "/logout", onsubmit: () => (token.value = pageToken()) }, token, signOut),
  );

  function wear(theme) {
    document.documentElement.dataset.theme = theme;
    keep("tenban_theme", theme);
    paintMenu();
  }

  function paintMenu() {
    say(button.lastElementChild, _("Menu"));
    for (const one of rooms) say(one, ROOMS[one.getAttribute("href")]());
    say(languageTitle, _("Language"));
    say(themeTitle, _("Colours"));
    for (const one of themes) {
      say(one, THEMES[one.dataset.themeChoice]());
      const worn = document.documentElement.dataset.theme === one.dataset.themeChoice;
      one.setAttribute("aria-pressed", String(worn));
    }
    for (const one of languages) one.setAttribute("aria-pressed", String(language() === one.dataset.language));
    say(other, _("Somebody else takes over"));
    say(looked, _("Who looked: what concerns me"));
    say(signOut, _("Sign out"));
  }

  return { button, menu, paintMenu };
}

/** Where somebody else takes this browser over, and comes back here. */
function switchPath() {
  return `/login?${new URLSearchParams({ switch: "1", next: location.pathname + location.search })}`;
}
