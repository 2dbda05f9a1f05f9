// What every settings page stands in: the bar with its ways, the toasts, and what is wrong with the file.
import { h, say } from "../dom.js";
import { icon } from "../parts/icon.js";
import "../parts/toast-area.js";
import { _, keep, language, page, speak } from "../words.js";

const THEMES = ["auto", "light", "dark"];

export const toasts = h("toast-area");

/** Build the frame of a page; returns its `main`. */
export function makeRoom() {
  const ways = [
    ["/settings", "overview", "settings", () => _("Shop")],
    ["/settings/lanes/new", "wizard", "settings", () => _("New lane")],
    ["/settings/rules", "rules", "rules", () => _("Rules")],
    ["/settings/history", "history", "rules", () => _("History")],
  ]
    .filter(([, , may]) => page.may[may])
    .map(([href, room, , word]) => ({
      word,
      link: h("a", { href, "aria-current": page.room === room ? "page" : null }),
    }));
  const nav = h(
    "nav",
    { class: "ways" },
    ways.map(({ link }) => link),
  );
  const toWatch = h("a", { class: "button quiet", href: "/watch" });
  const { button, menu, paintMenu } = makeMenu();
  const title = h("h1");
  const main = h("main", { id: "main" }, title);
  document.body.append(
    h(
      "header",
      { class: "settings-bar" },
      h("p", { class: "brand" }, h("b", { lang: "ja" }, "店番"), h("span", {}, page.shop.name)),
      nav,
      page.may.watch ? toWatch : null,
      button,
      menu,
    ),
    main,
    toasts,
  );

  function paint() {
    for (const { link, word } of ways) say(link, word());
    nav.setAttribute("aria-label", _("Settings"));
    say(toWatch, _("Watch"));
    paintMenu();
  }

  document.addEventListener("language", paint);
  paint();
  return {
    main,
    title(text) {
      say(title, text);
      document.title = `${text} · ${page.shop.name} · Tenban`;
    },
  };
}

function makeMenu() {
  const button = h(
    "button",
    { type: "button", class: "quiet menu-button", popovertarget: "menu" },
    icon("menu"),
    h("span", { class: "unseen" }),
  );
  const languages = [
    ["ja", "日本語"],
    ["en", "English"],
  ].map(([code, name]) =>
    h("button", { type: "button", lang: code, "data-language": code, onclick: () => speak(code) }, name),
  );
  const themes = THEMES.map((theme) =>
    h("button", {
      type: "button",
      "data-theme-choice": theme,
      onclick: () => {
        document.documentElement.dataset.theme = theme;
        keep("tenban_theme", theme);
        paintMenu();
      },
    }),
  );
  const languageTitle = h("h3");
  const themeTitle = h("h3");
  const signOut = h("button", { type: "submit", class: "quiet wide" });
  const menu = h(
    "div",
    { id: "menu", popover: "auto" },
    h("p", { class: "who" }, page.me.name),
    languageTitle,
    h("div", { class: "choice", role: "group" }, languages),
    themeTitle,
    h("div", { class: "choice", role: "group" }, themes),
    h("form", { method: "post", action: "/logout" }, signOut),
  );

  function paintMenu() {
    say(button.lastElementChild, _("Menu"));
    say(languageTitle, _("Language"));
    say(themeTitle, _("Colours"));
    const words = { auto: _("Auto"), light: _("Light"), dark: _("Dark") };
    for (const one of themes) {
      say(one, words[one.dataset.themeChoice]);
      one.setAttribute(
        "aria-pressed",
        String(document.documentElement.dataset.theme === one.dataset.themeChoice),
      );
    }
    for (const one of languages)
      one.setAttribute("aria-pressed", String(language() === one.dataset.language));
    say(signOut, _("Sign out"));
  }

  return { button, menu, paintMenu };
}
