// The bar at the top: shop, connection, time, sound, and what one seldom needs in a menu.
import { h, say } from "./dom.js";
import { makeBrand, makeMenu } from "./menu.js";
import { icon } from "./parts/icon.js";
import { sound } from "./sound.js";
import { clockTime, longDate, now } from "./times.js";
import { _, laneWord, page } from "./words.js";
import "./parts/connection-state.js";

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
  const shortcutsButton = h("button", { type: "button", class: "quiet wide", onclick: () => onshortcuts() });
  const settingsLink = h("a", { class: "button quiet wide", href: "/settings" });
  const wallLink = h("a", { class: "button quiet wide", href: "/wall" });
  const casesLink = h("a", { class: "button quiet wide", href: "/cases" });
  const footageLink = h("a", { class: "button quiet wide", href: "/footage" });
  const tryLink = h("a", { class: "button quiet wide", href: "/try" });
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
  const { button, menu, paintMenu } = makeMenu({
    acts: h("div", { class: "acts" }, actButtons),
    links: [
      shortcutsButton,
      page.register ? null : wallLink,
      page.may_footage ? footageLink : null,
      page.may_settings ? settingsLink : null,
      page.may_cases ? casesLink : null,
      page.may_try ? tryLink : null,
    ],
  });
  const bar = h(
    "header",
    { class: "bar" },
    makeBrand(page.register ? laneWord(page.register.name) : page.shop.name),
    connection,
    h("p", { class: "now" }, date, time),
    soundButton,
    button,
    menu,
  );

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
    paintMenu();
    actButtons.forEach((button, place) => say(button.lastElementChild, acts[place].word()));
    say(shortcutsButton, _("Keyboard shortcuts"));
    say(wallLink, _("Wall of cameras"));
    say(settingsLink, _("Settings"));
    say(casesLink, _("Cases"));
    say(footageLink, _("Footage"));
    say(tryLink, _("Try with a video"));
    tick();
  }

  document.addEventListener("language", paint);
  document.addEventListener("sound", paint);
  setInterval(tick, 500);
  paint();
  return { bar, connection };
}
