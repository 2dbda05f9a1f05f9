// <connection-state>: is what stands here what is happening now? Says so at all times.
import { Part, h } from "../dom.js";
import { clockTime, length } from "../times.js";
import { _ } from "../words.js";
import { icon } from "./icon.js";

class ConnectionState extends Part {
  #state = { kind: "connecting" };
  #shown = "";

  /** {kind: connecting | live | lost | catching | late, since?, count?, late_ms?} */
  set state(state) {
    this.#state = state;
    if (this.built) this.paint();
  }

  get kind() {
    return this.#state.kind;
  }

  build() {
    this.setAttribute("role", "status");
  }

  paint() {
    const { kind, since, count, late_ms } = this.#state;
    const words = {
      connecting: () => _("Connecting"),
      live: () => _("Live"),
      lost: () => _("Connection lost since {time}. Trying again.", { time: clockTime(since) }),
      catching: () => (count ? _("Catching up: {n}", { n: count }) : _("Catching up")),
      late: () => _("Late by {length}", { length: length(late_ms) }),
    };
    const text = words[kind]();
    if (`${kind} ${text}` === this.#shown) return;
    this.#shown = `${kind} ${text}`;
    this.dataset.kind = kind;
    const drawn = { connecting: "clock", live: "live", lost: "lost", catching: "catching", late: "clock" };
    this.replaceChildren(icon(drawn[kind]), h("span", {}, text));
  }
}

customElements.define("connection-state", ConnectionState);
