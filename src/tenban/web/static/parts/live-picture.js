// <live-picture>: what a lane's camera shows now, as stills at a steady rate; says honestly when it cannot.
import { Part, h, say } from "../dom.js";
import { ask, shown } from "../api.js";
import { clockTime } from "../times.js";
import { tokenFor } from "../token.js";
import { _ } from "../words.js";

const AGAIN_MS = 2_000;
const FAST_AGAIN_MS = 250;

class LivePicture extends Part {
  #lane = null;
  #round = 0;
  #viewing = null;
  #camera = null;
  #url = null;

  /** The lane to look at; null ends the looking. */
  set lane(lane) {
    if (lane?.id === this.#lane?.id) return;
    this.#stop();
    this.#lane = lane;
    if (lane && this.built) this.#look(++this.#round);
  }

  build() {
    this.image = h("img", { alt: "", decoding: "async", hidden: true });
    this.trouble = h("p", { class: "said", role: "status" });
    this.time = h("time", { class: "figures" });
    this.cameras = h("div", { class: "choice", role: "group" });
    this.note = h("p", { class: "note" });
    this.append(
      h("div", { class: "screen" }, this.image, this.trouble),
      h("div", { class: "under" }, this.time, this.cameras, this.note),
    );
    if (this.#lane) this.#look(++this.#round);
  }

  paint() {
    say(this.note, _("Who looks, and since when, is written down."));
    this.cameras.setAttribute("aria-label", _("Camera"));
    for (const button of this.cameras.children)
      button.setAttribute("aria-pressed", String(button.dataset.camera === this.#camera));
  }

  leave() {
    this.#stop();
    this.#lane = null;
  }

  #stop() {
    this.#round += 1;
    if (this.#viewing)
      fetch(`/api/v1/live/${this.#viewing.viewing}`, { method: "DELETE", keepalive: true, headers: tokenFor("DELETE") }).catch(() => {
        // Policy: a goodbye that does not arrive is made up for by the server, which ends idle viewings.
      });
    this.#viewing = null;
    if (!this.built) return;
    this.image.hidden = true;
    this.trouble.hidden = false;
    say(this.trouble, _("Connecting"));
    say(this.time, "");
    this.cameras.replaceChildren();
  }

  async #look(round) {
    while (round === this.#round && this.isConnected) {
      const asked_ms = performance.now();
      let wait_ms;
      try {
        if (!this.#viewing) await this.#begin(round);
        if (round !== this.#round) return;
        const path = `/api/v1/live/${this.#viewing.viewing}/picture?camera=${encodeURIComponent(this.#camera)}`;
        const { blob, taken_at } = await shown(path);
        if (round !== this.#round) return;
        this.#show(blob, taken_at);
        wait_ms = 1000 / this.#viewing.per_s - (performance.now() - asked_ms);
      } catch (error) {
        if (round !== this.#round) return;
        wait_ms = error.code === "too_fast" ? FAST_AGAIN_MS : AGAIN_MS;
        if (error.code === "viewing_ended") this.#viewing = null;
        else if (error.code !== "too_fast") this.#fail(error);
        if (error.code === "no_camera" || error.status === 401 || error.status === 403) return;
      }
      await new Promise((resolve) => setTimeout(resolve, Math.max(wait_ms, 0)));
      // A tab that nobody sees looks at nobody.
      if (document.visibilityState === "hidden")
        await new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));
    }
  }

  async #begin(round) {
    const viewing = await ask(`/api/v1/live/${encodeURIComponent(this.#lane.id)}`, { method: "POST" });
    if (round !== this.#round) {
      fetch(`/api/v1/live/${viewing.viewing}`, { method: "DELETE", keepalive: true, headers: tokenFor("DELETE") }).catch(() => {}); // as above
      return;
    }
    this.#viewing = viewing;
    if (!viewing.cameras.some(({ id }) => id === this.#camera)) this.#camera = viewing.cameras[0].id;
    this.cameras.replaceChildren(
      ...viewing.cameras.map(({ id, name }) =>
        h("button", { type: "button", "data-camera": id, onclick: () => this.#choose(id) }, name),
      ),
    );
    this.paint();
  }

  #choose(camera) {
    this.#camera = camera;
    this.paint();
  }

  #show(blob, taken_at) {
    const before = this.#url;
    this.#url = URL.createObjectURL(blob);
    this.image.src = this.#url;
    this.image.hidden = false;
    this.image.alt = _("Live picture");
    this.trouble.hidden = true;
    if (before) URL.revokeObjectURL(before);
    say(this.time, taken_at ? clockTime(taken_at) : "");
  }

  #fail(error) {
    const words = {
      no_camera: () => _("No camera looks at this lane."),
      no_watcher: () => _("The part that watches cameras does not answer. Trying again."),
      stale_picture: () => _("The camera sends no new pictures. Trying again."),
      not_found: () => _("There is no picture yet. Trying again."),
      too_many_viewings: () => _("Too many live pictures are open already. Trying again."),
    };
    this.image.hidden = true;
    this.trouble.hidden = false;
    say(this.trouble, words[error.code]?.() ?? error.message);
  }
}

customElements.define("live-picture", LivePicture);
