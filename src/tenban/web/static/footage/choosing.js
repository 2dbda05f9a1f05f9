// The span that is chosen on the timeline: to be saved as files, and to be put into a case.
import { h } from "../dom.js";
import { clockTime, longDate, now } from "../times.js";
import { _, page } from "../words.js";
import { dayOf } from "./calendar.js";
import { cameraOf } from "./state.js";

const LONGEST_MS = 600_000;
const LENGTH_MS = 20_000;

/** The bar below the buttons: {element, span, choose(at, which), paint()}. */
export function makeChoosing({ timeline, cameras, seek, intoCase, filmed, toasts }) {
  const element = h("div", { class: "clip", role: "group", hidden: true });
  let span = null;

  /** Begin or end the span at a moment; without `which` it begins there, and has a usual length. */
  function choose(at, which = null) {
    if (span === null) span = which === "to" ? { from: at - LENGTH_MS, to: at } : { from: at, to: Math.min(at + LENGTH_MS, now()) };
    else if (which === "to") span = at > span.from ? { ...span, to: at } : { from: at, to: span.to };
    else span = { from: at, to: Math.max(span.to, at + 1_000) };
    if (span.from > span.to) span = { from: span.to, to: span.from };
    if (span.to - span.from > LONGEST_MS) span = which === "to" ? { from: span.to - LONGEST_MS, to: span.to } : { from: span.from, to: span.from + LONGEST_MS };
    paint();
  }

  function clear() {
    span = null;
    paint();
  }

  function paint() {
    timeline.chosen = span;
    element.hidden = span === null;
    if (span === null) return;
    // Of another day than the one on screen: a time alone would be read as one of this day.
    const time = clockTime(span.from);
    const begins = dayOf(span.from) === dayOf(seek()) ? time : `${longDate(span.from)} ${time}`;
    const s = ((span.to - span.from) / 1000).toFixed(1);
    const query = new URLSearchParams({ from: new Date(span.from).toISOString(), to: new Date(span.to).toISOString(), take: "true" });
    element.setAttribute("aria-label", _("The chosen span"));
    element.replaceChildren(
      h("p", { class: "figures" }, _("Clip {from} – {to}, {n} s", { from: begins, to: clockTime(span.to), n: s })),
      h("button", { type: "button", onclick: () => choose(seek(), "from") }, _("Begins here")),
      h("button", { type: "button", onclick: () => choose(seek(), "to") }, _("Ends here")),
      ...(page.may.case ? [h("button", { type: "button", class: "primary", onclick: intoCase }, _("To a case…"))] : []),
      ...(page.may.take ? cameras().map((id) => save(id, query)) : []),
      h("button", { type: "button", class: "quiet", onclick: clear }, _("Close")),
    );
  }

  function save(id, query) {
    const href = `/api/v1/footage/cameras/${encodeURIComponent(id)}/video?${query}`;
    const { name } = cameraOf(id);
    const refuse = (event) => {
      if (filmed(id, span)) return;
      event.preventDefault(); // a file that does not come would be told by the browser alone, and without a reason
      toasts.show(_("{camera} has no footage of this time.", { camera: name }));
    };
    return h("a", { class: "button", href, download: "", onclick: refuse }, _("Save {camera}", { camera: name }));
  }

  return {
    element,
    choose,
    clear,
    paint,
    get span() {
      return span;
    },
  };
}
