// The bar at the top: shop, connection, time, sound, and what one seldom needs in a menu.
import { h, say } from "./dom.js";
import { icon } from "./parts/icon.js";
import { sound } from "./sound.js";
import { clockTime, longDate, now } from "./times.js";
import { _, keep, language, laneWord, page, speak } from "./words.js";
import "./parts/connection-state.js";

const THEMES = ["auto", "light", "dark"];

/** The bar; `acts` are the menu's own: [{icon, word, act}], words told anew whenever the language changes. */
export function makeBar({ onshortcuts, acts = [] }) {
  const connection = h("connection-state");
  const date = h("span", { class: "date" });
  const time = h("time");
  const soundButton = h("button", {
    type: "button",
    class: "sound quiet",
    "aria-keyshortcuts": "s",
    onclick: () => sound.want(!sound.wanted),
  });
  const menuButton = h(
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
    h("button", { type: "button", "data-theme-choice": theme, onclick: () => wear(theme) }),
  );
  const languageTitle = h("h3");
  const themeTitle = h("h3");
  const shortcutsButton = h("button", { type: "button", class: "quiet wide", onclick: () => onshortcuts() });
  const settingsLink = h("a", { class: "button quiet wide", href: "/settings" });
  const tryLink = h("a", { class: "button quiet wide", href: "/try" });
  const signOut = h("button", { type: "submit", class: "quiet wide" });
  const actButtons = acts.map(({ drawn, name, act }) =>
    h(
      "button",
      {
        type: "button",
        class: "quiet wide",
        "data-act": name,
        onclick: () => {
          menu.hidePopover();
          act();
        },
      },
      icon(drawn),
      h("span"),
    ),
  );
  const menu = h(
    "div",
    { id: "menu", popover: "auto" },
    h("p", { class: "who" }, page.me.name),
    h("div", { class: "acts" }, actButtons),
    languageTitle,
    h("div", { class: "choice", role: "group" }, languages),
    themeTitle,
    h("div", { class: "choice", role: "group" }, themes),
    shortcutsButton,
    page.may_settings ? settingsLink : null,
    page.may_try ? tryLink : null,
    h("form", { method: "post", action: "/logout" }, signOut),
  );
  const bar = h(
    "header",
    { class: "bar" },
    h("p", { class: "brand" }, h("b", { lang: "ja" }, "店番"), h("span", {}, page.register ? laneWord(page.register.name) : page.shop.name)),
    connection,
    h("p", { class: "now" }, date, time),
    soundButton,
    menuButton,
    menu,
  );

  function wear(theme) {
    document.documentElement.dataset.theme = theme;
    keep("tenban_theme", theme);
    paint();
  }

  function tick() {
    say(time, clockTime(now()));
    say(date, longDate(now()));
  }

  function paint() {
    const words = { on: _("Sound on"), waiting: _("Touch for sound"), off: _("Sound off") };
    soundButton.replaceChildren(
      icon(sound.state === "on" ? "sound" : "silent"),
      h("span", {}, words[sound.state]),
    );
    soundButton.dataset.sound = sound.state;
    soundButton.title = words[sound.state];
    soundButton.setAttribute("aria-pressed", String(sound.wanted));
    say(menuButton.lastElementChild, _("Menu"));
    say(languageTitle, _("Language"));
    say(themeTitle, _("Colours"));
    const themeWords = { auto: _("Auto"), light: _("Light"), dark: _("Dark") };
    for (const button of themes) {
      say(button, themeWords[button.dataset.themeChoice]);
      button.setAttribute(
        "aria-pressed",
        String(document.documentElement.dataset.theme === button.dataset.themeChoice),
      );
    }
    for (const button of languages)
      button.setAttribute("aria-pressed", String(language() === button.dataset.language));
    actButtons.forEach((button, place) => say(button.lastElementChild, acts[place].word()));
    say(shortcutsButton, _("Keyboard shortcuts"));
    say(settingsLink, _("Settings"));
    say(tryLink, _("Try with a video"));
    say(signOut, _("Sign out"));
    tick();
  }

  document.addEventListener("language", paint);
  document.addEventListener("sound", paint);
  setInterval(tick, 500);
  paint();
  return { bar, connection };
}
