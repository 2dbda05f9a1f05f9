// <wall-tile>: one camera on the wall: its picture, what it is called, and in words what is wrong with it.
import { Part, h, say } from "../dom.js";
import { clockTime } from "../times.js";
import { _, laneWord, told } from "../words.js";
import { icon } from "./icon.js";
import { cameraWord } from "./lane-state.js";
import "./live-picture.js";

class WallTile extends Part {
  #camera = null;
  #watched = new Map();
  #open = { count: 0, urgency: null };
  #large = false;
  #full = false;
  #shown = "";

  /** The camera as the API tells it; its lanes by id; how many incidents are open there. */
  show(camera, lanes, open) {
    this.#camera = camera;
    this.#watched = lanes;
    this.#open = open;
    if (this.built) this.paint();
  }

  get camera() {
    return this.#camera;
  }

  /** It stands alone on the screen. */
  set large(large) {
    this.#large = large;
    this.toggleAttribute("data-large", large);
    this.#rate();
    if (this.built) this.paint();
  }

  /** Few enough tiles are shown for each to have every picture. */
  set full(full) {
    this.#full = full;
    this.#rate();
  }

  build() {
    this.picture = h("live-picture", { compact: true });
    this.name = h("span", { class: "name" });
    this.lanes = h("span", { class: "lanes" });
    this.states = h("span", { class: "states" });
    this.time = h("time", { class: "time figures" });
    this.enlarge = h(
      "button",
      { type: "button", class: "enlarge quiet", onclick: () => this.#choose() },
      icon("full"),
      h("span", { class: "unseen" }),
    );
    this.watch = h("a", { class: "button quiet", hidden: true }, icon("passed"), h("span"));
    this.footage = h("a", { class: "button quiet", hidden: true }, icon("footage"), h("span"));
    this.append(
      h("div", { class: "stage" }, this.picture, this.states),
      h(
        "div",
        { class: "caption" },
        this.name,
        this.lanes,
        this.time,
        h("div", { class: "acts" }, this.footage, this.watch, this.enlarge),
      ),
    );
    this.picture.addEventListener("picture", ({ detail }) => {
      if (detail.captured_ms !== null) say(this.time, clockTime(detail.captured_ms));
    });
    this.addEventListener("click", ({ target }) => {
      if (!target.closest("button, a")) this.#choose();
    });
    for (const name of ["focusin", "focusout"]) this.addEventListener(name, () => this.#rate());
  }

  paint() {
    if (!this.#camera) return;
    const { id, name, lanes } = this.#camera;
    if (this.dataset.camera !== id) {
      this.dataset.camera = id;
      this.picture.camera = this.#camera;
    }
    say(this.name, name);
    this.name.title = name;
    say(this.lanes, lanes.map((lane) => laneWord(lane.name)).join(", "));
    if (this.#open.urgency) this.dataset.urgency = this.#open.urgency;
    else delete this.dataset.urgency;
    const states = this.#states();
    const shown = states.map((one) => one.outerHTML).join("");
    if (shown !== this.#shown) {
      this.#shown = shown;
      this.states.replaceChildren(...states);
    }
    const word = this.#large ? _("Back to the wall") : _("Enlarge {name}", { name });
    const drawn = this.#large ? "close" : "full";
    if (this.enlarge.dataset.icon !== drawn) {
      this.enlarge.dataset.icon = drawn;
      this.enlarge.firstElementChild.replaceWith(icon(drawn));
    }
    say(this.enlarge.lastElementChild, word);
    this.enlarge.title = word;
    // What was a moment ago: the player begins a minute back.
    this.footage.hidden = !this.#large || !this.#camera.recorded;
    this.footage.href = `/footage?${new URLSearchParams({ cameras: id })}`;
    say(this.footage.lastElementChild, _("Footage"));
    const [lane] = lanes;
    this.watch.hidden = !this.#large || !lane;
    if (lane) {
      this.watch.href = `/watch?lane=${encodeURIComponent(lane.id)}`;
      say(this.watch.lastElementChild, _("To {lane} on the watch page", { lane: laneWord(lane.name) }));
    }
  }

  leave() {
    delete this.dataset.camera;
  }

  #choose() {
    this.dispatchEvent(new CustomEvent("enlarge", { bubbles: true, detail: this.#large ? null : this.#camera.id }));
  }

  // Every picture for what is looked at; keyframes for the rest of a full wall.
  #rate() {
    if (this.picture) this.picture.small = !(this.#full || this.#large || this.contains(document.activeElement));
  }

  #states() {
    const found = [];
    const { recorded, state, since_at, lanes } = this.#camera;
    if (this.#open.count)
      found.push(h("span", { class: "state", "data-kind": "open" }, icon("unconfirmed"), _("{n} open", { n: this.#open.count })));
    if (!recorded) {
      found.push(h("span", { class: "state" }, icon("unwatched"), _("Not recorded")));
    } else if (state !== "recording") {
      const since = since_at ? _("since {time}", { time: clockTime(since_at) }) : "";
      const kind = state === "lost" ? "lost" : "other";
      found.push(h("span", { class: "state", "data-kind": kind, title: told(this.#camera.reason?.words) || null }, icon("camera"), `${cameraWord(state)} ${since}`.trim()));
    }
    const unwatched = lanes.map(({ id }) => this.#watched.get(id)).filter((lane) => lane && !lane.watched);
    // A lane whose camera is gone is not watched either: said once.
    if (unwatched.length && (state === "recording" || !recorded))
      found.push(
        h("span", { class: "state", title: told(unwatched[0].why) }, icon("unwatched"), _("Not watched")),
      );
    return found;
  }
}

customElements.define("wall-tile", WallTile);
