// /footage: any day of any camera, the till's journal beside it, and one clock for all of them.
import { ask } from "../api.js";
import { h, say } from "../dom.js";
import { makeBrand, makeMenu } from "../menu.js";
import { icon } from "../parts/icon.js";
import "../parts/room-notice.js";
import "../parts/toast-area.js";
import { clockTime, longDate, now } from "../times.js";
import { _, page } from "../words.js";
import { Calendar, dayAfter, dayOf, spanOf } from "./calendar.js";
import { Cameras } from "./cameras.js";
import { makeCasing } from "./casing.js";
import { makeChoosing } from "./choosing.js";
import { makeFlags } from "./flags.js";
import { Journal } from "./journal.js";
import { listenToKeys, makeShortcuts } from "./shortcuts.js";
import { SPEEDS, cameraOf, fromAddress, registerFor, registerOf, toAddress } from "./state.js";
import { Timeline } from "./timeline.js";
import { read } from "./told.js";
import { Track } from "./track.js";

const JUMP_MS = 10_000;
const LIVE_LAG_MS = 5_000;
const REFRESH_MS = 15_000;
const KEEP_MS = 2_000;
const SKIP_MS = 3_000;
const BEFORE_MS = 5_000;
const CASE_MS = 15_000;

const state = fromAddress();
let at = state.at_ms;
let playing = false;
let held_ms = 0;
let last_ms = performance.now();
let kept_ms = 0;
let day = null;
let asked = 0;
let newest = at === null;
let tracks = [];

const toasts = h("toast-area");
const cameras = new Cameras();
const calendar = new Calendar();
const timeline = new Timeline();
const journal = new Journal();
const flags = makeFlags({ toasts, changed: () => refresh() });
const intoCase = makeCasing({ toasts });
const choosing = makeChoosing({ timeline, cameras: () => state.cameras, seek: () => at, intoCase: () => toCase(), filmed, toasts });
const showShortcuts = makeShortcuts();

const shortcutsButton = h("button", { type: "button", class: "quiet wide", onclick: () => showShortcuts() });
const { button: menuButton, menu, paintMenu } = makeMenu({ links: [shortcutsButton] });
const watchLink = h("a", { class: "button quiet", href: "/watch" });
const shopChoice = h(
  "select",
  { class: "shop", onchange: () => location.assign(`/footage?${new URLSearchParams({ shop: shopChoice.value })}`) },
  page.shops.map((one) => h("option", { value: one.id, selected: one.id === page.shop.id }, one.name)),
);
const camerasButton = h("button", { type: "button", class: "quiet to-cameras", onclick: () => body.toggleAttribute("data-cameras") });
const bar = h(
  "header",
  { class: "bar" },
  makeBrand(page.shop.name),
  page.shops.length > 1 ? shopChoice : null,
  camerasButton,
  page.may.watch ? watchLink : null,
  menuButton,
  menu,
);

const stage = h("div", { class: "stage" });
const heading = h("h1", { class: "unseen" });
const empty = h("div", { class: "empty", hidden: true });

function act(drawn, name, go) {
  return h("button", { type: "button", "data-act": name, onclick: go }, /^[a-z]/.test(drawn) ? icon(drawn) : h("b", { class: "figures" }, drawn), h("span", { class: "unseen" }));
}

const dayBefore = act("‹", "day-before", () => toDay(dayAfter(day, -1)));
const dayButton = h("button", { type: "button", class: "day", popovertarget: "calendar" });
const dayNext = act("›", "day-after", () => toDay(dayAfter(day, 1)));
const timeText = h("span");
const timePart = h("small", { "aria-hidden": "true" });
const time = h("button", { type: "button", class: "time figures quiet", onclick: () => toLine() }, timeText, timePart);
const saleBefore = act("«", "sale-before", () => hop("sales", -1));
const back = act("−10", "back", () => seek(at - JUMP_MS));
const stepBack = act("back", "step-back", () => step(-1));
const playButton = act("play", "play", () => (playing ? pause() : play()));
const stepOn = act("forth", "step-on", () => step(1));
const on = act("+10", "on", () => seek(at + JUMP_MS));
const saleAfter = act("»", "sale-after", () => hop("sales", 1));
const speed = h("select", { class: "speed figures", onchange: () => setSpeed(Number(speed.value)) }, SPEEDS.map((one) => h("option", { value: String(one) }, `${one}×`)));
const nowButton = h("button", { type: "button", "data-act": "now", onclick: () => toNow() }, icon("live"), h("span"));
const flagButton = h("button", { type: "button", "data-act": "flag", onclick: () => setFlag() });
const clipFrom = h("button", { type: "button", "data-act": "clip", onclick: () => choosing.choose(at) });
const caseButton = h("button", { type: "button", "data-act": "case", onclick: () => toCase() });
const zoomIn = act("+", "zoom-in", () => timeline.zoom(0.5));
const zoomOut = act("−", "zoom-out", () => timeline.zoom(2));

