// Pictures put into a video as they come (Media Source Extensions): for browsers without WebCodecs, and for plain
// http in the shop's network, where browsers do not offer it.
import { fragment, head } from "./fragments.js";

const Source = window.MediaSource ?? window.ManagedMediaSource;
const TICKS_PER_S = 90_000;
const USUAL_TICKS = TICKS_PER_S / 15;
// So far from the newest picture a video plays steadily: nearer it runs dry and waits, so it slows down; farther
// away it hurries, and jumps when it is far behind.
const NEAR_S = 0.06;
const STEADY_S = 0.12;
const SLOW = 0.85;
const JUMP_S = 1;
const KEPT_S = 10;

export class VideoPlayer {
  static possible(info) {
    if (!Source) return false;
    return info === null || Source.isTypeSupported(typeOf(info));
  }

  element = document.createElement("video");
  #told;
  #source = null;
  #buffer = null;
  #waiting = [];
  #taken = null;
  #number = 0;
  #at = 0;
  #last = null;
  #needs_keyframe = true;
  #times = [];
  #url = null;
  #usual = USUAL_TICKS;

  /** Told: `taken(n)`, `shown(captured_us)`, `fault()`. */
  constructor(told) {
    this.#told = told;
    Object.assign(this.element, { muted: true, playsInline: true, disableRemotePlayback: true });
    this.element.addEventListener("error", () => this.#told.fault());
    this.#follow();
  }

  begin(info) {
    this.#last = null;
    this.#needs_keyframe = true;
    if (!this.#source) {
      this.#source = new Source();
      this.#url = URL.createObjectURL(this.#source);
      this.#source.addEventListener("sourceopen", () => this.#open(info), { once: true });
      this.element.src = this.#url;
    } else if (this.#buffer?.changeType) {
      this.#waiting.push({ type: typeOf(info) });
    }
    this.#waiting.push({ data: head(info) });
    this.#pump();
  }

  add(picture) {
    if (this.#needs_keyframe && !picture.is_keyframe) {
      this.#told.taken(picture.n);
      return;
    }
    this.#needs_keyframe = false;
    // The video's own time has no gaps: what was left out, or another run, follows at once.
    const step = this.#last === null ? 0 : picture.dts - this.#last;
    if (step > 0 && step <= TICKS_PER_S) this.#usual = step;
    if (this.#number) this.#at += this.#usual;
    this.#last = picture.dts;
    this.#number += 1;
    this.#times.push({ at_s: (this.#at + picture.offset) / TICKS_PER_S, captured_us: picture.captured_us });
    if (this.#times.length > 600) this.#times.splice(0, 300);
    this.#waiting.push({ n: picture.n, data: fragment(picture, this.#number, this.#at, this.#usual) });
    this.#pump();
  }

  close() {
    this.#buffer = null;
    this.#waiting = [];
    this.element.removeAttribute("src");
    this.element.load();
    if (this.#url) URL.revokeObjectURL(this.#url);
    this.#url = null;
  }

  #open(info) {
    try {
      this.#buffer = this.#source.addSourceBuffer(typeOf(info));
    } catch {
      this.#told.fault(); // Policy: a type that is refused after all is told as a fault; another way is taken.
      return;
    }
    this.#buffer.addEventListener("updateend", () => {
      if (this.#taken !== null) this.#told.taken(this.#taken);
      this.#taken = null;
      this.#chase();
      this.#pump();
    });
    this.#pump();
  }

  #pump() {
    if (!this.#buffer || this.#buffer.updating || !this.#waiting.length) return;
    if (this.#waiting[0].type) this.#buffer.changeType(this.#waiting.shift().type);
    const until = this.#waiting.findIndex(({ type }) => type);
    const parts = this.#waiting.splice(0, until < 0 ? this.#waiting.length : until);
    this.#taken = parts.at(-1)?.n ?? null;
    try {
      this.#buffer.appendBuffer(joined(parts.map(({ data }) => data)));
    } catch {
      this.#told.fault(); // Policy: as above.
    }
  }

  #chase() {
    const { element } = this;
    const { buffered } = element;
    if (!buffered.length) return;
    const end = buffered.end(buffered.length - 1);
    const behind_s = end - element.currentTime;
    if (behind_s > JUMP_S || element.currentTime < buffered.start(buffered.length - 1)) {
      element.currentTime = Math.max(end - STEADY_S, buffered.start(buffered.length - 1));
      element.playbackRate = 1;
    } else {
      const hurry = behind_s > STEADY_S ? 1 + Math.min(behind_s, 0.5) : 1;
      element.playbackRate = behind_s < NEAR_S ? SLOW : hurry;
    }
    if (element.paused) {
      // Policy: a browser that does not let it play yet is asked again with the next picture.
      element.play().catch(() => {});
    }
    const first = buffered.start(0);
    if (element.currentTime - first > 3 * KEPT_S && !this.#buffer.updating)
      this.#buffer.remove(first, element.currentTime - KEPT_S);
  }

  #follow() {
    if (!this.element.requestVideoFrameCallback) {
      this.element.addEventListener("timeupdate", () => this.#showed(this.element.currentTime));
      return;
    }
    const seen = (_now, { mediaTime }) => {
      this.#showed(mediaTime);
      this.element.requestVideoFrameCallback(seen);
    };
    this.element.requestVideoFrameCallback(seen);
  }

  #showed(at_s) {
    const found = this.#times.findLast((one) => one.at_s <= at_s + 0.005);
    if (found) this.#told.shown(found.captured_us);
  }
}

function typeOf({ codec }) {
  return `video/mp4; codecs="${codec}"`;
}

function joined(parts) {
  const whole = new Uint8Array(parts.reduce((sum, one) => sum + one.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
