// Where a try begins: a sample clip, or a video of one's own; below it what one has already.
import { h, say } from "../dom.js";
import { icon } from "../parts/icon.js";
import { _, told } from "../words.js";
import { nameOf, sizeWord, stateWord, whenWord } from "./words.js";

/** `acts`: pick(sample), bring(file), open(one). */
export function makeBegin({ pick, bring, open }) {
  const title = h("h1");
  const lead = h("p", { class: "lead" });
  const steps = h("ol", { class: "steps" });
  const sampleTitle = h("h2");
  const sampleNote = h("p", { class: "help" });
  const samples = h("ul", { class: "samples" });
  const ownTitle = h("h2");
  const file = h("input", { type: "file", id: "own-file", accept: "video/*,.mkv,.avi,.mov,.mp4,.webm", class: "unseen" });
  const fileWord = h("span");
  const dropWord = h("p", { class: "help" });
  const limits = h("p", { class: "help" });
  const drop = h(
    "div",
    { class: "drop" },
    h("label", { class: "button primary", for: "own-file" }, fileWord),
    file,
    dropWord,
    limits,
  );
  const keptTitle = h("h2");
  const kept = h("ul", { class: "kept" });
  const none = h("p", { class: "help" });
  const element = h(
    "div",
    { class: "begin" },
    h("header", {}, title, lead, steps),
    h(
      "div",
      { class: "sources" },
      h("section", {}, sampleTitle, sampleNote, samples),
      h("section", {}, ownTitle, drop),
    ),
    h("section", { class: "mine" }, keptTitle, none, kept),
  );
  let shown = null;

  file.addEventListener("change", () => {
    if (file.files[0]) bring(file.files[0]);
    file.value = "";
  });
  for (const type of ["dragenter", "dragover"])
    drop.addEventListener(type, (event) => {
      event.preventDefault();
      drop.dataset.over = "";
    });
  for (const type of ["dragleave", "drop"]) drop.addEventListener(type, () => delete drop.dataset.over);
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files[0]) bring(event.dataTransfer.files[0]);
  });

  function sample(one) {
    return h(
      "li",
      {},
      h(
        "button",
        { type: "button", "data-sample": one.key, onclick: () => pick(one.key) },
        icon("play"),
        h("span", { class: "word" }, told(one.title)),
        h("span", { class: "figures" }, _("about {n} s", { n: one.length_s })),
      ),
    );
  }

  function row(one) {
    const parts = [whenWord(one.created_at), one.size ? sizeWord(one.size) : null, one.owner.me ? null : one.owner.name];
    return h(
      "li",
      {},
      h(
        "a",
        {
          href: `/try/${one.id}`,
          onclick: (event) => {
            if (event.ctrlKey || event.metaKey || event.shiftKey) return;
            event.preventDefault();
            open(one.id);
          },
        },
        nameOf(one),
      ),
      h("span", { class: "state", "data-state": one.state }, stateWord(one)),
      h("span", { class: "help" }, parts.filter(Boolean).join(" · ")),
      h("span", { class: "help gone" }, _("deleted on {when}", { when: whenWord(one.delete_at) })),
    );
  }

  return {
    element,
    get limits() {
      return shown?.limits;
    },
    show(found) {
      shown = found;
      this.paint();
    },
    paint() {
      say(title, _("Try the counting with a video"));
      say(lead, _("See what Tenban counts on a video, without a camera or a till."));
      steps.replaceChildren(
        h("li", {}, _("Pick a sample clip, or bring a video of your own.")),
        h("li", {}, _("Draw the zones on its first picture, and say how many items were registered.")),
        h("li", {}, _("Get the annotated video, three figures, and every move to click on.")),
      );
      say(sampleTitle, _("Sample clips"));
      say(sampleNote, _("Simulated sales whose truth is known. The first time, a clip takes a few seconds to make."));
      say(ownTitle, _("A video of your own"));
      say(fileWord, _("Choose a video…"));
      say(dropWord, _("or drop it here"));
      say(keptTitle, _("Kept tries"));
      if (!shown) return;
      const { max_mb, max_s, max_width, max_height, keep_h } = shown.limits;
      say(
        limits,
        _(
          "MP4, MOV, WebM, MKV or AVI; at most {mb} MB, {min} min, {w}×{h} pixels. It is deleted by itself after {keep} h.",
          { mb: max_mb, min: Math.round((max_s / 60) * 10) / 10, w: max_width, h: max_height, keep: keep_h },
        ),
      );
      samples.replaceChildren(...shown.samples.map(sample));
      kept.replaceChildren(...shown.tries.map(row));
      none.hidden = shown.tries.length > 0;
      say(none, _("Nothing yet. What you try appears here until it is deleted."));
    },
  };
}