const transport = h(
  "div",
  { class: "transport", role: "toolbar" },
  h("div", { class: "group" }, dayBefore, dayButton, dayNext, calendar.element),
  h("div", { class: "group main" }, saleBefore, back, stepBack, playButton, stepOn, on, saleAfter),
  h("div", { class: "group" }, time, speed, nowButton),
  h("div", { class: "group" }, page.may.flag ? flagButton : null, page.may.take || page.may.case ? clipFrom : null, page.may.case ? caseButton : null, zoomOut, zoomIn),
);
const trouble = h("div", { class: "trouble", role: "alert", hidden: true });
const body = h(
  "main",
  { id: "main", class: "room" },
  heading,
  page.may.room ? h("room-notice") : null,
  cameras.element,
  h("div", { class: "middle" }, empty, stage),
  page.may.sales ? journal.element : null,
  h("div", { class: "foot" }, transport, choosing.element, trouble, timeline.element),
);
document.body.append(bar, body, toasts);

// ---- the clock

function frame(moment_ms) {
  const passed_ms = Math.min(moment_ms - last_ms, 250);
  last_ms = moment_ms;
  if (at !== null && tracks.length) {
    const late = tracks.some((track) => track.isLate(at));
    held_ms = late ? held_ms + passed_ms : 0;
    const runs = playing && !late;
    const lead = tracks.find((track) => track.piece?.video && track.at !== null && !track.video.ended && track.gapAt(at) === null);
    if (runs) advance(passed_ms, lead);
    for (const track of tracks)
      track.follow(at, { playing: runs, rate: state.speed, leads: track === lead, gap: causeAt(track.camera.id, at) });
    timeline.at = at;
    journal.at = at;
    paintTime();
    if (playing && moment_ms - kept_ms > KEEP_MS) keep();
  }
  requestAnimationFrame(frame);
}

function advance(passed_ms, lead) {
  const leads = lead && !lead.video.paused && Math.abs(lead.at - at) < 250 * Math.max(state.speed, 1);
  const next = leads && lead.at < lead.piece.end - 60 ? Math.max(lead.at, at) : at + passed_ms * state.speed;
  at = next;
  const skip = skipTo();
  if (skip !== null && skip - at > SKIP_MS) {
    toasts.show(_("Nothing was recorded from {from} to {to}: skipped.", { from: clockTime(at), to: clockTime(skip) }));
    at = skip;
  }
  if (at > now() - 1_000) {
    at = now() - 1_000;
    if (state.speed > 1) setSpeed(1);
  }
  const end = spanOf(day).to;
  if (at >= end) toDay(dayAfter(day, 1), { from: end });
}

/** Where footage goes on when no camera has any now; null where one has, or none goes on. */
function skipTo() {
  const told = timeline.data?.cameras;
  if (!told?.length) return null;
  let next = Infinity;
  for (const { filmed } of told) {
    const after = filmed.find(([, to]) => to > at + 1);
    if (!after) continue;
    if (after[0] <= at) return null;
    next = Math.min(next, after[0]);
  }
  return next === Infinity ? null : next;
}

function causeAt(camera, moment) {
  const told = timeline.data?.cameras.find((one) => one.id === camera);
  return told?.gaps.find((gap) => gap.from <= moment && moment < gap.to)?.cause ?? null;
}

function play() {
  playing = true;
  paintPlay();
}

function pause() {
  playing = false;
  paintPlay();
  keep();
}

function seek(moment, { stay = false } = {}) {
  if (moment === null || Number.isNaN(moment)) return;
  at = Math.min(moment, now() - 1_000);
  if (dayOf(at) !== day) toDay(dayOf(at), { keepAt: true });
  if (!stay) timeline.show(at);
  keep();
}

async function step(by) {
  pause();
  const track = tracks[0];
  if (!track) return;
  const next = await track.neighbour(at, by);
  seek(next);
}

function setSpeed(wanted) {
  state.speed = wanted;
  speed.value = String(wanted);
  keep();
}

