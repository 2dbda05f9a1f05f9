// What both pages of the audit log stand in: the bar, the ways between them, and older rows on demand.
import { ask } from "../api.js";
import { h, say } from "../dom.js";
import { makeBrand, makeMenu } from "../menu.js";
import "../parts/toast-area.js";
import "../parts/trouble-box.js";
import { _, page } from "../words.js";
import { makeRows } from "./rows.js";

export const toasts = h("toast-area");

/** Build the frame: {main, title(text)}. */
export function makeRoom() {
  const ways = [
    ["/audit", "log", page.may.audit, () => _("Audit log")],
    ["/cases", "cases", page.may.cases, () => _("Cases")],
    ["/audit/mine", "mine", true, () => _("What concerns me")],
  ]
    .filter(([, , may]) => may)
    .map(([href, room, , word]) => ({
      word,
      link: h("a", { href, "aria-current": page.room === room ? "page" : null }),
    }));
  const nav = h("nav", { class: "ways" }, ways.map(({ link }) => link));
  const toWatch = h("a", { class: "button quiet", href: "/watch" });
  const { button, menu, paintMenu } = makeMenu();
  const title = h("h1");
  const main = h("main", { id: "main" }, h("div", { class: "head" }, title));
  document.body.append(
    h("header", { class: "bar" }, makeBrand(page.shop.name), nav, page.may.watch ? toWatch : null, button, menu),
    main,
    toasts,
  );

  function paint() {
    for (const { link, word } of ways) say(link, word());
    nav.setAttribute("aria-label", _("Audit log"));
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

/**
 * The list with what is said where it is empty or cannot be had.
 * `pathOf(before)` gives the address to ask, `heard(answer)` sees every answer.
 */
export function makeList({ pathOf, nothing, heard = () => {} }) {
  const rows = makeRows();
  const trouble = h("trouble-box");
  const empty = h("p", { class: "nothing", hidden: true });
  const more = h("button", { type: "button", hidden: true, onclick: () => fetchMore() });
  const count = h("p", { class: "count figures", role: "status" });
  const element = h("div", { class: "found" }, trouble, count, rows.element, empty, more);
  let known = [];
  let next = null;
  let asked = 0;

  async function fetchMore() {
    asked += 1;
    const mine = asked;
    more.disabled = true;
    try {
      const answer = await ask(pathOf(next));
      if (mine !== asked) return; // a newer search is on its way
      known = next === null ? answer.rows : [...known, ...answer.rows];
      next = answer.next;
      trouble.clear();
      heard(answer);
    } catch (error) {
      if (mine !== asked) return;
      // Policy: what was found stays; the page says what went wrong and offers to try again.
      trouble.tell(error, fetchMore);
    }
    more.disabled = false;
    paint();
  }

  function paint() {
    rows.show(known);
    rows.element.hidden = known.length === 0;
    empty.hidden = known.length > 0 || asked === 0 || !trouble.hidden;
    say(empty, nothing());
    more.hidden = next === null;
    say(more, _("Older rows"));
    say(count, known.length ? (next === null ? _("{n} rows", { n: known.length }) : _("The newest {n} rows", { n: known.length })) : "");
  }

  document.addEventListener("language", paint);
  return {
    element,
    start() {
      next = null;
      return fetchMore();
    },
  };
}
