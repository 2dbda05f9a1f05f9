// One camera's picture: two videos, of which one plays while the other loads what comes after it.
import { asWhom, ask } from "../api.js";
import { plays } from "../codecs.js";
import { h, say } from "../dom.js";
import { icon } from "../parts/icon.js";
import { clockTime, now } from "../times.js";
import { _, page } from "../words.js";
import { gapWord } from "./words.js";

const PIECE_MS = 120_000;
const EARLY_MS = 10_000;
const LIVE_EARLY_MS = 1_500;
const LEAST_MS = 200;
const LATEST_MS = 4_000;
const FAR_MS = 250;
const SAME_MS = 12;
const PICTURE_EVERY_MS = 500;

function pathOf(camera, from_ms, to_ms, { stepping, unmasked, sound }) {
  const query = new URLSearchParams({ from: new Date(from_ms).toISOString(), to: new Date(to_ms).toISOString() });
  if (stepping) query.set("stepping", "true");
  if (unmasked) query.set("unmasked", "true");
  if (sound) query.set("sound", "true");
  return `/api/v1/footage/cameras/${encodeURIComponent(camera)}/plan?${query}`;
}

/**
 * A piece of footage as it was planned; times in ms since 1970. It is shown from `from` to `upto`; of the parts
 * before `start` and after `end` there is no footage.
 */
async function planned(camera, from, wishes = {}) {
  const to = (Math.floor(from / PIECE_MS) + 1) * PIECE_MS;
  // Who listens was asked for at the touch of the button; what is loaded meanwhile asks nobody.
  const plan = await ask(pathOf(camera, from, to, wishes), { again: !wishes.sound });
  const start = Date.parse(plan.start);
  const end = Date.parse(plan.end);
  // Cut short by a change of the camera's settings, or by the present: what comes next is planned on its own.
  const isLive = to > now() - LATEST_MS;
  const isPlayed = plays(plan.codec);
  const short = Boolean(plan.note) || isLive;
  return {
    from,
    upto: short && !plan.none ? end : to,
    start,
    end,
    isLive,
    none: plan.none,
    video: isPlayed ? plan.video : null,
    // What this browser cannot play is shown picture by picture.
    unplayed: isPlayed ? null : plan.video,
    blurred: plan.blurred && !plan.none,
    mayShow: Boolean(plan.may_show),
    turning: plan.turning ?? null,
    note: plan.note,
    hear: Boolean(plan.hear),
    width: plan.width,
    height: plan.height,
    gaps: plan.gaps.map((gap) => ({ from: Date.parse(gap.from), to: Date.parse(gap.to), reason: gap.reason })),
    pictures: plan.pictures?.map((offset_us) => start + offset_us / 1000) ?? null,
  };
}

export class Track extends EventTarget {
  static #heard = null;
  #pieces = [null, null];
  #videos;
  #shown = 0;
  #loading = null;
  #wanted = 0;
  #retry_ms = 0;
  #asked_ms = 0;
  #picturedAt = null;
  #unmasked = false;
  #hears = false;

