// <clip-player>: a short clip with replay, frame step and speed; large targets, and keys for all of it.
import { Part, h, say } from "../dom.js";
import { whyNot } from "../api.js";
import { isH265 } from "../codecs.js";
import { _ } from "../words.js";
import "./fisheye-view.js";
import { icon } from "./icon.js";

const SPEEDS = [0.25, 0.5, 1, 2];
// Until two frames have been seen: the analysis rate of most cameras.
const GUESSED_FRAME_S = 1 / 15;

/** The sentence about a clip that is damaged or no longer kept; undefined for any other failure. */
function unplayed(code) {
  return {
    damaged: _("This clip is damaged and cannot be played."),
    key_missing: _("This clip cannot be opened: its key is missing on the server."),
    not_kept: _("This clip is no longer kept."),
    codec: _("This browser cannot play H.265, in which the camera records. The pictures show the moment."),
  }[code];
}

/** The address of the same clip with its sound. */
function withSound(url) {
  return `${url}${url.includes("?") ? "&" : "?"}sound=true`;
}

class ClipPlayer extends Part {
  #url = null;
  #frame_s = GUESSED_FRAME_S;
  #last_s = null;
  #failed = false;
  #why = null;
  #hears = false;

  get playing() {
    return this.built && !this.video.paused && !this.video.ended;
  }

  build() {
    this.video = h("video", { playsinline: true, preload: "auto", tabindex: "-1" });
    this.video.muted = true;
    for (const name of ["play", "pause", "ended", "timeupdate", "loadedmetadata", "seeked"]) {
      this.video.addEventListener(name, () => this.paint());
    }
    this.video.addEventListener("error", () => {
      // Who listens has to be shown again after some minutes: without sound until then.
      if (this.#hears) this.#hear();
      else this.#fail(this.#url);
    });
    // A browser that cannot play the pictures may play the sound alone.
    this.video.addEventListener("loadedmetadata", () => {
      if (!this.video.videoWidth) this.#fail(this.#url);
    });
    this.video.addEventListener("click", () => this.toggle());
    this.trouble = h("p", { class: "trouble", role: "alert", hidden: true });
    this.position = h("input", {
      type: "range",
      min: "0",
      max: "1",
      step: "any",
      value: "0",
      class: "position",
    });
    this.position.addEventListener("input", () => {
      this.video.currentTime = Number(this.position.value);
    });
    this.time = h("span", { class: "figures" });
    this.replayButton = this.#button("replay", () => this.replay());
    this.backButton = this.#button("back", () => this.step(-1));
    this.toggleButton = this.#button("pause", () => this.toggle());
    this.forthButton = this.#button("forth", () => this.step(1));
    this.speedButton = h("button", { type: "button", class: "speed figures", onclick: () => this.faster() });
    this.soundButton = this.#button("silent", () => this.#hear());
    this.soundButton.hidden = true;
    this.closeButton = this.#button("close", () =>
      this.dispatchEvent(new CustomEvent("leaveclip", { bubbles: true })),
    );
    const controls = [
      this.replayButton,
      this.backButton,
      this.toggleButton,
      this.forthButton,
      this.speedButton,
      this.soundButton,
    ];
    this.append(
      h("div", { class: "screen" }, this.video, this.trouble),
      h("div", { class: "reel" }, this.position, this.time),
      h("div", { class: "controls" }, controls, this.closeButton),
    );
    this.#count();
  }

