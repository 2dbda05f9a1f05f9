// A neutral hint: what to check, and how the shopper can mend it without waiting for anybody.
import { h, say } from "../../dom.js";
import { icon } from "../icons.js";
import { language, told, _ } from "../../words.js";
import { ask, own, Refused } from "../server.js";
import { Sheet } from "../screen.js";

const CLIP_WAIT_S = 20;
const CLIP_AGAIN_MS = 2_000;

export function hintSheet(till) {
  const sheet = new Sheet(till, "hint-sheet");
  const text = h("p", { class: "hint-text" });
  const shown = makeShown(sheet);
  const mend = h(
    "div",
    { class: "mend" },
    sheet.button(
      () => _("I will scan it now"),
      () => till.answer(hint(), "scan"),
      { name: "scan", class: "primary huge", "data-answer": "scan" },
    ),
    sheet.button(
      () => _("I put it back"),
      () => till.answer(hint(), "put_back"),
      { name: "undo", class: "huge", "data-answer": "put_back" },
    ),
  );
  const coming = sheet.text("p", { class: "banner info" }, () =>
    _("Staff are coming to help you. You can go on scanning."),
  );
  const understood = sheet.button(
    () => _("I have checked"),
    () => till.dismiss(hint()),
    { name: "check", class: "huge" },
  );
  const call = sheet.button(
    () => _("Call staff"),
    () => {
      till.callStaff("hint");
      till.dismiss(hint());
    },
    { name: "staff", class: "huge" },
  );

  function hint() {
    return till.hints[0];
  }

  sheet.also(() => {
    const now = hint();
    if (!now) return;
    text.lang = language();
    say(text, told(now.text));
    const about = now.rule === "item_not_registered" || now.rule === "scan_omission";
    mend.hidden = !(about && till.mayAnswer(now));
    coming.hidden = !(about && !till.mayAnswer(now));
    understood.hidden = about && till.mayAnswer(now);
    shown.of(now);
  });
  sheet.element.addEventListener("close", () => shown.of(null));
  sheet.element.setAttribute("role", "alertdialog");
  sheet.element.setAttribute("aria-describedby", "hint-text");
  text.id = "hint-text";
  sheet.element.append(
    sheet.title(() => _("Please check")),
    text,
    shown.element,
    mend,
    coming,
    h("div", { class: "mend" }, understood, call),
  );
  sheet.closable = false;
  return sheet;
}

// What was seen: the picture at once, and the clip over it as soon as it is cut. An <img> cannot say which register
// asks: both are fetched as the page's other questions are, and forgotten with the hint.
function makeShown(sheet) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const still = h("img", { alt: "", hidden: true });
  const film = h("video", { playsinline: true, loop: true, hidden: true, tabindex: "-1" });
  film.muted = true;
  // Only its sign is on the picture, so that it hides little of it; its word is for who cannot see it.
  const play = h("button", { type: "button", class: "play", hidden: true, onclick: () => (film.paused ? start() : film.pause()) });
  sheet.also(() => {
    play.setAttribute("aria-label", film.paused ? _("Play") : _("Pause"));
    const sign = film.paused ? "play" : "pause";
    if (play.dataset.sign === sign) return;
    play.dataset.sign = sign;
    play.replaceChildren(icon(sign));
  });
  const element = h("div", { class: "seen", hidden: true }, still, film, play);
  let command = null;
  let urls = [];

  for (const name of ["play", "pause"]) film.addEventListener(name, () => sheet.paint());
  film.addEventListener("canplay", () => {
    still.hidden = true;
    film.hidden = false;
    play.hidden = false;
  });

  function start() {
    // Policy: a browser that will not play by itself leaves the picture and the button.
    film.play().catch(() => {});
  }

  function forget() {
    film.pause();
    film.removeAttribute("src");
    film.removeAttribute("poster");
    film.load();
    for (const one of [still, film, play, element]) one.hidden = true;
    for (const url of urls) URL.revokeObjectURL(url);
    urls = [];
  }

  function urlOf(blob) {
    urls.push(URL.createObjectURL(blob));
    return urls.at(-1);
  }

  /** Show what belongs to a hint; null: nothing any more. */
  function of(hint) {
    const id = hint && (hint.still || hint.clip) ? hint.command_id : null;
    if (id === command) return;
    command = id;
    forget();
    if (id === null) return;
    const path = `${own}/hints/${encodeURIComponent(id)}`;
    if (hint.still) loadStill(id, path);
    if (hint.clip) loadClip(id, path);
  }

  async function loadStill(id, path) {
    try {
      const { body } = await ask(`${path}/still`, { as: "blob" });
      if (id !== command) return;
      still.src = urlOf(body);
      film.poster = still.src;
      still.hidden = !film.hidden;
      element.hidden = false;
    } catch {
      // Policy: the hint says all that matters without its picture.
    }
  }

  async function loadClip(id, path) {
    while (id === command) {
      try {
        const patience_ms = (CLIP_WAIT_S + 10) * 1000;
        const { status, body } = await ask(`${path}/clip?wait_s=${CLIP_WAIT_S}`, { as: "blob", patience_ms });
        if (id !== command) return;
        if (status === 200) {
          element.hidden = false;
          film.src = urlOf(body);
          if (!calm.matches) start();
          return;
        }
      } catch (error) {
        // Policy: there is no clip, or the server is away; the picture stays.
        if (error instanceof Refused && error.status < 500) return;
        await new Promise((resolve) => setTimeout(resolve, CLIP_AGAIN_MS));
      }
    }
  }

  return { element, of };
}