  constructor(camera) {
    super();
    this.camera = camera;
    this.trouble = null;
    this.#videos = [0, 1].map(() => {
      const video = h("video", { playsinline: true, preload: "auto", tabindex: "-1", "aria-hidden": "true" });
      video.muted = true;
      video.addEventListener("error", () => this.#failed(video));
      return video;
    });
    this.image = h("img", { class: "blurred", alt: "", hidden: true });
    this.name = h("span", { class: "name" }, camera.name);
    this.clock = h("time", { class: "figures" });
    this.word = h("p", { class: "none", hidden: true });
    this.showButton = h("button", { type: "button", class: "show", hidden: true, onclick: () => this.#unmask(true) });
    this.unplayed = h("p", { class: "unplayed", hidden: true }, h("span", {}), " ", h("span", { class: "more" }));
    this.busy = h("span", { class: "busy", hidden: true });
    this.soundButton = h("button", { type: "button", class: "sound", hidden: true, "aria-pressed": "false", onclick: () => this.#hear(!this.#hears) }, icon("silent"), h("span", { class: "unseen" }));
    this.element = h(
      "figure",
      { class: "pane", "data-camera": camera.id },
      this.#videos,
      this.image,
      this.word,
      this.showButton,
      this.unplayed,
      this.soundButton,
      this.busy,
      h("figcaption", {}, this.name, this.clock),
    );
  }

  get piece() {
    return this.#pieces[this.#shown];
  }

  get video() {
    return this.#videos[this.#shown];
  }

  /** The moment whose picture is on screen, or null where a video does not say so. */
  get at() {
    const piece = this.piece;
    return piece?.video && this.video.readyState > 0 ? piece.start + this.video.currentTime * 1000 : null;
  }

  /** Whether this camera holds the others up at a moment. */
  isLate(at) {
    const piece = this.piece;
    if (!this.#holds(piece, at)) return this.trouble === null;
    if (!piece.video || at < piece.start || at >= piece.end - LEAST_MS) return false;
    return this.video.seeking || this.video.readyState < 3;
  }

  gapAt(at) {
    const piece = this.piece;
    if (!this.#holds(piece, at)) return null;
    if (piece.none) return { why: piece.none };
    return piece.gaps.find((gap) => gap.from <= at && at < gap.to) ?? null;
  }

  /** Show a moment, playing or standing. Called with every picture the browser paints. */
  follow(at, { playing, rate, leads, gap }) {
    if (!this.#holds(this.piece, at)) this.#reach(at);
    else if (playing && at > this.piece.upto - this.#early(rate)) this.#prepare();
    const piece = this.piece;
    if (this.#holds(piece, at)) {
      if (piece.blurred || piece.unplayed) this.#showPictures(at, playing);
      else if (piece.video) this.#steer(at, { playing, rate, leads });
    }
    this.#tell(at, gap);
  }

  // What is being recorded grows while one waits: asked for later, the next piece is longer.
  #early(rate) {
    return this.piece.isLive ? LIVE_EARLY_MS : EARLY_MS * Math.max(rate, 1);
  }

  #holds(piece, at) {
    return piece !== null && piece.from <= at && at < piece.upto;
  }

  #steer(at, { playing, rate, leads }) {
    const video = this.video;
    if (video.readyState === 0) return;
    const there = Math.min(Math.max((at - this.piece.start) / 1000, 0), video.duration || 0);
    const off_ms = (video.currentTime - there) * 1000;
    if (!playing) {
      if (!video.paused) video.pause();
      // In the middle of nothing: the picture on screen at this moment is the right one.
      if (Math.abs(off_ms) > SAME_MS && !video.seeking) video.currentTime = there;
      return;
    }
    if (Math.abs(off_ms) > FAR_MS * Math.max(rate, 1) && !video.seeking) {
      video.currentTime = there;
      return;
    }
    const nudge = leads ? 1 : 1 - Math.min(Math.max(off_ms / 2000, -0.1), 0.1);
    const wanted = Math.min(Math.max(rate * nudge, 0.0625), 16);
    if (Math.abs(video.playbackRate - wanted) > 0.01) video.playbackRate = wanted;
    // Policy: a play that another command cut short is no failure; the error event tells of real ones.
    if (video.paused && !video.ended) video.play().catch(() => {});
  }

  // The other video has it already, or it has to be asked for.
  #reach(at) {
    const other = 1 - this.#shown;
    if (this.#holds(this.#pieces[other], at)) {
      this.#swap(other);
      return;
    }
    if (performance.now() < this.#retry_ms) return;
    const grid = Math.floor(at / PIECE_MS) * PIECE_MS;
    // What is recorded while one looks grows: its next piece begins where the last one ended.
    const ended = this.piece?.upto ?? 0;
    this.#load(grid < ended && ended <= at ? ended : grid, this.#shown);
  }

  #prepare() {
    const next = this.piece.upto;
    const other = 1 - this.#shown;
    if (this.#pieces[other]?.from === next || performance.now() < this.#retry_ms) return;
    this.#load(next, other);
  }

  async #load(from, slot) {
    if (this.#loading === from) return;
    this.#loading = from;
    this.#wanted += 1;
    const mine = this.#wanted;
    try {
      const piece = await planned(this.camera.id, from, { unmasked: this.#unmasked, sound: this.#hears });
      if (mine !== this.#wanted) return;
      this.trouble = null;
      // At the newest end hardly anything more has been recorded yet.
      const isNews = piece.upto - from >= LEAST_MS && !(piece.none && piece.upto > now());
      if (isNews) this.#put(piece, slot);
      else this.#retry_ms = performance.now() + 500;
    } catch (error) {
      if (mine !== this.#wanted) return;
      if (this.#hears) this.#anew({ hears: false });
      else if (this.#unmasked) this.#unmask(false);
      else this.trouble = error.message;
      this.#retry_ms = performance.now() + 3_000;
    } finally {
      if (mine === this.#wanted) this.#loading = null;
    }
  }

  #put(piece, slot) {
    const video = this.#videos[slot];
    video.pause();
    this.#pieces[slot] = piece;
    if (piece.video) video.src = piece.video;
    else {
      video.removeAttribute("src");
      video.load();
    }
    if (slot === this.#shown) this.#paintSlots();
  }

  #swap(slot) {
    this.#videos[this.#shown].pause();
    this.#shown = slot;
    this.#paintSlots();
  }

  #paintSlots() {
    const piece = this.piece;
    this.#turn(piece?.video ? piece.turning : null);
    this.#videos.forEach((video, slot) => video.toggleAttribute("data-shown", slot === this.#shown && Boolean(piece?.video)));
    this.image.hidden = !(piece?.blurred || piece?.unplayed);
    this.unplayed.hidden = !piece?.unplayed;
    say(this.unplayed.firstElementChild, _("Pictures only: this browser cannot play H.265."));
    say(this.unplayed.lastElementChild, page.may.take ? _("A clip that is saved plays in other programs.") : "");
    this.showButton.hidden = !(piece?.blurred && piece.mayShow);
    say(this.showButton, _("Show without blurring"));
    this.#paintSound(piece);
    if (piece?.width) this.element.style.setProperty("--shape", `${piece.width} / ${piece.height}`);
  }

  // While a piece is loaded the button stays: whoever pressed it may be on it still.
  #paintSound(piece) {
    // Where only pictures are shown, no video plays that could be heard.
    if (piece) this.soundButton.hidden = !piece.hear || Boolean(piece.unplayed);
    const drawn = this.#hears ? "sound" : "silent";
    const word = this.#hears ? _("Turn the sound off") : _("Turn the sound on");
    this.soundButton.setAttribute("aria-pressed", String(this.#hears));
    this.soundButton.title = word;
    say(this.soundButton.lastElementChild, word);
    if (this.soundButton.dataset.icon === drawn) return;
    this.soundButton.dataset.icon = drawn;
    this.soundButton.firstElementChild.replaceWith(icon(drawn));
  }

  // A fisheye camera's pictures are turned in the page; its footage is the whole round picture.
  async #turn(turning) {
    this.element.toggleAttribute("data-turned", Boolean(turning));
    if (!turning) return;
    if (!this.view) {
      this.view = document.createElement("fisheye-view");
      await import("../parts/fisheye-view.js");
      this.word.before(this.view);
      Object.assign(this.view, { lens: turning.lens, mode: turning.turn ? "view" : "quad" });
      if (turning.turn) this.view.turn = turning.turn;
    }
    if (this.view.source !== this.video) this.view.source = this.video;
  }

  async #failed(video) {
    if (!video.getAttribute("src")) return;
    if (this.#hears) {
      this.#anew({ hears: false });
      return;
    }
    if (this.#unmasked) {
      // Who it is has to be shown again after some minutes: blurred until then.
      this.#unmask(false);
      return;
    }
    const response = await fetch(video.src, { headers: { ...asWhom, Range: "bytes=1-1" } }).catch(() => null);
    const code = response === null ? "unreachable" : ((await response.json().catch(() => ({}))).error?.code ?? "broken");
    this.trouble = code === "footage_gone" ? _("This footage is gone: its file is missing or damaged.") : _("This footage could not be played.");
    this.#pieces = this.#pieces.map((piece, slot) => (this.#videos[slot] === video ? null : piece));
    this.#retry_ms = performance.now() + 5_000;
  }

  #unmask(wanted) {
    this.#anew({ unmasked: wanted });
  }

  /** Turn the sound on, once it is shown who listens, or off; it is off at first, and of one camera at a time. */
  async #hear(wanted) {
    if (wanted) {
      const { proven } = await import("../step-up.js");
      if (!(await proven("media:hear"))) return;
      if (Track.#heard !== this) Track.#heard?.silence();
      Track.#heard = this;
    }
    this.#anew({ hears: wanted });
  }

  silence() {
    if (this.#hears) this.#anew({ hears: false });
  }

  #anew({ unmasked = this.#unmasked, hears = this.#hears }) {
    this.#unmasked = unmasked;
    this.#hears = hears;
    for (const video of this.#videos) video.muted = !hears;
    this.#pieces = [null, null];
    this.#loading = null;
    this.#wanted += 1;
    this.#retry_ms = 0;
    this.trouble = null;
    this.#paintSlots();
  }

  #showPictures(at, playing) {
    const now = performance.now();
    if (this.#asked_ms && now - this.#asked_ms < PICTURE_EVERY_MS) return;
    if (this.#picturedAt === at || (playing && this.image.dataset.loading)) return;
    this.#asked_ms = now;
    this.#picturedAt = at;
    const query = new URLSearchParams({ at: new Date(at).toISOString(), width: "960", exact: "true" });
    if (this.#unmasked) query.set("unmasked", "true");
    this.image.dataset.loading = "1";
    this.image.onload = this.image.onerror = () => delete this.image.dataset.loading;
    this.image.src = `/api/v1/footage/cameras/${encodeURIComponent(this.camera.id)}/picture?${query}`;
  }

  #tell(at, gap) {
    const piece = this.piece;
    const here = this.gapAt(at);
    const text = this.trouble ?? (here ? gapWord(gap, here.reason) : null);
    this.word.hidden = text === null;
    if (text !== null) say(this.word, text);
    this.element.toggleAttribute("data-empty", text !== null);
    this.busy.hidden = text !== null || !this.isLate(at);
    const shown = this.at ?? (piece?.unplayed ? this.#picturedAt : null);
    say(this.clock, shown === null ? "" : clockTime(shown));
    if (piece?.note) this.name.title = _("The camera's settings changed here: the part of {width}×{height} is shown.", piece);
  }

  /** When the picture after (1) or before (-1) a moment was taken; one moment on where none is known. */
  async neighbour(at, step) {
    const piece = this.piece;
    if (!this.#holds(piece, at) || piece.none) return at + step * 100;
    if (piece.pictures === null) {
      try {
        piece.pictures = (await planned(this.camera.id, piece.from, { stepping: true, unmasked: this.#unmasked })).pictures;
      } catch {
        piece.pictures = []; // Policy: stepping goes on by guess; the next piece is asked anew.
      }
    }
    // Half a millisecond on: times travel in whole microseconds, and rounding must not show the one before.
    const taken = piece.pictures;
    let place = taken.findLastIndex((one) => one <= at + 0.5);
    place += step;
    if (place < 0) return piece.from - 1;
    if (place >= taken.length) return taken.length ? piece.upto + 1 : at + step * 100;
    return taken[place] + 1;
  }

  leave() {
    this.#hears = false;
    for (const video of this.#videos) {
      video.pause();
      video.removeAttribute("src");
      video.load();
    }
    this.element.remove();
  }
}
