// What every settings page stands in: the bar with its ways, the toasts, and what is wrong with the file.
import { h, say } from "../dom.js";
import { makeBrand, makeMenu } from "../menu.js";
import "../parts/toast-area.js";
import { _, page } from "../words.js";

export const toasts = h("toast-area");

/** Build the frame of a page; returns its `main`. */
export function makeRoom() {
  const ways = [
    ["/settings", "overview", "settings", () => _("Shop")],
    ["/settings/lanes/new", "wizard", "settings", () => _("New lane")],
    ["/settings/rules", "rules", "rules", () => _("Rules")],
    ["/settings/pairings", "pairings", "pairings", () => _("Pairings")],
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
