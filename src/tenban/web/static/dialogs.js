// What opens over the page: a still enlarged, a card out of the history, the list of shortcuts.
import { ask } from "./api.js";
import { makeContained } from "./cases/contain.js";
import { h, say } from "./dom.js";
import { makeKeeping } from "./keeping.js";
import { icon } from "./parts/icon.js";
import { reasonWord } from "./parts/incident-card.js";
import { stateWord } from "./parts/state-chip.js";
import { stillWord } from "./parts/still-picture.js";
import { clockTime } from "./times.js";
import { _, page, told } from "./words.js";

export function makeDialog(name) {
  const title = h("h2");
  const closeButton = h(
    "button",
    { type: "button", class: "quiet", onclick: () => dialog.close() },
    icon("close"),
    h("span", { class: "unseen" }),
  );
  const inside = h("div", { class: "inside" });
  const dialog = h(
    "dialog",
    { class: name, "aria-label": name },
    h("header", {}, title, closeButton),
    inside,
  );
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  return {
    dialog,
    inside,
    open(text, ...children) {
      say(title, text);
      say(closeButton.lastElementChild, _("Close"));
      dialog.setAttribute("aria-label", text);
      inside.replaceChildren(...children);
      if (!dialog.open) dialog.showModal();
    },
  };
}

/** Enlarge a still; a tap on the picture goes closer to that place, another back. */
export function makeLook() {
  const { dialog, open } = makeDialog("look");
  return (still) => {
    const image = h("img", { src: still.url, alt: stillWord(still.label) });
    const box = h("span", { class: "box" });
    const frame = h("span", { class: "frame" }, image);
    if (still.box) {
      const [x0, y0, x1, y1] = still.box.map((part) => Math.min(Math.max(part, 0), 1) * 100);
      Object.assign(box.style, {
        left: `${x0}%`,
        top: `${y0}%`,
        width: `${x1 - x0}%`,
        height: `${y1 - y0}%`,
      });
      frame.append(box);
    }
    const stage = h("div", { class: "stage" }, frame);
    stage.addEventListener("click", (event) => {
      const { left, top, width, height } = frame.getBoundingClientRect();
      const [x, y] = [(event.clientX - left) / width, (event.clientY - top) / height];
      if (stage.toggleAttribute("data-close")) {
        stage.scrollLeft = x * frame.offsetWidth - stage.clientWidth / 2;
        stage.scrollTop = y * frame.offsetHeight - stage.clientHeight / 2;
      }
    });
    const crop = still.crop_url ? h("img", { class: "crop", src: still.crop_url, alt: _("Cut-out") }) : null;
    open(stillWord(still.label), stage, ...(crop ? [crop] : []));
    return dialog;
  };
}

/** Show one card out of the history, whole. */
export function makeReading() {
  const { dialog, inside, open } = makeDialog("reading");
  dialog.addEventListener("close", () => inside.replaceChildren());
  return {
    dialog,
    get card() {
      return dialog.open ? inside.querySelector("incident-card") : null;
    },
    async show(entry) {
      const card = document.createElement("incident-card");
      card.entry = entry;
      const story = h("ol", { class: "story" });
      const contained = page.may_cases ? [makeContained(entry.card)] : [];
      open(_("Incident"), card, story, ...contained, ...(page.may_hold ? [makeKeeping(entry.card.id)] : []));
      try {
        const { history } = await ask(`/api/v1/incidents/${encodeURIComponent(entry.card.id)}`);
        story.replaceChildren(...history.map((one) => h("li", {}, storyLine(one))));
      } catch (error) {
        story.replaceChildren(h("li", {}, _("The history could not be loaded. {why}", { why: error.message })));
      }
    },
  };
}

function storyLine({ at, who, what, detail }) {
  const words = {
    opened: () => _("Opened"),
    repeated: () => _("Seen again"),
    withdrawn: () => _("Withdrawn: {why}", { why: told(detail.why) }),
    stated: () =>
      [stateWord(detail.outcome ?? detail.to), reasonWord(detail.reason)].filter(Boolean).join(" · "),
    taken: () => (detail.from ? _("Taken over from {name}", { name: detail.from }) : _("Taken")),
    let_go: () => _("Let go"),
    handed_over: () => _("Handed over to {name}", { name: detail.to }),
    passed_on: () => _("Passed on to supervisors"),
    clip: () => _("Clip"),
    revised: () => _("Put more precisely"),
    changed: () => _("Pictures added"),
    copied: () => _("Clip copied with people blurred"),
    pictures_erased: () => _("Pictures erased: {why}", { why: detail.reason }),
  };
  return [
    h("time", { datetime: at }, clockTime(at)),
    h("b", {}, words[what]?.() ?? what),
    h("span", {}, /^(judge|jobs|turns)$/.test(who) ? "" : who),
  ];
}

export function makeShortcuts() {
  const { open } = makeDialog("shortcuts");
  return () => {
    const rows = [
      ["j / ↓", _("Next card")],
      ["k / ↑", _("Previous card")],
      ["Enter", _("Play or pause the clip")],
      [", / .", _("One frame back or on")],
      ["1", _("Label: true")],
      ["2", _("Label: false alarm")],
      ["3", _("Label: unclear")],
      ["m", _("Mine, or let go")],
      ["p", _("Hold, or go on")],
      ["u", _("Undo")],
      ["s", _("Sound on or off")],
      ["l", _("Live picture of the lane")],
      ["h", _("Hand over")],
      ["Esc", _("Close")],
      ["?", _("This list")],
    ];
    open(
      _("Keyboard shortcuts"),
      h(
        "dl",
        {},
        rows.map(([keys, what]) =>
          h(
            "div",
            {},
            h(
              "dt",
              {},
              keys
                .split(" / ")
                .flatMap((key, place) => (place ? [" ", h("kbd", {}, key)] : [h("kbd", {}, key)])),
            ),
            h("dd", {}, what),
          ),
        ),
      ),
    );
  };
}
