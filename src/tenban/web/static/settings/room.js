// What every settings page stands in: the bar with its ways, the toasts, and what is wrong with the file.
import { h, say } from "../dom.js";
import { makeBrand, makeMenu } from "../menu.js";
import "../parts/room-notice.js";
import "../parts/toast-area.js";
import { inShop, makeShopChoice } from "./shops.js";
import { _, page } from "../words.js";

export const toasts = h("toast-area");
// What is about one shop at a time, and says which.
const OF_ONE_SHOP = ["overview", "wizard", "rules", "devices", "retention", "history"];

// Where somebody looks who can do something about a full disk.
const TELLS_OF_ROOM = ["overview", "camera", "retention"];

// A page that is reached from another one, whose way stays marked.
const IS_PART_OF = { camera: "overview", lens: "overview", zones: "overview" };

/** Build the frame of a page; returns its `main`. */
export function makeRoom() {
  const ways = [
    ["/settings", "overview", "settings", () => _("Shop")],
    ["/settings/lanes/new", "wizard", "settings", () => _("New lane")],
    ["/settings/rules", "rules", "rules", () => _("Rules")],
    ["/settings/pairings", "pairings", "pairings", () => _("Pairings")],
    ["/settings/people", "people", "people", () => _("People")],
    ["/settings/devices", "devices", "devices", () => _("Devices")],
    ["/settings/retention", "retention", "retention", () => _("Keeping")],
    ["/settings/history", "history", "rules", () => _("History")],
    ["/settings/signing-in", "signing-in", "signing_in", () => _("Signing in")],
    ["/settings/company", "company", "company", () => _("Company")],
    ["/audit", "audit", "audit", () => _("Audit log")],
  ]
    .filter(([, , may]) => page.may[may])
    .map(([href, room, , word]) => ({
      word,
      link: h("a", { href: inShop(href), "aria-current": (IS_PART_OF[page.room] ?? page.room) === room ? "page" : null }),
    }));
  const nav = h(
    "nav",
    { class: "ways" },
    ways.map(({ link }) => link),
  );
  const toWatch = h("a", { class: "button quiet", href: "/watch" });
  const { button, menu, paintMenu } = makeMenu();
  const title = h("h1");
  const choice = page.several_shops && OF_ONE_SHOP.includes(page.room) ? makeShopChoice() : null;
  const main = h("main", { id: "main" }, h("div", { class: "head" }, title, choice?.element));
  if (page.may.room && TELLS_OF_ROOM.includes(page.room)) main.append(h("room-notice"));
  document.body.append(
    h(
      "header",
      { class: "bar" },
      makeBrand(page.shop.name),
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
    choice?.paint();
    paintMenu();
  }

  document.addEventListener("language", paint);
  paint();
  // On a phone the ways are wider than the screen; where one is has to be seen.
  nav.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

  return {
    main,
    title(text) {
      say(title, text);
      document.title = `${text} · ${page.shop.name} · Tenban`;
    },
  };
}
