// <live-picture>: what a lane's camera, or one camera, shows now: its own pictures where the browser plays them,
// else stills; says how, how old the picture is, and why there is none.
import { Part, h, say } from "../dom.js";
import { ask } from "../api.js";
import { LiveSound } from "../live/sound.js";
import { Watching } from "../live/watching.js";
import { clockTime } from "../times.js";
import { tokenFor } from "../token.js";
import { _, told } from "../words.js";
import "./fisheye-view.js";
import { icon } from "./icon.js";
import { cameraWord } from "./lane-state.js";

const AGAIN_MS = 2_000;
// A tab that nobody sees looks at nobody; whoever comes back at once finds the picture still there.
const HIDDEN_MS = 1_000;
const SAID_EVERY_MS = 500;

const STILLS = {
  masked: () => _("Stills: parts of this picture are blurred for you"),
  not_recorded: () => _("Stills: this camera is not recorded"),
  no_player: () => _("Stills: this browser plays no live video"),
  codec: () => _("Stills: this browser cannot play H.265, which this camera sends"),
  blocked: () => _("Stills: the live stream does not get through"),
};

class LivePicture extends Part {
  #wanted = null;
  #round = 0;
  #viewing = null;
  #camera = null;
  #watching = null;
  #refused = null;
  #paused = false;
  #unmasked = false;
  #sound = null;
  #hidden = 0;
  #shown = { captured_ms: null, lag_ms: null };
  #said_ms = 0;
  #seen = () => this.#visibility();

  /** The lane to look at; null ends the looking. */
  set lane(lane) {
    this.#want(lane ? { key: `lane ${lane.id}`, path: `/api/v1/live/${encodeURIComponent(lane.id)}` } : null);
  }

  /** One camera to look at; null ends the looking. */
  set camera(camera) {
    const path = camera && `/api/v1/live/cameras/${encodeURIComponent(camera.id)}`;
    this.#want(camera ? { key: `camera ${camera.id}`, path } : null);
  }

  /** The canvas, video or image that shows the picture now; null while there is none. */
  get source() {
    return this.#watching?.source ?? null;
  }

  /** A tile of a wall: keyframes are enough. */
  get small() {
    return this.hasAttribute("small");
  }

