// /settings/pairings: which browsers serve as which register; ending one here is seen there at once.
import { ask } from "../api.js";
import { h, say } from "../dom.js";
import "../parts/trouble-box.js";
import { _, laneWord } from "../words.js";
import { deviceWord } from "./device.js";
import { moment } from "./form.js";
import { makeRoom, toasts } from "./room.js";

const AGAIN_MS = 10_000;
const SURE_MS = 6_000;

const room = makeRoom();
const intro = h("p", { class: "help" });
const trouble = h("trouble-box");
const list = h("ul", { class: "rows pairings" });
const nothing = h("p", { class: "nothing", hidden: true });
room.main.append(intro, trouble, list, nothing);
let known = null;
// Ending a pairing stops a till: the first press asks, the second one within a few seconds does it.
let sure = null;
let timer = 0;

async function start() {
  try {
    known = await ask("/api/v1/pairings");
    trouble.clear();
  } catch (error) {
    // Policy: the page says what went wrong and offers to try again; what was known stays.
    trouble.tell(error, start);
  }
  paint();
}

async function end(one) {
  clearTimeout(timer);
  if (sure !== one.id) {
    sure = one.id;
    timer = setTimeout(() => {
      sure = null;
      paint();
    }, SURE_MS);
    paint();
    return;
  }
  sure = null;
  try {
    const path = `/api/v1/registers/${encodeURIComponent(one.register)}/pairings/${encodeURIComponent(one.id)}`;
    await ask(path, { method: "DELETE" });
    toasts.show(_("{lane}: pairing ended. The device asks to be set up again.", { lane: laneWord(one.register_name) }));
  } catch (error) {
    // Policy: what could not be ended is told; nothing was changed.
    toasts.show(error.message, { trouble: true });
  }
  await start();
}

function row(one) {
  const name = laneWord(one.register_name);
  const paired = one.by_name
    ? _("paired {at} by {name}", { at: moment(one.paired_at), name: one.by_name })
    : _("paired {at}", { at: moment(one.paired_at) });
  const seen = one.seen_at ? _("last seen {at}", { at: moment(one.seen_at) }) : _("not seen since");
  // Who sees several shops is told which one.
  const several = known.some((other) => other.shop_name !== one.shop_name);
  const device = [several ? one.shop_name : "", deviceWord(one.device)].filter(Boolean).join(" · ");
  const asks = sure === one.id;
  return h(
    "li",
    { class: "row", "data-pairing": one.id },
    h("div", { class: "what" }, h("b", {}, name), h("span", { title: one.device ?? null }, device)),
    h("span", { class: "uses figures" }, h("span", {}, paired), h("span", {}, seen)),
    h(
      "div",
      { class: "acts" },
      h(
        "button",
        {
          type: "button",
          class: asks ? "ending" : "quiet",
          "aria-label": asks ? _("{name}: end the pairing now", { name }) : _("{name}: end the pairing", { name }),
          onclick: () => end(one),
        },
        asks ? _("Press again to end") : _("End pairing"),
      ),
    ),
  );
}

function paint() {
  room.title(_("Pairings"));
  say(
    intro,
    _("Browsers that serve as a register. End the pairing of a device that was lost, sold or moved: it stops selling at once, and what it has not sent stays on it."),
  );
  if (!known) return;
  const focused = document.activeElement?.closest?.("[data-pairing]")?.dataset.pairing;
  list.replaceChildren(...known.map(row));
  list.hidden = known.length === 0;
  nothing.hidden = known.length > 0;
  say(nothing, _("No browser serves as a register. Open /register/ and the register's name on the device, and sign in there once."));
  if (focused) list.querySelector(`[data-pairing="${CSS.escape(focused)}"] button`)?.focus();
}

document.addEventListener("language", paint);
start();
setInterval(start, AGAIN_MS);
