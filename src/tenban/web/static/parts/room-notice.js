// <room-notice>: says where all footage that is left is held, so that recording is about to pause, or has paused.
import { ask } from "../api.js";
import { Part, h } from "../dom.js";
import { _, page } from "../words.js";
import { icon } from "./icon.js";

const EVERY_MS = 60_000;

function leftWord(s) {
  if (s >= 2 * 86_400) return _("about {n} days", { n: Math.floor(s / 86_400) });
  if (s >= 2 * 3_600) return _("about {n} hours", { n: Math.floor(s / 3_600) });
  return _("about {n} min", { n: Math.max(1, Math.floor(s / 60)) });
}

class RoomNotice extends Part {
  #told = null;
  #timer = 0;

  build() {
    this.className = "room-notice";
    this.setAttribute("role", "status");
    this.hidden = true;
    this.look();
    this.#timer = setInterval(() => document.visibilityState === "visible" && this.look(), EVERY_MS);
  }

  leave() {
    clearInterval(this.#timer);
  }

  async look() {
    try {
      this.#told = await ask("/api/v1/footage/room");
    } catch {
      // Policy: a notice that cannot be had now is asked for again; the page is about something else.
    }
    this.paint();
  }

  paint() {
    const told = this.#told;
    this.hidden = !told || told.state === "ok";
    if (this.hidden) return;
    this.dataset.state = told.state;
    const head =
      told.state === "full"
        ? _("Recording has paused: the disk is full.")
        : _("Recording will pause in {left}: the disk is nearly full.", { left: leftWord(told.left_s) });
    const why = told.is_held
      ? _("All footage that is left is held, for incidents or cases, and is not deleted. Release what is no longer needed, or add disk space.")
      : _("Other files than footage fill the disk. Remove what is not needed, or add disk space.");
    this.replaceChildren(
      icon("lost"),
      h("p", {}, h("b", {}, head), " ", why),
      told.is_held ? h("a", { class: "button", href: "/cases" }, _("Cases")) : "",
      told.is_held && page.may?.retention ? h("a", { class: "button", href: "/settings/retention" }, _("What is held")) : "",
    );
  }
}

customElements.define("room-notice", RoomNotice);
