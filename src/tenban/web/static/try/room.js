// What the page stands in: the bar with the way back and the menu.
import { h, say } from "../dom.js";
import { icon } from "../parts/icon.js";
import "../parts/toast-area.js";
import { _, keep, language, page, speak } from "../words.js";

const THEMES = ["auto", "light", "dark"];

export const toasts = h("toast-area");

/** Build the frame; returns its `main`. `onhome` is called instead of loading the page anew. */
export function makeRoom({ onhome }) {
  const home = h("a", { class: "button quiet", href: "/try" });
  const toWatch = h("a", { class: "button quiet", href: "/watch" });
  const { button, menu, paintMenu } = makeMenu();
  const main = h("main", { id: "main" });
  home.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    onhome();
  });
  document.body.append(
    h(
      "header",
      { class: "try-bar" },
      h("p", { class: "brand" }, h("b", { lang: "ja" }, "店番"), h("span", {}, page.shop.name)),
      page.may.try ? home : null,
      page.may.watch ? toWatch : null,
      button,
      menu,
    ),
    main,
    toasts,
  );

  function paint() {
    say(home, _("Try with a video"));
    say(toWatch, _("Watch"));
    paintMenu();
  }

  document.addEventListener("language", paint);
  paint();
  return main;
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
      const worn = document.documentElement.dataset.theme === one.dataset.themeChoice;
      one.setAttribute("aria-pressed", String(worn));
    }
    for (const one of languages) one.setAttribute("aria-pressed", String(language() === one.dataset.language));
    say(signOut, _("Sign out"));
  }

  return { button, menu, paintMenu };
}