function turnSpeed(by) {
  const place = SPEEDS.indexOf(state.speed) + by;
  if (place >= 0 && place < SPEEDS.length) setSpeed(SPEEDS[place]);
}

function toNow() {
  const ends = (timeline.data?.cameras ?? []).map((one) => one.until_at).filter((one) => one !== null);
  const newest = ends.length ? Math.max(...ends) : null;
  if (newest === null || newest < now() - 120_000) {
    toasts.show(newest === null ? _("There is no footage yet.") : _("The newest footage is of {day} {time}.", { day: longDate(newest), time: clockTime(newest) }), newest === null ? {} : { word: _("Go there"), act: () => seek(newest - BEFORE_MS) });
    return;
  }
  setSpeed(1);
  seek(now() - LIVE_LAG_MS);
  play();
  refresh();
}

/** Go to the sale, flag or gap before or after this moment. */
function hop(what, by) {
  const data = timeline.data;
  if (!data) return;
  const moments = {
    sales: data.sales.filter((one) => !state.register || one.register === state.register).map((one) => one.from),
    flags: data.flags.map((one) => one.at),
    gaps: data.cameras.flatMap((one) => one.gaps.map((gap) => gap.from - 2_000)),
  }[what].sort((a, b) => a - b);
  // Of what one has just gone to, one stands a little before: it is not gone to again.
  const lead = what === "gaps" ? 0 : BEFORE_MS;
  const next = by > 0 ? moments.find((one) => one - lead > at + 100) : moments.findLast((one) => one - lead < at - 500);
  const words = { sales: () => _("No further sale on this day."), flags: () => _("No further flag on this day."), gaps: () => _("No further gap on this day.") };
  if (next === undefined) toasts.show(words[what]());
  else seek(next - lead);
}

function toLine() {
  journal.follow();
  journal.scroller.focus();
}

// ---- what is shown

function setCameras(ids) {
  state.cameras = ids;
  if (!state.register || !ids.some((id) => cameraOf(id).registers.includes(state.register))) state.register = registerFor(ids);
  for (const track of tracks) if (!ids.includes(track.camera.id)) track.leave();
  tracks = ids.map((id) => tracks.find((track) => track.camera.id === id) ?? new Track(cameraOf(id)));
  for (const track of tracks) if (!track.element.isConnected) stage.append(track.element);
  arrange();
  cameras.shown = ids;
  journal.register = state.register;
  body.removeAttribute("data-cameras");
  choosing.paint();
  keep();
  refresh();
}

/** In as many columns as make the pictures largest. */
function arrange() {
  const { clientWidth: wide, clientHeight: high } = stage.parentElement;
  const size = (columns) => Math.min(wide / columns / 16, high / Math.ceil(tracks.length / columns) / 9);
  const columns = [1, 2, 3, 4].slice(0, Math.max(tracks.length, 1)).reduce((best, one) => (size(one) > size(best) + 0.01 ? one : best));
  stage.style.setProperty("--columns", String(columns));
}

/** Whether a camera recorded anything of a span; of a day that is not on screen nobody knows yet. */
function filmed(camera, span) {
  const told = timeline.data?.cameras.find((one) => one.id === camera);
  const shown = day !== null && dayOf(span.from) === day && dayOf(span.to) === day;
  return !told || !shown || told.filmed.some(([from, to]) => from < span.to && span.from < to);
}

function toDay(wanted, { keepAt = false, from = null } = {}) {
  if (wanted > dayOf(now())) {
    toasts.show(_("This day is still to come."));
    return; // and one stays where one is
  }
  const span = spanOf(wanted);
  if (!keepAt) {
    // The same time of day on another day.
    const into = from === null && at !== null && day !== null ? at - spanOf(day).from : 0;
    at = from ?? Math.min(span.from + into, span.to - 1);
    at = Math.min(at, now() - 1_000);
  }
  if (wanted === day) return;
  day = wanted;
  timeline.setDay(spanOf(day).from, spanOf(day).to, at);
  calendar.day = day;
  paintDay();
  choosing.paint();
  keep();
  refresh({ anew: true });
}