  set small(small) {
    if (small === this.small) return;
    this.toggleAttribute("small", small);
    if (this.#watching) this.#watching.small = small;
    this.#say();
  }

  get paused() {
    return this.#paused;
  }

  #want(wanted) {
    if (wanted?.key === this.#wanted?.key) return;
    this.#stop();
    this.#wanted = wanted;
    this.#paused = false;
    this.#unmasked = false;
    if (wanted && this.built) this.#look();
  }

  build() {
    this.trouble = h("p", { class: "said", role: "status" });
    this.screen = h("div", { class: "screen", tabindex: "0", role: "group" }, this.trouble);
    this.time = h("time", { class: "figures" });
    this.lag = h("span", { class: "lag figures" });
    this.how = h("p", { class: "how" });
    this.cameras = h("div", { class: "choice", role: "group" });
    this.wholeButton = h("button", { type: "button", class: "quiet", hidden: true, onclick: () => this.#showWhole() });
    this.pauseButton = this.#button("pause", () => this.pause());
    this.soundButton = this.#button("silent", () => this.hear());
    this.soundButton.hidden = true;
    this.fullButton = this.#button("full", () => this.fullScreen());
    this.note = h("p", { class: "note" });
    this.append(
      this.screen,
      h(
        "div",
        { class: "under" },
        h("p", { class: "when" }, this.time, this.lag),
        this.how,
        this.wholeButton,
        this.cameras,
        h("div", { class: "controls" }, this.pauseButton, this.soundButton, this.fullButton),
        this.note,
      ),
    );
    this.screen.addEventListener("dblclick", () => this.fullScreen());
    this.addEventListener("keydown", (event) => this.#key(event));
    if (this.#wanted) this.#look();
  }

  connectedCallback() {
    document.addEventListener("visibilitychange", this.#seen);
    super.connectedCallback();
    if (this.#wanted && !this.#viewing && !this.#round) this.#look();
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this.#seen);
    super.disconnectedCallback();
  }

  leave() {
    this.#stop();
    this.#wanted = null;
  }

  paint() {
    say(this.note, _("Who looks, and since when, is written down."));
    this.screen.setAttribute("aria-label", _("Live picture"));
    this.cameras.setAttribute("aria-label", _("Camera"));
    for (const button of this.cameras.children)
      button.setAttribute("aria-pressed", String(button.dataset.camera === this.#camera));
    this.#name(this.pauseButton, this.#paused ? "play" : "pause", this.#paused ? _("Go on") : _("Pause"));
    this.#name(this.fullButton, "full", _("Full screen"));
    const here = this.#viewing?.cameras.find(({ id }) => id === this.#camera);
    this.soundButton.hidden = !(here?.hear && LiveSound.possible()) || this.hasAttribute("compact");
    this.#name(this.soundButton, this.#sound ? "sound" : "silent", this.#sound ? _("Turn the sound off") : _("Turn the sound on"));
    this.soundButton.setAttribute("aria-pressed", String(this.#sound !== null));
    this.#say();
  }

  /** Listen, once it is shown who does, or no longer; with another camera or viewing it is off again. */
  async hear() {
    if (this.#sound) {
      this.#silence();
      return;
    }
    const camera = this.#camera;
    const { proven } = await import("../step-up.js");
    if (!(await proven("media:hear")) || camera !== this.#camera || !this.#viewing) return;
    const sound = new LiveSound(this.#viewing.viewing, camera, () => sound === this.#sound && this.#silence());
    this.#sound = sound;
    sound.start();
    this.paint();
  }

  #silence() {
    this.#sound?.stop();
    this.#sound = null;
    if (this.built) this.paint();
  }

  /** Stop looking until asked again; nothing is sent meanwhile. */
  pause() {
    this.#paused = !this.#paused;
    if (this.#paused) this.#stop();
    else this.#look();
    this.paint();
  }

  // Whoever may see what is blurred asks for it, and shows once more that it is them.
  #showWhole() {
    this.#stop();
    this.#unmasked = true;
    this.#look();
  }

  async fullScreen() {
    if (document.fullscreenElement) await document.exitFullscreen();
    else await this.screen.requestFullscreen().catch(() => {}); // Policy: a browser that refuses shows it as it is.
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || this.hasAttribute("compact")) return;
    const on_button = event.target.closest("button");
    if (event.key === "f") this.fullScreen();
    else if (event.key === " " && !on_button) this.pause();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #button(name, act) {
    return h("button", { type: "button", "data-icon": name, onclick: act }, icon(name), h("span", { class: "unseen" }));
  }

  #name(button, drawn, word) {
    say(button.lastElementChild, word);
    button.title = word;
    if (button.dataset.icon === drawn) return;
    button.dataset.icon = drawn;
    button.firstElementChild.replaceWith(icon(drawn));
  }

  #visibility() {
    clearTimeout(this.#hidden);
    if (document.visibilityState === "visible") {
      if (this.#wanted && !this.#viewing && !this.#round && !this.#paused) this.#look();
    } else if (this.#wanted) {
      this.#hidden = setTimeout(() => this.#stop(), HIDDEN_MS);
    }
  }

  #stop() {
    this.#round = 0;
    clearTimeout(this.#hidden);
    this.#watching?.stop();
    this.#watching = null;
    this.#silence();
    if (this.#viewing) goodbye(this.#viewing);
    this.#viewing = null;
    this.#refused = null;
    if (!this.built) return;
    this.#shown = { captured_ms: null, lag_ms: null };
    this.screen.replaceChildren(this.trouble);
    this.cameras.replaceChildren();
    this.#say();
  }

  async #look() {
    const round = (this.#round = performance.now());
    this.#refused = null;
    this.#say();
    while (round === this.#round && this.isConnected) {
      try {
        const whole = this.#unmasked ? "?unmasked=true" : "";
        const viewing = await ask(`${this.#wanted.path}${whole}`, { method: "POST" });
        if (round !== this.#round) {
          goodbye(viewing);
          return;
        }
        this.#viewing = viewing;
        this.#refused = null;
        this.#offer();
        this.#watch();
        return;
      } catch (error) {
        if (round !== this.#round) return;
        if (this.#unmasked) {
          this.#unmasked = false; // not shown without blurring: blurred, as before
          continue;
        }
        this.#refused = error;
        this.#say();
        if (error.code === "no_camera" || error.status === 401 || error.status === 403) return;
      }
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }

  #offer() {
    const { cameras } = this.#viewing;
    if (!cameras.some(({ id }) => id === this.#camera)) this.#camera = cameras[0].id;
    this.cameras.hidden = cameras.length < 2;
    this.cameras.replaceChildren(
      ...cameras.map(({ id, name }) =>
        h("button", { type: "button", "data-camera": id, onclick: () => this.#choose(id) }, name),
      ),
    );
  }

  #choose(camera) {
    this.#camera = camera;
    if (this.#viewing) this.#watch();
    this.paint();
  }

  #watch() {
    this.#watching?.stop();
    this.#silence();
    const camera = this.#viewing.cameras.find(({ id }) => id === this.#camera);
    const watching = new Watching(this.#viewing, camera, { small: this.small });
    this.#watching = watching;
    watching.addEventListener("source", () => this.#swap());
    watching.addEventListener("picture", ({ detail }) => this.#picture(detail));
    watching.addEventListener("state", () => this.#say());
    watching.addEventListener("over", () => {
      if (watching !== this.#watching) return;
      this.#viewing = null;
      this.#watching = null;
      this.#look();
    });
    watching.start();
    this.paint();
  }

  // The last picture stays until another one is there: a change of camera or way does not flash.
  #swap() {
    const { source } = this.#watching;
    if (source.localName === "img") source.alt = _("Live picture");
    else source.setAttribute("aria-label", _("Live picture"));
    if (source.localName === "canvas") source.setAttribute("role", "img");
    this.view = this.#turned(source);
    this.screen.replaceChildren(...(this.view ? [this.view] : []), source, this.trouble);
    source.hidden = Boolean(this.view);
  }

  // A fisheye camera's picture is turned in the page; a still of a named view comes turned.
  #turned(source) {
    const { turning } = this.#viewing.cameras.find(({ id }) => id === this.#camera);
    if (!turning || this.hasAttribute("compact") || (source.localName === "img" && turning.turn)) return null;
    const view = document.createElement("fisheye-view");
    Object.assign(view, { lens: turning.lens, mode: turning.turn ? "view" : "quad", source });
    if (turning.turn) view.turn = turning.turn;
    return view;
  }

  #picture({ captured_us, lag_ms }) {
    this.#shown = { captured_ms: captured_us === null ? null : captured_us / 1000, lag_ms };
    const detail = { captured_ms: this.#shown.captured_ms, lag_ms, source: this.source };
    this.dispatchEvent(new CustomEvent("picture", { detail }));
    this.source.dispatchEvent(new Event("picture"));
    const now_ms = performance.now();
    if (now_ms - this.#said_ms < SAID_EVERY_MS && this.trouble.hidden) return;
    this.#said_ms = now_ms;
    this.#say();
  }

  #say() {
    if (!this.built) return;
    const why = this.#why();
    this.trouble.hidden = !why;
    this.wholeButton.hidden = !(this.#viewing?.may_unmask && this.#watching?.why === "masked");
    say(this.wholeButton, _("Show without blurring"));
    this.screen.toggleAttribute("data-old", Boolean(why && this.source));
    say(this.trouble, why ?? "");
    const { captured_ms, lag_ms } = this.#shown;
    say(this.time, captured_ms === null ? "" : clockTime(captured_ms));
    say(this.lag, lag_ms === null || why ? "" : _("{n} s behind", { n: (lag_ms / 1000).toFixed(1) }));
    say(this.how, why ? "" : this.#way());
    this.dataset.how = why ? "" : (this.#watching?.how ?? "");
  }

  // Why there is no new picture, or null while they come.
  #why() {
    if (this.#paused) return _("Paused. Nobody looks.");
    if (this.#refused) return refusalWord(this.#refused);
    const watching = this.#watching;
    if (!watching) return _("Connecting");
    const { lost, trouble } = watching;
    if (lost?.reason?.code === "codec")
      return _("What this camera sends cannot be recorded: set its video encoding to H.264.");
    if (lost && !["recording", "unknown"].includes(lost.state) && (trouble || !watching.source)) {
      const since = _("since {time}", { time: clockTime(lost.since_at) });
      return [`${cameraWord(lost.state)} ${since}.`, told(lost.reason?.words), _("It comes back by itself.")].filter(Boolean).join(" ");
    }
    if (trouble) return refusalWord(trouble);
    return watching.source ? null : _("Connecting");
  }

  #way() {
    const { how, why, skipped } = this.#watching;
    if (how === "stills") return STILLS[why]?.() ?? _("Stills, until the stream comes");
    if (skipped) return _("Slow connection or device: {n} pictures left out", { n: skipped });
    if (this.small) return _("Keyframes only");
    return how === "canvas" ? _("Every picture") : _("Every picture, as a video");
  }
}

function goodbye({ viewing }) {
  const headers = tokenFor("DELETE");
  fetch(`/api/v1/live/${viewing}`, { method: "DELETE", keepalive: true, headers }).catch(() => {
    // Policy: a goodbye that does not arrive is made up for by the server, which ends idle viewings.
  });
}

function refusalWord(error) {
  const words = {
    no_camera: () => _("No camera looks at this lane."),
    no_watcher: () => _("The part that watches cameras does not answer. Trying again."),
    stale_picture: () => _("The camera sends no new pictures. Trying again."),
    not_found: () => _("There is no picture yet. Trying again."),
    too_many_viewings: () => _("Too many live pictures are open already. Trying again."),
  };
  return words[error.code]?.() ?? error.message;
}

customElements.define("live-picture", LivePicture);
