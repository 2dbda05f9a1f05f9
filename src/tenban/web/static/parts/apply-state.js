// <apply-state>: what starts anew because of a change, and when it runs again. Whatever is not named goes on.
import { ask } from "../api.js";
import { Part, h, say } from "../dom.js";
import { _, laneWord, told } from "../words.js";
import { icon } from "./icon.js";

const EVERY_MS = 500;
const PATIENCE_MS = 60_000;

/** What starts anew, in a line each. */
export function effectWord({ what, name }) {
  if (what === "recording") return _("Recording of camera {name}", { name });
  return _("Watching of {lane}", { lane: laneWord(name) });
}

class ApplyState extends Part {
  #effects = [];
  #states = new Map();
  #timer = 0;
  #until = 0;
  #round = 0;
  #follows = null;

  build() {
    this.setAttribute("role", "status");
    this.hidden = true;
  }

  leave() {
    clearTimeout(this.#timer);
  }

  /** Say what a saved change starts anew, and look until all of it runs again; resolves to whether it does. */
  follow(effects) {
    clearTimeout(this.#timer);
    this.#round += 1;
    this.#effects = effects;
    this.#states = new Map(effects.map((effect) => [effect, "waiting"]));
    this.#follows = false;
    this.#until = performance.now() + PATIENCE_MS;
    this.hidden = false;
    this.paint();
    return new Promise((resolve) => {
      this.#look(this.#round, resolve);
    });
  }

  async #look(round, resolve) {
    try {
      const [running, lanes] = await Promise.all([ask("/api/v1/settings/running"), ask("/api/v1/lanes")]);
      if (round !== this.#round) return resolve(false);
      this.#follows = running.all;
      for (const effect of this.#effects) this.#states.set(effect, stateOf(effect, running.all, lanes));
    } catch {
      // Policy: a server that does not answer just now is asked again; the state stays as it was.
    }
    this.paint();
    const done = this.#follows && [...this.#states.values()].every((state) => state === "running");
    if (done || performance.now() > this.#until) return resolve(done);
    this.#timer = setTimeout(() => this.#look(round, resolve), EVERY_MS);
    return null;
  }

  paint() {
    if (this.hidden) return;
    const words = { waiting: _("starting anew…"), running: _("runs again"), off: _("not yet") };
    const rows = this.#effects.map((effect) => {
      const state = this.#states.get(effect);
      const word =
        state !== "running" && performance.now() > this.#until ? _("does not run yet; see the lane") : words[state];
      return h(
        "li",
        { "data-state": state },
        icon(state === "running" ? "true" : "clock"),
        h("span", {}, effectWord(effect)),
        h("b", {}, word),
      );
    });
    const whole = this.#effects.length
      ? _("Everything else goes on without a break.")
      : this.#follows
        ? _("In force. Nothing had to start anew.")
        : _("Being taken over…");
    const head = this.querySelector("p") ?? h("p");
    say(head, whole);
    this.dataset.done = String(Boolean(this.#follows));
    this.replaceChildren(h("ul", {}, rows), head);
  }
}

function stateOf(effect, follows, lanes) {
  if (!follows) return "waiting";
  if (effect.what === "watching") {
    const lane = lanes.find(({ id }) => id === effect.id);
    return !lane || lane.watched || lane.cameras.length === 0 ? "running" : "waiting";
  }
  const camera = lanes.flatMap((lane) => lane.cameras).find(({ id }) => id === effect.id);
  return !camera || camera.state === "recording" ? "running" : "waiting";
}

/** Why a lane is not watched, for whoever waits for it. */
export function whyNot(lane) {
  const lost = lane?.cameras.find(({ state }) => state === "lost");
  return told(lost?.reason?.words ?? lane?.why ?? "");
}

customElements.define("apply-state", ApplyState);
