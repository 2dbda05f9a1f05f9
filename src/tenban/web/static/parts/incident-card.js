// <incident-card>: everything needed to decide in seconds whether to speak to the shopper.
import { ask } from "../api.js";
import { Part, h, say } from "../dom.js";
import { clockTime, length } from "../times.js";
import { _, laneWord, page, told } from "../words.js";
import { icon } from "./icon.js";
import { actWord, paymentOf } from "./payment.js";
import { standing, stateWord } from "./state-chip.js";
import "./clip-player.js";
import "./still-picture.js";

const LATE_MS = 10_000;
// A lane's name up to here stands beside what happened; signs of Japanese count twice.
const SHORT_NAME = 14;
const OUTCOMES = ["true", "false_alarm", "unclear"];
// Kept by name, so that a colleague reads it in their own language; what was typed is kept as it is.
const REASONS = {
  forgot_to_scan: () => _("Forgot to scan"),
  scanned_by_staff: () => _("Scanned by staff"),
  own_thing: () => _("Shopper's own thing"),
  put_back: () => _("Put back"),
  bag_moved: () => _("Bag or basket moved"),
};

export function reasonWord(reason) {
  return REASONS[reason]?.() ?? reason ?? "";
}

function width(text) {
  return [...text].reduce((sum, sign) => sum + (sign > "\u2e7f" ? 2 : 1), 0);
}

function pictures({ operator_still, evidence, clip }) {
  return { operator_still, evidence, clip };
}

class IncidentCard extends Part {
  #entry = null;
  #last = {};
  #shown = "";
  #lane = null;
  #whole = null;
  #paid = "";

