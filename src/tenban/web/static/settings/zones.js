// /settings/zones/REGISTER/N: the zones of one view, drawn on its picture, tried live, saved as one revision.
import { h, say } from "../dom.js";
import "../parts/apply-state.js";
import { effectWord } from "../parts/apply-state.js";
import { icon } from "../parts/icon.js";
import { roleWord } from "../parts/zone-board.js";
import { clockTime } from "../times.js";
import "../parts/trouble-box.js";
import { _, laneWord, page } from "../words.js";
import { attempt, load, registerOf, stillUrl } from "./desk.js";
import { makeMoved } from "./form.js";
import { LiveLook } from "./live.js";
import { sayMistake } from "./mistakes.js";
import { makeRoom } from "./room.js";
import { makeDrawing } from "./saving.js";
import { ZoneModel } from "./zone-model.js";
import { makePanel } from "./zone-panel.js";

const CHECK_MS = 500;
const TRY_MS = 800;
const MOST_MOVES = 30;

const room = makeRoom();
const model = new ZoneModel();
const board = h("zone-board");
const trouble = h("trouble-box");
const whole = h("div", { class: "whole" });
const note = h("p", { class: "note", "aria-live": "polite" });
const saveButton = h("button", { type: "button", class: "primary", onclick: () => store() });
const dropButton = h("button", { type: "button", onclick: drop });
const applied = h("apply-state");
const liveWord = h("span");
const liveButton = h("button", { type: "button", "aria-pressed": "false", onclick: toggleLive }, icon("live"), liveWord);
const freshButton = h("button", { type: "button", class: "quiet", onclick: () => freshPicture() });
const liveState = h("p", { class: "live-state", "aria-live": "polite" });
const counted = h("p", { class: "counted figures", hidden: true });
const moves = h("ul", { class: "moves" });
const live = new LiveLook();
const panel = makePanel(model, board);
let view = null;
let found = null;
let timer = 0;
let trying = 0;
let tally = 0;
let tried = "";

// Nothing to press stands on a page whose lane or view is gone.
const layout = h(
  "div",
  { class: "zone-room" },
  h(
    "div",
    { class: "stage" },
    board,
    h("div", { class: "acts" }, liveButton, freshButton, liveState),
    counted,
    moves,
  ),
  h(
    "div",
    { class: "side" },
    panel.element,
    h("section", { class: "saving" }, whole, note, h("div", { class: "acts" }, saveButton, dropButton)),
  ),
);
layout.hidden = true;
room.main.append(trouble, applied, layout);
board.model = model;

async function start() {
  try {
    await load();
    found = registerOf(page.register);
    view = found?.register.views[page.place] ?? null;
    trouble.hidden = view !== null;
    layout.hidden = view === null;
    if (!view) trouble.replaceChildren(h("p", {}, _("This register has no such camera.")), back());
  } catch (error) {
    // Policy: the page says what went wrong and offers to try again.
    trouble.tell(error, start);
  }
  if (view) {
    model.load(view.zones.map((zone, was) => ({ role: zone.role, polygon: zone.polygon, was })));
    freshPicture();
  }
  paint();
}

function back() {
  return h("a", { class: "button", href: "/settings" }, _("Back to the settings"));
}

async function freshPicture() {
  freshButton.disabled = true;
  say(liveState, _("Fetching the picture…"));
  try {
    const response = await fetch(stillUrl(view.camera), { cache: "no-store" });
    if (!response.ok) throw new Error((await response.json()).error?.message);
    board.picture = URL.createObjectURL(await response.blob());
    say(liveState, "");
  } catch {
    // Policy: zones can be drawn without a picture; the page says that there is none.
    board.dataset.picture = "none";
    say(liveState, _("No picture: the camera does not answer just now."));
  }
  freshButton.disabled = false;
}

function change() {
  return {
    kind: "view",
    register: page.register,
    place: page.place,
    camera: view.camera,
    zones: model.zones,
  };
}

const store = makeDrawing({
  change,
  clear: () => whole.replaceChildren(),
  take: took,
  refused,
  paint,
  applied,
  button: saveButton,
  after: () => live.running && look(),
});

/** Take over what the file says now. */
function took() {
  found = registerOf(page.register);
  view = found?.register.views[page.place] ?? view;
  model.load(view.zones.map((zone, was) => ({ role: zone.role, polygon: zone.polygon, was })));
}

function drop() {
  took();
  whole.replaceChildren();
  paint();
}