async function refresh({ anew = false } = {}) {
  if (!state.cameras.length || day === null) {
    paintEmpty();
    return;
  }
  asked += 1;
  const mine = asked;
  const { from, to } = spanOf(day);
  const query = new URLSearchParams({ from: new Date(from).toISOString(), to: new Date(to).toISOString() });
  for (const id of state.cameras) query.append("camera", id);
  if (anew) timeline.element.toggleAttribute("data-loading", true);
  try {
    const told = await ask(`/api/v1/footage/timeline?${query}`);
    if (mine !== asked) return;
    timeline.data = read(told);
    trouble.hidden = true;
    toFirst();
  } catch (error) {
    if (mine !== asked) return;
    // Policy: what was there stays; the page says why it is not fresher, and asks again by itself.
    trouble.hidden = false;
    trouble.replaceChildren(h("p", {}, error.message), h("button", { type: "button", onclick: () => refresh() }, _("Try again")));
  }
  timeline.element.toggleAttribute("data-loading", false);
  paintEmpty();
}

/** Whoever came without a moment, when recording had hardly begun, is shown what there is. */
function toFirst() {
  if (!newest) return;
  newest = false;
  const first = Math.min(...timeline.data.cameras.map((one) => one.from_at ?? Infinity));
  if (first !== Infinity && at < first) seek(first);
}

// ---- flags and clips

function setFlag() {
  pause();
  flags.set({ shop: page.shop.id, at, register: state.register, camera: state.register ? null : (state.cameras[0] ?? null) });
}

function openMark(mark) {
  seek(mark.at - BEFORE_MS);
  if (mark.by === "till") {
    if (mark.register) setRegister(mark.register);
    state.event = mark.id;
    journal.wanted = mark.id;
  }
  if (mark.by === "person" && page.may.flag) flags.change(mark);
  keep();
}

function setRegister(id) {
  if (id === state.register || !registerOf(id)) return;
  state.register = id;
  journal.register = id;
  paintDay();
}

/** Put into a case: the chosen span, else what is around this moment; or a sale of the journal alone. */
async function toCase(sale = null) {
  pause();
  // Who is quicker than the timeline would not be offered its sale and incidents.
  if (timeline.data === null) await refresh();
  const span = choosing.span ?? { from: at - CASE_MS, to: Math.min(at + CASE_MS, now() - 1_000) };
  const within = (one) => one.at >= span.from && one.at < span.to;
  const told = timeline.data;
  // Of several sales the one that takes up most of the span.
  const part = (one) => Math.min(one.to ?? one.from, span.to) - Math.max(one.from, span.from);
  const shown = told?.sales.filter((one) => one.register === state.register && part(one) >= 0).sort((a, b) => part(b) - part(a))[0];
  intoCase({
    ...span,
    cameras: state.cameras,
    sale: sale ?? (page.may.sales && shown ? { register: shown.register, number: shown.sale } : null),
    incidents: (told?.incidents ?? []).filter(within).slice(0, 3),
    prefer: sale ? "sale" : "footage",
  });
}

// ---- painting

function name(button, word) {
  say(button.lastElementChild, word);
  button.title = word;
}

function paintPlay() {
  name(playButton, playing ? _("Pause") : _("Play"));
  playButton.firstElementChild.replaceWith(icon(playing ? "pause" : "play"));
  playButton.setAttribute("aria-pressed", String(playing));
}

function paintTime() {
  say(timeText, clockTime(at));
  // Single pictures lie closer together than seconds: where one stands, the hundredths are told as well.
  say(timePart, `.${String(Math.floor((((at % 1000) + 1000) % 1000) / 10)).padStart(2, "0")}`);
  timePart.toggleAttribute("data-runs", playing);
  body.toggleAttribute("data-held", held_ms > 400);
}

function paintDay() {
  if (day) say(dayButton, longDate(spanOf(day).from + 12 * 3_600_000));
}

function paintEmpty() {
  const data = timeline.data;
  const none = !page.cameras.length || (data !== null && data.cameras.every((one) => one.filmed.length === 0));
  empty.hidden = !none;
  stage.hidden = none;
  if (!none) return;
  const from = Math.min(...(data?.cameras ?? []).map((one) => one.from_at ?? Infinity));
  const until = Math.max(...(data?.cameras ?? []).map((one) => one.until_at ?? -Infinity));
  const first = data?.cameras[0]?.gaps[0];
  let why = _("This shop has no cameras yet.");
  let link = page.rooms.includes("/settings") ? h("a", { class: "button", href: "/settings" }, _("Settings")) : null;
  if (page.cameras.length && from === Infinity) {
    why = _("These cameras have recorded nothing yet.");
  } else if (page.cameras.length) {
    const { from: start, to: end } = spanOf(day);
    if (end <= from) why = _("Footage of this day is no longer kept, or was not recorded yet. The oldest is of {day}.", { day: longDate(from) });
    else if (start >= until) why = _("Nothing has been recorded since {day} {time}.", { day: longDate(until), time: clockTime(until) });
    else why = first?.cause === "lost" ? _("The camera did not answer on this day.") : _("Nothing was recorded on this day.");
    const target = end <= from ? from : until - BEFORE_MS * 2;
    link = h("button", { type: "button", class: "primary", onclick: () => seek(target) }, end <= from ? _("To the oldest footage") : _("To the newest footage"));
  }
  empty.replaceChildren(h("h2", {}, _("No footage of this day")), h("p", {}, why), link ?? "");
}

