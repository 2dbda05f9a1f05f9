// Zones on the first picture, and what the till registered: then counting is ordered.
import { h, say } from "../dom.js";
import "../parts/zone-board.js";
import { ZoneModel, likely } from "../settings/zone-model.js";
import { makePanel } from "../settings/zone-panel.js";
import { _ } from "../words.js";
import { videoWord } from "./words.js";

const MOST_JOURNAL = 1_000_000;

/** `acts`: count(order), away(). */
export function makeDraw({ count, away }) {
  const model = new ZoneModel();
  const board = h("zone-board");
  const lacking = (zones) =>
    zones.some(({ role }) => role === "bagging" || role === "exit") ? [] : [_("Without a bagging zone no item is counted.")];
  const panel = makePanel(model, board, { lacking });
  const facts = h("p", { class: "help" });
  const breaks = h("p", { class: "note", hidden: true });
  const legend = h("legend");
  const number = h("input", { type: "number", id: "registered", min: "0", max: "10000", step: "1", inputmode: "numeric" });
  const journal = h("input", { type: "file", id: "journal", accept: ".jsonl,.json,.csv,.txt", class: "journal" });
  const journalHelp = h("p", { class: "help" });
  const ways = ["number", "journal", "none"].map((value) => {
    const input = h("input", { type: "radio", name: "registered-by", value, checked: value === "number" });
    const word = h("span");
    input.addEventListener("change", () => paint());
    return { value, input, word, label: h("label", {}, input, word) };
  });
  const trouble = h("p", { class: "trouble", role: "alert", hidden: true });
  const go = h("button", { type: "submit", class: "primary" });
  const backButton = h("button", { type: "button", onclick: () => away() });
  const form = h(
    "form",
    { class: "order", novalidate: true },
    h(
      "fieldset",
      {},
      legend,
      ways[0].label,
      number,
      ways[1].label,
      journal,
      journalHelp,
      ways[2].label,
    ),
    trouble,
    h("div", { class: "acts" }, go, backButton),
  );
  const element = h(
    "div",
    { class: "zone-room" },
    h("div", { class: "stage" }, board, facts, breaks),
    h("div", { class: "side" }, panel.element, form),
  );
  board.model = model;
  let shown = null;

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const order = await ordered();
    if (order) count(order);
  });
  number.addEventListener("input", () => refuse(""));
  journal.addEventListener("change", () => refuse(""));
  model.addEventListener("change", () => paint());

  const chosen = () => ways.find(({ input }) => input.checked).value;

  /** What the server is asked, or null where something is missing, which is then told. */
  async function ordered() {
    const zones = model.zones.map(({ role, polygon }) => ({ role, polygon }));
    if (lacking(zones).length) return refuse(lacking(zones)[0]);
    if (model.faults.some(Boolean)) return refuse(_("One of the zones cannot be used; it is drawn with a dashed line."));
    if (chosen() === "none") return { zones };
    if (chosen() === "number") {
      const text = number.value.trim();
      if (!/^\d{1,5}$/.test(text) || Number(text) > 10000)
        return refuse(_("Expected a whole number from 0 to 10000."), number);
      return { zones, registered: Number(text) };
    }
    const file = journal.files[0];
    if (!file) return refuse(_("Choose the file with the sale's events."), journal);
    if (file.size > MOST_JOURNAL) return refuse(_("Expected a journal of at most 1 MB."), journal);
    return { zones, journal: { name: file.name, text: await file.text() } };
  }

  function refuse(words, field = null) {
    trouble.hidden = !words;
    trouble.textContent = words;
    field?.focus();
    return null;
  }

  function paint() {
    say(legend, _("What did the till register?"));
    const words = {
      number: _("Number of items"),
      journal: _("A journal (sale events)"),
      none: _("Not known: only count"),
    };
    for (const { value, word } of ways) say(word, words[value]);
    number.setAttribute("aria-label", _("Number of registered items"));
    journal.setAttribute("aria-label", _("Journal file"));
    number.hidden = chosen() !== "number";
    journal.hidden = journalHelp.hidden = chosen() !== "journal";
    say(journalHelp, _("One JSON object per line, or CSV with the column names in its first line."));
    say(go, _("Count"));
    say(backButton, shown?.state === "done" ? _("Back to the result") : _("Back to the list"));
    if (!shown) return;
    say(facts, videoWord(shown));
    breaks.hidden = !shown.video.said_s;
    if (shown.video.said_s)
      say(
        breaks,
        _("The file breaks off: its header says {said} s, there are {is} s. What is there is counted.", {
          said: shown.video.said_s,
          is: shown.video.length_s.toFixed(1),
        }),
      );
  }

  document.addEventListener("language", paint);
  return {
    element,
    refuse,
    paint,
    show(one) {
      const other = shown?.id !== one.id;
      shown = one;
      if (other || one.state === "done") {
        const drawn = one.zones ?? ["basket", "bagging"].map((role) => ({ role, polygon: likely(role) }));
        model.load(drawn.map(({ role, polygon }) => ({ role, polygon, was: null })));
        board.picture = one.picture_url;
        number.value = one.registered ?? "";
        refuse("");
      }
      paint();
    },
  };
}
