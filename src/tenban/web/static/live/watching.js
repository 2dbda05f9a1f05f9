// Looking at one camera of one viewing: the best way this browser has, and the next one where it fails.
import { CanvasPlayer } from "./canvas-player.js";
import { LiveLink } from "./link.js";
import { Stills } from "./stills.js";
import { VideoPlayer } from "./video-player.js";

const WAYS = [CanvasPlayer, VideoPlayer];
// So long a stream may bring nothing before stills are asked for; a tile's keyframes come seldom.
const FIRST_PATIENCE_MS = 600;
const PATIENCE_MS = 1_500;
const SMALL_PATIENCE_MS = 6_000;
const BLOCKED_AFTER = 3;
const SKIPPED_SHOWN_MS = 10_000;

/**
 * Fires `source` (another element shows the pictures), `picture` {captured_us, lag_ms}, `state` and `over`: the
 * viewing has ended, begin another one.
 */
export class Watching extends EventTarget {
  source = null;
  /** `canvas`, `video` or `stills`, and why it is stills. */
  how = null;
  why = null;
  /** The camera's state while it sends nothing, as the server tells it. */
  lost = null;
  /** Why there is no still either. */
  trouble = null;
  skipped = 0;
  #ways;
  #link = null;
  #player = null;
  #stills;
  #info = null;
  #choosing = null;
  #patience = 0;
  #skipped_until = 0;
  #patience_ms;
  #over = false;

  constructor(viewing, camera, { small = false } = {}) {
    super();
    this.#patience_ms = small ? SMALL_PATIENCE_MS : PATIENCE_MS;
    this.#ways = WAYS.filter((way) => way.possible(null));
    this.#stills = new Stills(viewing, camera.id, small, {
      shown: (captured_us) => {
        this.trouble = null;
        this.#show(this.#stills.element, "stills");
        this.#tell("picture", { captured_us, lag_ms: null });
      },
      failed: (error) => this.#failed(error),
    });
    this.why = camera.no_stream ?? (this.#ways.length ? null : "no_player");
    if (!this.why) this.#link = new LiveLink(viewing.viewing, camera.id, small);
  }

  start() {
    if (!this.#link) {
      this.#stills.start();
      return;
    }
    const heard = {
      begin: (info) => this.#begin(info),
      picture: (picture) => this.#take(picture),
      skipped: ({ pictures }) => this.#skip(pictures),
      lost: (state) => this.#lose(state),
      back: () => this.#lose(null),
      closed: ({ tries }) => this.#closed(tries),
      over: () => this.#end(),
    };
    for (const [type, act] of Object.entries(heard))
      this.#link.addEventListener(type, ({ detail }) => act(detail));
    this.#link.open();
    this.#wait(FIRST_PATIENCE_MS);
  }

  /** A tile of a wall: keyframes are enough, and seldom stills. */
  set small(small) {
    this.#patience_ms = small ? SMALL_PATIENCE_MS : PATIENCE_MS;
    this.#stills.small = small;
    if (this.#link) this.#link.small = small;
  }

  stop() {
    this.#over = true;
    clearTimeout(this.#patience);
    this.#link?.close();
    this.#stills.stop();
    this.#player?.close();
  }

  // What comes until the browser has said what it can play is held: a keyframe stands at its beginning.
  async #begin(info) {
    const held = (this.#choosing = [{ info }]);
    if (this.#info && this.#info.format !== info.format) this.#leave();
    this.#info = info;
    if (!this.#player) await this.#choose();
    if (this.#over || held !== this.#choosing) return;
    this.#choosing = null;
    this.#player?.begin(info);
    for (const { picture } of held.slice(1)) this.#take(picture);
  }

  // A camera that was set to another coding: every way is open again.
  #leave() {
    this.#player?.close();
    this.#player = null;
    this.#ways = WAYS.filter((way) => way.possible(null));
  }

  // The first way that can play this; none: stills, and why.
  async #choose() {
    const ways = this.#ways;
    const possible = await Promise.all(ways.map((way) => way.possible(this.#info)));
    if (this.#over || this.#player || !this.#link) return;
    this.#ways = ways.filter((_way, place) => possible[place]);
    const [Way] = this.#ways;
    if (!Way) {
      this.why = this.#info.format === "h264" ? "no_player" : "codec";
      this.#link.close();
      this.#link = null;
      clearTimeout(this.#patience);
      this.#stills.start();
      this.#tell("state", {});
      return;
    }
    const player = new Way({
      taken: (n) => this.#link?.have(n),
      shown: (captured_us) => player === this.#player && this.#shown(player, captured_us),
      fault: () => player === this.#player && this.#fault(Way),
    });
    this.#player = player;
  }

  async #fault(Way) {
    if (this.#over) return;
    this.#player.close();
    this.#player = null;
    this.#ways = this.#ways.filter((one) => one !== Way);
    await this.#choose();
    this.#link?.reopen();
  }

  #take(picture) {
    if (this.#choosing) this.#choosing.push({ picture });
    else if (this.#player) {
      this.#player.add(picture);
      this.#wait();
    }
  }

  #shown(player, captured_us) {
    if (this.#stills.running) this.#stills.stop();
    this.trouble = null;
    this.lost = null;
    this.why = null;
    if (this.skipped && performance.now() > this.#skipped_until) this.skipped = 0;
    this.#show(player.element, player instanceof CanvasPlayer ? "canvas" : "video");
    this.#tell("picture", { captured_us, lag_ms: this.#link?.lag_ms(captured_us) ?? null });
  }

  #show(element, how) {
    this.how = how;
    if (this.source === element) return;
    this.source = element;
    this.#tell("source", {});
  }

  #skip(pictures) {
    this.skipped += pictures;
    this.#skipped_until = performance.now() + SKIPPED_SHOWN_MS;
    this.#tell("state", {});
  }

  #lose(state) {
    this.lost = state;
    if (state) this.#stills.start();
    this.#tell("state", {});
  }

  #closed(tries) {
    if (tries >= BLOCKED_AFTER) this.why = "blocked";
    this.#stills.start();
    this.#tell("state", {});
  }

  #wait(patience_ms = this.#patience_ms) {
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.#stills.start(), patience_ms);
  }

  #failed(error) {
    if (error.code === "viewing_ended") {
      this.#end();
      return;
    }
    this.trouble = error;
    this.#tell("state", {});
  }

  #end() {
    if (this.#over) return;
    this.stop();
    this.#tell("over", {});
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
