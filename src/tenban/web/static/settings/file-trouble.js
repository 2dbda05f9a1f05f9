// What keeps a page from the settings: they could not be had, or the file has mistakes.
import { h } from "../dom.js";
import { againLines } from "../parts/trouble-box.js";
import { _ } from "../words.js";

/** Say in a box what is wrong, or hide it; `named` lists the mistakes, `history` leads to earlier revisions. */
export function tellFile(box, { failed, now, again, named = false, history = "/settings/history" }) {
  const lines = [];
  if (failed) lines.push(...againLines(failed, again));
  else if (now?.mistakes.length) {
    lines.push(
      h("p", {}, _("tenban.toml was changed by hand and has mistakes. What ran before goes on; nothing can be saved here.")),
      ...(named ? [h("ul", { class: "figures" }, now.mistakes.map((line) => h("li", {}, line)))] : []),
      h("a", { class: "button", href: history }, _("Put an earlier revision back")),
    );
  }
  box.hidden = lines.length === 0;
  box.replaceChildren(...lines);
}