function refused(error) {
  if (error.code === "settings_moved") {
    const moved = makeMoved(error.more.since, {
      onmine: async () => {
        await load();
        fit();
        await store();
      },
      ontheirs: async () => {
        await load();
        drop();
      },
    });
    whole.replaceChildren(moved);
    return;
  }
  const lines = error.more.mistakes?.map(sayMistake) ?? [error.message];
  whole.replaceChildren(...lines.map((line) => h("p", { class: "trouble", role: "alert" }, line)));
}

/** Others may have added or removed zones: places in the file that are gone are new ones again. */
function fit() {
  const count = registerOf(page.register)?.register.views[page.place]?.zones.length ?? 0;
  const zones = model.zones.map((zone) => (zone.was !== null && zone.was >= count ? { ...zone, was: null } : zone));
  model.load(zones, { saved: false });
}

async function check() {
  if (!model.dirty || model.faults.some(Boolean) || !view) {
    note.textContent = "";
    return;
  }
  try {
    const plan = await attempt(change());
    whole.replaceChildren();
    const names = plan.effects.map(effectWord).join(", ");
    note.textContent = names ? _("Saving starts anew: {names}. Everything else goes on.", { names }) : "";
  } catch (error) {
    // Policy: what saving would refuse is told while drawing.
    refused(error);
  }
}

// ---- looking on

function toggleLive() {
  if (live.running) {
    live.stop();
    board.see(null);
    say(liveState, "");
  } else {
    tally = 0;
    moves.replaceChildren();
    look();
  }
  paint();
}

function look() {
  tried = JSON.stringify(model.zones);
  const drawn = model.dirty && !model.faults.some(Boolean);
  const zones = drawn ? model.zones.map(({ role, polygon }) => ({ role, polygon })) : null;
  live.start(page.register, view.camera, zones);
}

live.addEventListener("state", ({ detail: { kind, message } }) => {
  const drawn = model.dirty ? _("trying the drawn zones, not saved") : _("zones as saved");
  const words = {
    waiting: _("Waiting for the watcher…"),
    live: _("Live: {what}", { what: drawn }),
    trouble: _("Cannot look on: {message}", { message }),
  };
  say(liveState, words[kind]);
  liveState.dataset.kind = kind;
  paint();
});
live.addEventListener("look", ({ detail: { look: seen, picture } }) => {
  board.picture = picture;
  board.see(seen);
});
live.addEventListener("moves", ({ detail }) => {
  for (const move of detail) {
    tally += move.kind === "item_moved" ? 1 : move.kind === "item_returned" ? -1 : 0;
    moves.prepend(h("li", {}, h("time", {}, clockTime(move.at / 1000)), ` ${moveWord(move)}`));
  }
  while (moves.children.length > MOST_MOVES) moves.lastElementChild.remove();
  paint();
});

function moveWord({ kind, from, to, remains }) {
  const zone = (role) => (role === "outside" || !role ? _("outside") : roleWord(role));
  const words = {
    item_moved: _("item counted: {from} → {to}", { from: zone(from), to: zone(to) }),
    item_returned: _("item taken back: {from} → {to}", { from: zone(from), to: zone(to) }),
    operator_arrived: _("somebody came to the register"),
    operator_left: _("somebody left the register"),
    basket_state: remains ? _("products in the basket") : _("basket empty"),
  };
  return words[kind] ?? kind;
}

function paint() {
  const lane = found ? laneWord(found.register.name) : page.register;
  room.title(_("Zones of {lane}", { lane }));
  say(saveButton, _("Save zones"));
  say(dropButton, _("Drop changes"));
  say(liveWord, _("Look on live"));
  liveButton.setAttribute("aria-pressed", String(live.running));
  say(freshButton, _("New picture"));
  saveButton.disabled = !view || !model.dirty || model.faults.some(Boolean);
  dropButton.disabled = !model.dirty;
  counted.hidden = !live.running && moves.children.length === 0;
  say(counted, _("Items counted while looking: {n}", { n: tally }));
  board.image.alt = _("What the camera shows");
}

model.addEventListener("change", () => {
  paint();
  clearTimeout(timer);
  timer = setTimeout(check, CHECK_MS);
  if (!live.running || JSON.stringify(model.zones) === tried) return;
  clearTimeout(trying);
  trying = setTimeout(() => live.running && look(), TRY_MS);
});
document.addEventListener("language", paint);
addEventListener("beforeunload", (event) => {
  if (model.dirty) event.preventDefault();
});
start();
