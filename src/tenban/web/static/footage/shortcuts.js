// The keyboard of /footage, and the list of it under "?".
import { makeDialog } from "../dialogs.js";
import { h } from "../dom.js";
import { _, page } from "../words.js";

const TYPED = new Set(["INPUT", "TEXTAREA", "SELECT"]);

const LISTED = [
  ["Space", () => _("Play or pause")],
  ["← / →", () => _("10 s back or on")],
  ["Shift ← / →", () => _("1 min back or on")],
  [", / .", () => _("One picture back or on")],
  ["[ / ]", () => _("Sale before or after")],
  ["p / n", () => _("Flag before or after")],
  ["g", () => _("Next gap")],
  ["< / >", () => _("Slower or faster")],
  ["+ / −", () => _("Zoom in or out")],
  ["0", () => _("The whole day")],
  ["l", () => _("Now")],
  ["m", () => _("Set a flag"), ["flag"]],
  ["i / o", () => _("Clip begins or ends here"), ["take", "case"]],
  ["c", () => _("Into a case"), ["case"]],
  ["/", () => _("Search camera or register")],
  ["d", () => _("Choose a day")],
  ["?", () => _("This list")],
];

/** Listen to keys; `acts` by key. A key that a focused control needs is left to it. */
export function listenToKeys(acts) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const { target, key } = event;
    if (TYPED.has(target.tagName) || document.querySelector("dialog[open]")) return;
    // What lies over the page is closed first, by the browser itself.
    if (key === "Escape" && document.querySelector(":popover-open")) return;
    if ((key === " " || key === "Enter") && target.closest("button, a, summary")) return;
    const act = acts[event.shiftKey && key.startsWith("Arrow") ? `Shift${key}` : key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}

export function makeShortcuts() {
  const { open } = makeDialog("shortcuts");
  return () =>
    open(
      _("Keyboard shortcuts"),
      h(
        "dl",
        {},
        LISTED.filter(([, , may]) => !may || may.some((one) => page.may[one])).map(([keys, word]) => {
          const parts = keys === "/" ? ["/"] : keys.split(" / ");
          return h("div", {}, h("dt", {}, parts.flatMap((key, place) => [place ? " " : "", h("kbd", {}, key)])), h("dd", {}, word()));
        }),
      ),
    );
}