function keep() {
  kept_ms = performance.now();
  if (at !== null) toAddress({ ...state, at_ms: Math.round(at) });
}

function paint() {
  document.title = `${_("Footage")} · ${page.shop.name} · Tenban`;
  say(heading, _("Footage"));
  say(camerasButton, _("Cameras"));
  say(watchLink, _("Watch"));
  say(shortcutsButton, _("Keyboard shortcuts"));
  shopChoice.setAttribute("aria-label", _("Shop"));
  speed.setAttribute("aria-label", _("Speed"));
  transport.setAttribute("aria-label", _("Playing back"));
  time.title = _("Show this moment's line in the journal");
  name(dayBefore, _("Day before"));
  name(dayNext, _("Day after"));
  name(saleBefore, _("Sale before"));
  name(back, _("10 s back"));
  name(stepBack, _("One picture back"));
  name(stepOn, _("One picture on"));
  name(on, _("10 s on"));
  name(saleAfter, _("Sale after"));
  name(zoomIn, _("Zoom in"));
  name(zoomOut, _("Zoom out"));
  say(nowButton.lastElementChild, _("Now"));
  say(flagButton, _("Set a flag"));
  say(clipFrom, _("Take a clip"));
  say(caseButton, _("To a case…"));
  paintMenu();
  paintPlay();
  paintDay();
  paintEmpty();
  choosing.paint();
  cameras.paint();
  calendar.paint();
  journal.speak();
}

cameras.addEventListener("choose", ({ detail }) => setCameras(detail));
calendar.addEventListener("day", ({ detail }) => toDay(detail));
timeline.addEventListener("seek", ({ detail }) => seek(detail, { stay: true }));
timeline.addEventListener("mark", ({ detail }) => openMark(detail));
journal.addEventListener("case", ({ detail }) => toCase(detail));
journal.addEventListener("line", ({ detail }) => {
  state.event = detail.id;
  journal.wanted = detail.id;
  journal.follow();
  seek(detail.at);
});
document.addEventListener("language", paint);
listenToKeys({
  " ": () => (playing ? pause() : play()),
  ArrowLeft: () => seek(at - JUMP_MS),
  ArrowRight: () => seek(at + JUMP_MS),
  ShiftArrowLeft: () => seek(at - 60_000),
  ShiftArrowRight: () => seek(at + 60_000),
  ",": () => step(-1),
  ".": () => step(1),
  "[": () => hop("sales", -1),
  "]": () => hop("sales", 1),
  p: () => hop("flags", -1),
  n: () => hop("flags", 1),
  g: () => hop("gaps", 1),
  "<": () => turnSpeed(-1),
  ">": () => turnSpeed(1),
  "+": () => timeline.zoom(0.5),
  "=": () => timeline.zoom(0.5),
  "-": () => timeline.zoom(2),
  0: () => timeline.whole(),
  l: () => toNow(),
  m: () => page.may.flag && setFlag(),
  i: () => (page.may.take || page.may.case) && choosing.choose(at, "from"),
  o: () => (page.may.take || page.may.case) && choosing.choose(at, "to"),
  c: () => page.may.case && toCase(),
  Escape: () => (body.hasAttribute("data-cameras") ? body.removeAttribute("data-cameras") : choosing.clear()),
  "/": () => {
    body.toggleAttribute("data-cameras", true);
    cameras.search.focus();
  },
  d: () => calendar.element.showPopover(),
  "?": () => showShortcuts(),
});

// Whoever comes by a link wants the moment; whoever comes without one, the newest there is.
if (at === null) at = now() - 60_000;
else if (state.plays) play();
journal.wanted = state.event;
speed.value = String(state.speed);
toDay(dayOf(at), { keepAt: true });
setCameras(state.cameras);
paint();
setInterval(() => {
  if (document.visibilityState !== "visible" || day !== dayOf(now())) return;
  refresh();
  journal.refresh(at);
}, REFRESH_MS);
new ResizeObserver(() => arrange()).observe(stage.parentElement);
requestAnimationFrame(frame);
