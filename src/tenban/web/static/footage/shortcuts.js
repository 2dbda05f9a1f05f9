// The keyboard of /footage, and the list of it under "?".
import { makeDialog } from "../dialogs.js";
import { h } from "../dom.js";
import { _ } from "../words.js";

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
  ["m", () => _("Set a flag")],
  ["i / o", () => _("Clip begins or ends here")],
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
        LISTED.map(([keys, word]) => {
          const parts = keys === "/" ? ["/"] : keys.split(" / ");
          return h("div", {}, h("dt", {}, parts.flatMap((key, place) => [place ? " " : "", h("kbd", {}, key)])), h("dd", {}, word()));
        }),
      ),
    );
}