  /** An entry of the book: {card, fresh, late_ms, settling}. */
  set entry(entry) {
    // Two dozen open cards are handed over at every notice: only what changed is painted.
    const { card, fresh, late_ms } = entry;
    const last = this.#last;
    if (entry === this.#entry && card === last.card && fresh === last.fresh && late_ms === last.late_ms) return;
    this.#entry = entry;
    this.#last = { card, fresh, late_ms };
    if (this.built) this.paint();
  }

  /** The lane it happened at, as the API tells it, or null: how payment stands there. */
  set lane_now(lane) {
    this.#lane = lane;
    if (this.built) this.#paintPayment();
  }

  get entry() {
    return this.#entry;
  }

  get engaged() {
    return Boolean(this.player);
  }

  build() {
    this.lane = h("p", { class: "lane" });
    this.heading = h("h2");
    this.sentence = h("p", { class: "sentence" });
    this.time = h("time", { class: "at" });
    this.chip = h("state-chip");
    this.marks = h("p", { class: "marks" });
    this.payButton = h("button", { type: "button", class: "pay", onclick: () => this.#pay() });
    this.payWord = h("span");
    this.payment = h(
      "p",
      { class: "payment", hidden: true },
      icon("payment"),
      this.payWord,
      this.payButton,
    );
    this.stills = h("div", { class: "stills" });
    this.maskedWord = h("span");
    this.wholeButton = h("button", { type: "button", class: "quiet", onclick: () => this.showWhole() });
    this.masked = h("p", { class: "masked", hidden: true }, this.maskedWord, this.wholeButton);
    this.playButton = h("button", { type: "button", class: "play primary", onclick: () => this.play() });
    this.labels = OUTCOMES.map((outcome, place) =>
      h(
        "button",
        {
          type: "button",
          class: "label",
          "data-outcome": outcome,
          "aria-keyshortcuts": String(place + 1),
          onclick: () => this.label(outcome),
        },
        icon(outcome),
        h("span"),
      ),
    );
    this.mineButton = h(
      "button",
      { type: "button", class: "mine", "aria-keyshortcuts": "m", onclick: () => this.own() },
      icon("mine"),
      h("span"),
    );
    this.holdButton = h(
      "button",
      { type: "button", class: "hold", "aria-keyshortcuts": "p", onclick: () => this.hold() },
      icon("pending"),
      h("span"),
    );
    // In a tab of its own: whoever watches goes on watching.
    this.footage = h("a", { class: "button footage", target: "_blank", rel: "noopener", hidden: true }, icon("footage"), h("span"));
    this.why = this.#buildWhy();
    this.clipTrouble = h("p", { class: "clip-trouble" });
    this.footer = h(
      "footer",
      {},
      this.playButton,
      h("div", { class: "labels", role: "group" }, this.labels),
      h("div", { class: "hands" }, this.mineButton, this.holdButton, this.footage),
    );
    this.article = h(
      "article",
      { tabindex: "0", "aria-keyshortcuts": "Enter" },
      h(
        "header",
        {},
        this.lane,
        h("div", { class: "what" }, this.heading, this.sentence),
        h("div", { class: "when" }, this.time, this.chip),
      ),
      this.marks,
      this.payment,
      this.stills,
      this.masked,
      this.clipTrouble,
      this.footer,
      this.why,
    );
    this.append(this.article);
    this.addEventListener("leaveclip", () => this.close());
    this.addEventListener("pointerdown", () => this.#touched());
    this.addEventListener("focusin", () => this.#touched());
  }

  #touched() {
    const { fresh, lingers_until_ms } = this.#entry;
    if (fresh || lingers_until_ms) this.#ask("touch", {});
  }

  #ask(what, detail) {
    this.dispatchEvent(
      new CustomEvent("handle", { bubbles: true, detail: { what, id: this.#entry.card.id, ...detail } }),
    );
  }

  #pay() {
    const detail = { register: this.#lane.id, held: paymentOf(this.#lane).can === "hold" };
    this.dispatchEvent(new CustomEvent("payment", { bubbles: true, detail }));
  }

  label(outcome) {
    this.#ask("label", { outcome });
  }

  hold() {
    if (this.#entry.card.state !== "withdrawn")
      this.#ask("state", { state: this.#entry.card.state === "pending" ? "confirmed" : "pending" });
  }

  own() {
    this.#ask("own", { take: this.#entry.card.owner?.id !== page.me.id });
  }

  /** Ask for the pictures without anything blurred, where who it is may be asked first; or blur them again. */
  async showWhole() {
    if (this.#isWhole(this.#entry.card)) {
      this.#whole = null;
      this.paint();
      return;
    }
    const { id, evidence } = this.#entry.card;
    this.wholeButton.disabled = true;
    try {
      this.#whole = { ...(await ask(`/api/v1/incidents/${encodeURIComponent(id)}?unmasked=true`)), of: evidence.length };
      this.paint();
    } catch (error) {
      // Policy: what is blurred stays so; why stands in its place.
      say(this.maskedWord, error.message);
    }
    this.wholeButton.disabled = false;
  }

  // Without what came since: new pictures are blurred until they are asked for as well.
  #seen(card) {
    return this.#isWhole(card) ? { ...card, ...pictures(this.#whole) } : card;
  }

  #isWhole(card) {
    return this.#whole?.id === card.id && this.#whole.of === card.evidence.length;
  }

  play() {
    const { clip } = this.#seen(this.#entry.card);
    if (clip.state !== "ready" || page.register) return;
    if (!this.player) {
      this.player = document.createElement("clip-player");
      this.stills.before(this.player);
      this.article.dataset.playing = "";
    }
    this.player.play(clip.url, clip.turning, clip.sound);
    this.paint();
    this.article.scrollIntoView({ block: "nearest" });
  }

  /** Draw the eye once; the mark that stays is the state's. */
  pulse() {
    this.article.classList.remove("pulse");
    requestAnimationFrame(() => this.article.classList.add("pulse"));
  }

  /** What Enter does: start, pause, go on. */
  togglePlay() {
    if (this.player) this.player.toggle();
    else this.play();
  }

  close() {
    this.player?.remove();
    this.player = null;
    delete this.article.dataset.playing;
    this.paint();
    this.article.focus({ preventScroll: true });
  }

  paint() {
    if (!this.#entry) return;
    const { fresh, late_ms } = this.#entry;
    const card = this.#seen(this.#entry.card);
    this.article.dataset.state = card.state;
    this.article.toggleAttribute("data-fresh", fresh);
    this.article.toggleAttribute("data-settled", card.state === "resolved" || card.state === "withdrawn");
    say(this.lane, laneWord(card.register_name));
    this.lane.toggleAttribute("data-long", width(laneWord(card.register_name)) > SHORT_NAME);
    say(this.heading, told(card.title));
    say(this.sentence, told(card.sentence));
    say(this.time, clockTime(card.occurred_at));
    this.time.dateTime = card.occurred_at;
    this.chip.setAttribute("state", standing(card));
    this.article.setAttribute(
      "aria-label",
      `${laneWord(card.register_name)}, ${told(card.title)}, ${clockTime(card.occurred_at)}, ${stateWord(standing(card))}`,
    );
    this.#paintMarks(card, fresh, late_ms);
    this.#paintStills(card);
    this.#paintMasked();
    this.#paintPlay(card);
    this.#paintPayment();
    this.#paintHands(card);
    this.#paintWhy(card);
  }

  #paintMarks(card, fresh, late_ms) {
    const marks = [];
    if (fresh) marks.push(h("span", { class: "mark new" }, _("New")));
    if (card.repeats > 1)
      marks.push(h("span", { class: "mark repeats figures" }, _("{n} times", { n: card.repeats })));
    if (card.owner) {
      const mine = card.owner.id === page.me.id;
      marks.push(
        h(
          "span",
          { class: "mark owner" },
          icon("mine"),
          mine ? _("Mine") : _("{name} has it", { name: card.owner.name }),
        ),
      );
    }
    if (card.passed_on_at && card.state !== "resolved" && card.state !== "withdrawn")
      marks.push(
        h(
          "span",
          { class: "mark passed" },
          icon("passed"),
          _("Passed on to supervisors {time}", { time: clockTime(card.passed_on_at) }),
        ),
      );
    if (late_ms > LATE_MS)
      marks.push(
        h(
          "span",
          { class: "mark late" },
          icon("clock"),
          _("arrived {length} late", { length: length(late_ms) }),
        ),
      );
    if (card.withdrawn)
      marks.push(
        h("span", { class: "mark withdrawn" }, _("Withdrawn: {why}", { why: told(card.withdrawn) })),
      );
    if (card.reason && card.state === "resolved")
      marks.push(h("span", { class: "mark reason" }, reasonWord(card.reason)));
    const text = marks.map((mark) => mark.outerHTML).join("");
    if (text === this.#shown) return;
    this.#shown = text;
    this.marks.hidden = marks.length === 0;
    this.marks.replaceChildren(...marks);
  }

  // Only while the sale it is about is unpaid: afterwards there is nothing to stop.
  #paintPayment() {
    if (!this.#entry) return;
    const { card } = this.#entry;
    const lane = this.#lane;
    const about = card.sale !== null && lane?.payment?.sale === card.sale;
    const payment = about ? paymentOf(lane) : null;
    const settled = card.state === "resolved" || card.state === "withdrawn";
    const shown = JSON.stringify([payment, settled, document.documentElement.lang]);
    if (shown === this.#paid) return;
    this.#paid = shown;
    this.payment.hidden = !payment || (settled && !payment.held);
    if (this.payment.hidden) return;
    this.payment.toggleAttribute("data-held", payment.held);
    say(this.payWord, payment.line || _("Not paid yet"));
    this.payButton.hidden = payment.can === null || Boolean(page.register);
    say(this.payButton, actWord(payment.can));
  }

  #paintStills(card) {
    const stills = [{ label: "operator", url: card.operator_still }, ...card.evidence];
    if (stills.length === 1) stills.push({ label: "evidence", url: null });
    this.stills.dataset.count = String(Math.min(stills.length, 3));
    while (this.stills.children.length > stills.length) this.stills.lastElementChild.remove();
    stills.forEach((still, place) => {
      const part =
        this.stills.children[place] ?? this.stills.appendChild(document.createElement("still-picture"));
      part.still = still;
    });
  }

  // The line stays where it is: what stands below it must not move under a finger.
  #paintMasked() {
    const { card } = this.#entry;
    const whole = this.#isWhole(card);
    this.masked.hidden = card.masked !== "may_show";
    say(this.maskedWord, whole ? _("Nothing is blurred.") : _("Parts are blurred."));
    say(this.wholeButton, whole ? _("Blur again") : _("Show without blurring"));
  }

  #paintPlay({ clip }) {
    const words = {
      ready: _("Play clip"),
      pending: _("Clip follows"),
      failed: _("No clip"),
      none: _("No clip"),
    };
    const word = words[clip.state] ?? words.none;
    this.playButton.disabled = clip.state !== "ready";
    // On a register's own screen nothing is played.
    this.playButton.hidden = this.engaged || Boolean(page.register);
    if (this.playButton.textContent !== word || this.playButton.dataset.clip !== clip.state) {
      this.playButton.dataset.clip = clip.state;
      this.playButton.replaceChildren(icon(clip.state === "pending" ? "clock" : "play"), h("span", {}, word));
    }
    const why = told(clip.why);
    this.clipTrouble.hidden = !why || Boolean(page.register);
    say(this.clipTrouble, clip.state === "failed" ? _("No clip: {why}", { why }) : why);
  }

  #paintHands(card) {
    this.footer.hidden = Boolean(page.as_register);
    this.labels.forEach((button, place) => {
      const outcome = OUTCOMES[place];
      say(button.lastElementChild, stateWord(outcome));
      button.setAttribute("aria-pressed", String(card.state === "resolved" && card.outcome === outcome));
    });
    this.footage.hidden = !card.footage || Boolean(page.register);
    if (card.footage) this.footage.href = card.footage;
    say(this.footage.lastElementChild, _("Footage"));
    const mine = card.owner?.id === page.me.id;
    const settled = card.state === "resolved" || card.state === "withdrawn";
    say(this.mineButton.lastElementChild, mine ? _("Let go") : card.owner ? _("Take over") : _("Mine"));
    this.mineButton.setAttribute("aria-pressed", String(mine));
    this.mineButton.hidden = settled;
    say(this.holdButton.lastElementChild, card.state === "pending" ? _("Go on") : _("Hold"));
    this.holdButton.setAttribute("aria-pressed", String(card.state === "pending"));
    this.holdButton.hidden = settled;
  }

  // After the label, and only if somebody wants to: why. One tap as well.
  #buildWhy() {
    this.whyTitle = h("span", { class: "title" });
    this.reasons = Object.keys(REASONS).map((reason) =>
      h("button", { type: "button", onclick: () => this.#ask("reason", { reason }) }),
    );
    this.otherReason = h("input", { name: "reason", maxlength: "500", autocomplete: "off" });
    const form = h("form", { class: "other" }, this.otherReason);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const reason = this.otherReason.value.trim();
      if (reason) this.#ask("reason", { reason });
      this.otherReason.value = "";
      this.otherReason.blur();
    });
    return h("div", { class: "why", role: "group", hidden: true }, this.whyTitle, this.reasons, form);
  }

  #paintWhy(card) {
    this.why.hidden = card.state !== "resolved" || !card.outcome || Boolean(page.as_register);
    if (this.why.hidden) return;
    say(this.whyTitle, _("Reason (optional)"));
    this.why.setAttribute("aria-label", _("Reason (optional)"));
    this.reasons.forEach((button, place) => {
      const reason = Object.keys(REASONS)[place];
      say(button, reasonWord(reason));
      button.setAttribute("aria-pressed", String(card.reason === reason));
    });
    this.otherReason.placeholder = _("Other reason");
    this.otherReason.setAttribute("aria-label", _("Other reason"));
  }
}

customElements.define("incident-card", IncidentCard);