  #button(name, act) {
    return h("button", { type: "button", onclick: act }, icon(name), h("span", { class: "unseen" }));
  }

  /**
   * Load and start a clip; a second call with the same address starts it again. `turning` says by which lens a
   * fisheye camera's clip is turned, and where to first; `sound` whether there is some that may be heard.
   */
  async play(url, turning = null, sound = false) {
    if (url !== this.#url) {
      this.#hears = false;
      this.soundButton.hidden = !sound;
      this.#turn(turning);
      this.#url = url;
      this.#failed = false;
      this.#why = null;
      this.video.src = url;
    } else if (this.video.ended) {
      this.video.currentTime = 0;
    }
    try {
      await this.video.play();
    } catch (error) {
      // Policy: a play that another command cut short is no failure; the error event tells of real ones.
      if (error.name === "NotAllowedError") this.paint();
    }
  }

  #turn(turning) {
    this.view?.remove();
    this.view = null;
    this.video.hidden = Boolean(turning);
    if (!turning) return;
    this.view = document.createElement("fisheye-view");
    this.video.after(this.view);
    Object.assign(this.view, { lens: turning.lens, mode: turning.turn ? "view" : "quad", source: this.video });
    if (turning.turn) this.view.turn = turning.turn;
  }

  async #fail(url) {
    this.#failed = true;
    this.paint();
    const why = (await whyNot(url)) ?? ((await isH265(url)) ? "codec" : null);
    if (url !== this.#url || !this.#failed) return;
    this.#why = why;
    this.paint();
  }

  /** Turn the sound on, once it is shown who listens, or off again; it is off with every new clip. */
  async #hear() {
    const url = this.#url;
    if (!this.#hears) {
      const { proven } = await import("../step-up.js");
      if (!(await proven("media:hear")) || url !== this.#url) return;
    }
    this.#hears = !this.#hears;
    const { currentTime, paused, playbackRate } = this.video;
    this.video.muted = !this.#hears;
    this.video.src = this.#hears ? withSound(url) : url;
    this.video.currentTime = currentTime;
    this.video.playbackRate = playbackRate;
    // Policy: where the browser wants a touch first, the button to play is there.
    if (!paused) this.video.play().catch(() => this.paint());
    this.paint();
  }

  toggle() {
    if (this.video.paused) this.play(this.#url);
    else this.video.pause();
  }

  replay() {
    this.video.currentTime = 0;
    this.play(this.#url);
  }

  step(frames) {
    this.video.pause();
    const there = this.video.currentTime + frames * this.#frame_s;
    this.video.currentTime = Math.min(Math.max(there, 0), this.video.duration || there);
  }

  faster() {
    const at = SPEEDS.indexOf(this.video.playbackRate);
    this.video.playbackRate = SPEEDS[(at + 1) % SPEEDS.length];
    this.paint();
  }

  // The length of a frame, from what the browser shows while it plays at full speed.
  #count() {
    if (!this.video.requestVideoFrameCallback) return;
    const seen = (_now, { mediaTime }) => {
      const gap_s = this.#last_s === null ? 0 : mediaTime - this.#last_s;
      if (gap_s > 0.008 && gap_s < 0.5) this.#frame_s = Math.min(this.#frame_s, gap_s);
      this.#last_s = mediaTime;
      this.video.requestVideoFrameCallback(seen);
    };
    this.video.requestVideoFrameCallback(seen);
  }

  paint() {
    const { currentTime, duration, playbackRate } = this.video;
    const length_s = Number.isFinite(duration) ? duration : 0;
    this.trouble.hidden = !this.#failed;
    this.toggleAttribute("data-unplayed", this.#failed && this.#why === "codec");
    say(this.trouble, unplayed(this.#why) ?? _("The clip could not be played. Close it and try again."));
    this.position.max = String(length_s || 1);
    this.position.value = String(currentTime);
    this.position.setAttribute("aria-label", _("Position"));
    this.position.setAttribute("aria-valuetext", `${currentTime.toFixed(1)} / ${length_s.toFixed(1)}`);
    say(this.time, `${currentTime.toFixed(1)} / ${length_s.toFixed(1)}`);
    this.#name(this.replayButton, _("From the start"));
    this.#name(this.backButton, _("One frame back"));
    this.#name(this.forthButton, _("One frame on"));
    this.#name(this.soundButton, this.#hears ? _("Turn the sound off") : _("Turn the sound on"));
    this.soundButton.setAttribute("aria-pressed", String(this.#hears));
    const heard = this.#hears ? "sound" : "silent";
    if (this.soundButton.dataset.icon !== heard) {
      this.soundButton.dataset.icon = heard;
      this.soundButton.firstElementChild.replaceWith(icon(heard));
    }
    this.#name(this.closeButton, _("Back to the pictures"));
    this.#name(this.toggleButton, this.playing ? _("Pause") : _("Play"));
    const shown = this.playing ? "pause" : "play";
    if (this.toggleButton.dataset.icon !== shown) {
      this.toggleButton.dataset.icon = shown;
      this.toggleButton.firstElementChild.replaceWith(icon(shown));
    }
    say(this.speedButton, `${{ 0.25: "¼", 0.5: "½" }[playbackRate] ?? playbackRate}×`);
    this.speedButton.setAttribute("aria-label", _("Speed {n}", { n: playbackRate }));
  }

  #name(button, word) {
    say(button.lastElementChild, word);
    button.title = word;
  }

  leave() {
    this.video.pause();
  }
}

customElements.define("clip-player", ClipPlayer);
