// What the page stands in: the bar with the way back and the menu.
import { h, say } from "../dom.js";
import { makeBrand, makeMenu } from "../menu.js";
import "../parts/toast-area.js";
import { _, page } from "../words.js";

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
      { class: "bar" },
      makeBrand(page.shop.name),
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
