// What the pages of cases stand in: the bar, the way to the list, and what is said where something went wrong.
import { h, say } from "../dom.js";
import { makeBrand, makeMenu } from "../menu.js";
import "../parts/toast-area.js";
import { _, page } from "../words.js";

export const toasts = h("toast-area");

/** Build the frame: {main, head, title(text)}. */
export function makeRoom() {
  const toCases = h("a", { href: "/cases", "aria-current": page.room === "list" ? "page" : null });
  const nav = h("nav", { class: "ways" }, toCases);
  const toWatch = h("a", { class: "button quiet", href: "/watch" });
  const { button, menu, paintMenu } = makeMenu();
  const title = h("h1");
  const head = h("div", { class: "head" }, title);
  const main = h("main", { id: "main" }, head);
  document.body.append(
    h("header", { class: "bar" }, makeBrand(page.shop.name), nav, page.may.watch ? toWatch : null, button, menu),
    main,
    toasts,
  );

  function paint() {
    say(toCases, _("Cases"));
    nav.setAttribute("aria-label", _("Cases"));
    say(toWatch, _("Watch"));
    paintMenu();
  }
  document.addEventListener("language", paint);
  paint();
  return {
    main,
    head,
    title(text) {
      say(title, text);
      document.title = `${text} · ${page.shop.name} · Tenban`;
    },
  };
}

/** A place that says what went wrong and offers to try again. */
export function makeTrouble(again) {
  const element = h("div", { class: "trouble", role: "alert", hidden: true });
  return {
    element,
    clear: () => {
      element.hidden = true;
    },
    show(error) {
      element.hidden = false;
      element.replaceChildren(h("p", {}, error.message), h("button", { type: "button", onclick: again }, _("Try again")));
    },
  };
}
