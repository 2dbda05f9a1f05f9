// <lane-strip>: every lane at a glance: watched or not and why, camera, till, clock; a tap filters by it.
import { Part, h } from "../dom.js";
import { clockTime, length, now } from "../times.js";
import { _, laneWord, told } from "../words.js";
import { icon } from "./icon.js";

// What is known is put right; more than this is worth a look at the till.
const FAST_MS = 5_000;
// Longer than any pause between two sales while a shop is open.
const SILENT_MS = 30 * 60 * 1000;
const CAMERAS = {
  unknown: () => _("Camera not started"),
  connecting: () => _("Camera connecting"),
  paused: () => _("Recording paused"),
  ended: () => _("Camera picture ended"),
};

/** What is wrong with a lane, worst first: {icon, word, more}; empty when all is well. */
export function troubles(lane) {
  const found = [];
  for (const camera of lane.cameras) {
    if (camera.state === "recording") continue;
    const word = CAMERAS[camera.state]?.() ?? _("Camera lost");
    const since = camera.since_at ? _("since {time}", { time: clockTime(camera.since_at) }) : "";
    found.push({ icon: "camera", word, more: `${camera.name} ${since}`.trim() });
  }
  // A lane whose camera is gone is not watched either: said once.
  if (!lane.watched && !found.length)
    found.push({ icon: "unwatched", word: _("Not watched"), more: told(lane.why) });
  const last = lane.till.last_event_at;
  if (!last) found.push({ icon: "till", word: _("Till silent"), more: _("nothing heard yet") });
  else if (now() - Date.parse(last) > SILENT_MS) {
    found.push({ icon: "till", word: _("Till silent"), more: _("since {time}", { time: clockTime(last) }) });
  }
  const offset_ms = lane.till.clock_offset_ms ?? 0;
  if (Math.abs(offset_ms) >= FAST_MS) {
    const more =
      offset_ms > 0
        ? _("{length} fast", { length: length(offset_ms) })
        : _("{length} slow", { length: length(-offset_ms) });
    found.push({ icon: "clock", word: _("Till clock off"), more });
  }
  return found;
}

class LaneStrip extends Part {
  #lanes = [];
  #counts = new Map();
  #chosen = null;
  #since = null;
  #shown = "";

  /** Lanes as the API tells them; open incidents by lane; the lane the page is filtered by. */
  show(lanes, counts, chosen, since = null) {
    this.#lanes = lanes;
    this.#counts = counts;
    this.#chosen = chosen;
    this.#since = since;
    if (this.built) this.paint();
  }

  paint() {
    const shown = JSON.stringify([
      this.#lanes,
      [...this.#counts],
      this.#chosen,
      this.#since,
      document.documentElement.lang,
    ]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const focused = this.contains(document.activeElement) ? document.activeElement.dataset.lane : null;
    const children = this.#lanes.map((lane) => this.#tile(lane));
    if (this.#since)
      children.unshift(
        h(
          "p",
          { class: "stale" },
          icon("lost"),
          _("Lane states are from {time}", { time: clockTime(this.#since) }),
        ),
      );
    this.replaceChildren(...children);
    if (focused) this.querySelector(`[data-lane="${CSS.escape(focused)}"]`)?.focus();
  }

  #tile(lane) {
    const found = troubles(lane);
    const open = this.#counts.get(lane.id) ?? 0;
    const lines = found.map((trouble) => [
      h("span", { class: "line" }, icon(trouble.icon), h("b", {}, trouble.word)),
      trouble.more ? h("span", { class: "more" }, trouble.more) : null,
    ]);
    if (!found.length)
      lines.push(h("span", { class: "line fine" }, icon("watched"), h("span", {}, _("Watched"))));
    return h(
      "button",
      {
        type: "button",
        class: "lane-tile",
        "data-lane": lane.id,
        "data-trouble": found.length > 0,
        "aria-pressed": String(this.#chosen === lane.id),
        onclick: () =>
          this.dispatchEvent(
            new CustomEvent("choose", {
              bubbles: true,
              detail: { lane: this.#chosen === lane.id ? null : lane.id },
            }),
          ),
      },
      h("span", { class: "name" }, h("span", {}, laneWord(lane.name))),
      open ? h("span", { class: "open figures" }, _("{n} open", { n: open })) : null,
      lines.flat(),
    );
  }
}

customElements.define("lane-strip", LaneStrip);
