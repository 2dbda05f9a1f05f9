// The annotated video, the three figures, and the moves: each a click into the video.
import { h, say } from "../dom.js";
import "../parts/clip-player.js";
import { roleWord } from "../parts/zone-board.js";
import { _ } from "../words.js";
import { atWord } from "./words.js";

/** `acts`: redraw(). */
export function makeResult({ redraw }) {
  const player = h("clip-player");
  const figures = h("dl", { class: "three" });
  const journal = h("p", { class: "help", hidden: true });
  const truth = h("p", { class: "truth", hidden: true });
  const title = h("h2", { id: "moves-title" });
  const none = h("p", { class: "help" });
  const list = h("ol", { class: "moves-list", "aria-labelledby": "moves-title" });
  const other = h("button", { type: "button", class: "primary", onclick: () => redraw() });
  const video = h("a", { class: "button" });
  const report = h("a", { class: "button", download: true });
  const element = h(
    "div",
    { class: "result" },
    figures,
    truth,
    journal,
    h(
      "div",
      { class: "seen-room" },
      player,
      h("section", { class: "moves-room" }, title, none, list),
    ),
    h("div", { class: "acts" }, other, video, report),
  );
  let shown = null;
  let current = -1;

  function figure(word, value, kind = null) {
    return h("div", { "data-kind": kind }, h("dt", {}, word), h("dd", { class: "figures" }, value));
  }

  function place(role) {
    return role === "outside" || !role ? _("outside") : roleWord(role);
  }

  function row(move, at) {
    const back = move.from === "bagging" || move.from === "exit";
    const sure = `${Math.round(move.confidence * 100)} %`;
    return h(
      "li",
      {},
      h(
        "button",
        { type: "button", "data-at": move.at_s, "aria-current": at === current ? "true" : null, onclick: () => seek(move) },
        h("b", { class: "sign figures" }, back ? "−1" : "+1"),
        h("span", { class: "figures" }, atWord(move.at_s)),
        h("span", { class: "way" }, `${place(move.from)} → ${place(move.to)}`),
        h("span", { class: "sure figures", title: _("How sure") }, sure),
      ),
    );
  }

  function seek(move) {
    player.video.currentTime = move.at_s;
    follow();
    player.scrollIntoView({ block: "nearest" });
  }

  function follow() {
    if (!shown) return;
    const now_s = player.video.currentTime + 0.05;
    const at = shown.result.moves.findLastIndex((move) => move.at_s <= now_s);
    if (at === current) return;
    current = at;
    list.querySelectorAll("button").forEach((button, place) => {
      if (place === at) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    });
    // Only the list scrolls, never the page under somebody's eyes.
    const held = list.children[at];
    if (held) list.scrollTop = Math.max(0, held.offsetTop - list.clientHeight / 2);
  }

  function paint() {
    say(title, _("Moves"));
    say(other, _("Try other zones"));
    say(video, _("Annotated video (MP4)"));
    say(report, _("Figures (JSON)"));
    if (!shown) return;
    const { registered, brought_in, judgement, moves } = shown.result;
    const judged = { detected: _("Detected"), not_detected: _("Not detected") }[judgement] ?? "–";
    figures.replaceChildren(
      figure(_("Number of scanned items"), registered ?? "–"),
      figure(_("Number of items brought in (estimated)"), brought_in),
      figure(_("Judgement of fraud"), judged, judgement),
    );
    truth.hidden = !shown.truth;
    if (shown.truth)
      say(
        truth,
        _("What really happened in this simulated sale: {scanned} scanned, {brought} brought in.", {
          scanned: shown.truth.registered,
          brought: shown.truth.brought_in,
        }),
      );
    journal.hidden = !shown.journal;
    if (shown.journal) {
      const { name, set_aside, first } = shown.journal;
      const lines = first.map(({ line, why }) => _("line {n}: {why}", { n: line, why }));
      const aside = set_aside ? _("{n} lines were set aside", { n: set_aside }) : "";
      say(journal, [_("Registered items from {name}", { name }), aside, ...lines].filter(Boolean).join(" · "));
    }
    none.hidden = moves.length > 0;
    say(none, _("No item was seen moving into bagging. Do the zones lie where the goods are put down?"));
    list.replaceChildren(...moves.map(row));
  }

  document.addEventListener("language", paint);
  return {
    element,
    show(one) {
      const fresh = shown?.video_url !== one.video_url;
      shown = one;
      video.href = `${one.video_url}&download=true`;
      report.href = one.report_url;
      paint();
      if (!fresh) return;
      current = -1;
      for (const name of ["timeupdate", "seeked"]) player.video.addEventListener(name, follow);
      player.play(one.video_url);
    },
    leave() {
      shown = null;
      player.video?.pause();
    },
  };
}
