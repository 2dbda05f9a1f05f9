// /watch: the attendant's screen. Knows the parts and lets each do its own; every change goes to the server first-hand
// and comes back to everybody by the live channel.
import { ask } from "./api.js";
import { makeBar } from "./bar.js";
import { Book } from "./book.js";
import { makeLook, makeReading, makeShortcuts } from "./dialogs.js";
import { h, say } from "./dom.js";
import { makeHandling } from "./handling.js";
import { Live, lastHeard } from "./live.js";
import { prefs } from "./prefs.js";
import { unpressed } from "./press.js";
import { makeHandOver, makeLiveLook, makePrefs } from "./sheets.js";
import { sound } from "./sound.js";
import { length, now } from "./times.js";
import { urgenciesOf } from "./urgency.js";
import { _, laneWord, page, speak, told } from "./words.js";
import { listenToKeys } from "./keys.js";
import { filterOfUrl, filterToUrl, isOpen, span_ms, stateFits } from "./parts/filter-bar.js";
import "./parts/incident-card.js";
import "./parts/incident-list.js";
import "./parts/lane-map.js";
import "./parts/lane-panel.js";
import "./parts/toast-area.js";

const LANES_EVERY_MS = 5_000;
// A till answers a command within a second, or has no link.
const ANSWER_MS = 700;
const RETRY_MS = 5_000;
// A tap within this time after the list has moved was meant for what stood there before.
const MOVED_MS = 400;
// From here on a card says how late it came.
const LATE_MS = 10_000;
const HISTORY_MS = 12 * 3600 * 1000;

const book = new Book();
const live = new Live();
const cards = new Map();
// A register's own screen shows that register alone: no clips, no map, no other lanes.
const own = page.register?.id ?? null;
// What was opened after this browser was last live, and before now, comes late.
const heard_at = lastHeard();
let filter = { ...filterOfUrl(prefs.get("span")), ...(own ? { lane: own } : {}) };
let lanes = [];
let lanes_at = null;
let lanes_failed = false;
let loaded = false;
let moved_ms = -Infinity;
let answer_timer = 0;

const { bar, connection } = makeBar({
  onshortcuts: () => showShortcuts(),
  acts: [
    { drawn: "settings", name: "prefs", word: () => _("Settings of this tablet"), act: () => showPrefs() },
    ...(page.as_register
      ? [{ drawn: "till_back", name: "back", word: () => _("Back to the register"), act: () => backToRegister() }]
      : []),
    ...(own
      ? []
      : [
          { drawn: "picture", name: "live", word: () => _("Live picture"), act: () => showLive() },
          { drawn: "handover", name: "hand-over", word: () => _("Hand over"), act: () => handOver() },
        ]),
  ],
});
const filterBar = h("filter-bar");
const spanFilter = h("span-filter");
const strip = h("lane-map");
const panel = h("lane-panel", { hidden: true });
const list = h("div", { class: "cards" });
const empty = h("div", { class: "empty", hidden: true });
const trouble = h("div", { class: "trouble", role: "alert", hidden: true });
const above = h("button", {
  type: "button",
  class: "primary above",
  hidden: true,
  onclick: () => scrollTo({ top: 0, behavior: "smooth" }),
});
const hiddenNews = h("button", {
  type: "button",
  class: "hidden-news",
  hidden: true,
  onclick: () => choose({ lane: null, state: "open" }),
});
const past = h("incident-list");
const pastTitle = h("h2", { id: "past-title" });
const lanesTitle = h("h2", { class: "unseen", id: "lanes-title" });
const title = h("h1", { class: "unseen" });
const toasts = h("toast-area");
const spoken = h("p", { class: "unseen", "aria-live": "assertive" });
const look = makeLook();
const reading = makeReading();
const showShortcuts = makeShortcuts();
const main = h("main", {}, title, own ? null : filterBar, panel, trouble, hiddenNews, list, empty);
const paint = unpressed(main, paintNow);
const showPrefs = makePrefs();
const liveLook = makeLiveLook(() => lanes);
const handOver = makeHandOver({
  mine: () => ({
    incidents: book.entries
      .filter(({ card }) => isOpen(card) && card.owner?.id === page.me.id)
      .map(({ card }) => `${laneWord(card.register_name)} ${told(card.title)}`),
    lanes: lanes.filter((lane) => lane.keeper?.id === page.me.id).map((lane) => laneWord(lane.name)),
  }),
  toasts,
  done: ({ incidents }) => {
    book.load(incidents);
    loadLanes();
  },
});
const lanesRoom = h("section", { class: "lanes", "aria-labelledby": "lanes-title" }, lanesTitle, strip);
const pastRoom = h(
  "section",
  { class: "past", "aria-labelledby": "past-title" },
  h("header", {}, pastTitle, spanFilter),
  past,
);
document.body.append(
  bar,
  h("div", { class: "watch" }, main, h("div", { class: "rail" }, own ? null : lanesRoom, pastRoom)),
  above,
  toasts,
  spoken,
);

// ---- painting

function inMain(entry) {
  if (filter.lane && entry.card.register !== filter.lane) return false;
  return stateFits(filter.state, entry.card) || (filter.state === "open" && lingers(entry));
}

// What was just settled stays under the finger for a moment, and for as long as somebody writes why.
function lingers(entry) {
  return (
    entry.lingers_until_ms > performance.now() ||
    Boolean(cards.get(entry.card.id)?.querySelector("input:focus"))
  );
}

function inPast({ card }) {
  if (isOpen(card) || (filter.lane && card.register !== filter.lane)) return false;
  return Date.parse(card.opened_at) > now() - span_ms(filter.span);
}

function paintNow() {
  const entries = book.entries;
  paintCards(entries.filter(inMain));
  past.entries = entries.filter((entry) => inPast(entry) && !cards.has(entry.card.id));
  const open = entries.filter(({ card }) => isOpen(card));
  strip.show(lanes, urgenciesOf(open), filter.lane, lanes_failed ? lanes_at : null);
  panel.lane = lanes.find((lane) => lane.id === filter.lane) ?? null;
  const here = entries.filter(({ card }) => !filter.lane || card.register === filter.lane);
  const count = (state) => here.filter(({ card }) => stateFits(state, card)).length;
  filterBar.show(filter, laneName(filter.lane), {
    open: count("open"),
    unconfirmed: count("unconfirmed"),
    pending: count("pending"),
  });
  spanFilter.span = filter.span;
  const unseen = open.filter((entry) => entry.card.state === "unconfirmed" && !inMain(entry)).length;
  hiddenNews.hidden = unseen === 0;
  say(hiddenNews, _("{n} unconfirmed outside this filter. Show all.", { n: unseen }));
  say(title, _("Watch"));
  say(pastTitle, _("History"));
  say(lanesTitle, _("Lanes"));
  lanesRoom.hidden = !lanes.length;
  paintEmpty();
  const waiting = open.filter(({ card }) => card.state === "unconfirmed").length;
  document.title = `${waiting ? `(${waiting}) ` : ""}${_("Watch")} · ${page.shop.name} · Tenban`;
  if (reading.card) reading.card.entry = book.entry(reading.card.entry.card.id);
}

function paintCards(entries) {
  const wanted = new Set(entries.map(({ card }) => card.id));
  const anchor = anchorOf(wanted);
  const top = anchor?.getBoundingClientRect().top;
  for (const [id, element] of cards) {
    if (wanted.has(id)) continue;
    const next = element.contains(document.activeElement)
      ? (element.nextElementSibling ?? element.previousElementSibling)
      : null;
    element.remove();
    next?.article.focus({ preventScroll: true });
    cards.delete(id);
    moved_ms = performance.now();
  }
  entries.forEach((entry, place) => {
    let element = cards.get(entry.card.id);
    if (!element) {
      element = document.createElement("incident-card");
      cards.set(entry.card.id, element);
      if (list.children.length > place) moved_ms = performance.now();
    }
    if (list.children[place] !== element) list.insertBefore(element, list.children[place] ?? null);
    element.lane_now = lanes.find((lane) => lane.id === entry.card.register) ?? null;
    element.entry = entry;
  });
  // Whoever is busy with a card, or reads further down, keeps it where it is.
  if (anchor?.isConnected) scrollBy({ top: anchor.getBoundingClientRect().top - top, behavior: "instant" });
  paintAbove();
}

function anchorOf(wanted) {
  const busy = [...cards.values()].find((card) => card.engaged && wanted.has(card.entry.card.id));
  if (busy) return busy;
  if (scrollY < 8) return null;
  return (
    [...list.children].find(
      (card) => card.getBoundingClientRect().bottom > 160 && wanted.has(card.entry.card.id),
    ) ?? null
  );
}

function paintAbove() {
  const unseen = [...cards.values()].filter(
    (card) => card.entry.fresh && card.getBoundingClientRect().bottom < 180,
  ).length;
  above.hidden = unseen === 0;
  say(above, _("{n} new above", { n: unseen }));
}

function paintEmpty() {
  empty.hidden = !loaded || cards.size > 0;
  if (empty.hidden) return;
  const watched = lanes.filter((lane) => lane.watched).length;
  const lines = [];
  if ((filter.lane && !own) || filter.state !== "open") {
    lines.push(h("h2", {}, _("Nothing here under this filter")));
    lines.push(
      h(
        "button",
        { type: "button", onclick: () => choose({ lane: null, state: "open" }) },
        _("Show all open incidents"),
      ),
    );
  } else {
    lines.push(h("h2", {}, _("No open incidents")));
    lines.push(h("p", {}, _("New ones appear here by themselves.")));
    if (lanes.length && !own)
      lines.push(h("p", {}, _("{n} of {all} lanes are watched.", { n: watched, all: lanes.length })));
    if (!lanes.length && lanes_at)
      lines.push(...noLanes());
    if (!sound.wanted && lanes.length) {
      lines.push(h("p", {}, _("Turn on the sound to hear new ones while you look elsewhere.")));
      lines.push(
        h(
          "button",
          { type: "button", class: "primary", onclick: () => sound.want(true) },
          _("Turn on sound"),
        ),
      );
    }
  }
  const text = lines.map((line) => line.outerHTML).join("");
  if (empty.dataset.text === text) return;
  empty.dataset.text = text;
  empty.replaceChildren(...lines);
}

function noLanes() {
  if (page.may_settings)
    return [
      h("p", {}, _("No lanes are set up yet.")),
      h("a", { class: "button primary", href: "/settings/lanes/new" }, _("Set up the first lane")),
    ];
  return [h("p", {}, _("No lanes are set up yet. An administrator or installer sets them up under “Settings”."))];
}

function showTrouble(text, act = null, word = null) {
  trouble.hidden = !text;
  const button = act ? h("button", { type: "button", onclick: act }, word) : null;
  trouble.replaceChildren(...(text ? [h("p", {}, text), ...(button ? [button] : [])] : []));
}

function laneName(id) {
  return laneWord(lanes.find((lane) => lane.id === id)?.name ?? id ?? "");
}

// ---- what the page is about

function choose(change) {
  filter = { ...filter, ...change };
  filterToUrl(filter, prefs.get("span"));
  paint();
}

/** Load the list, trying until it comes; returns the number of the newest notice it contains. */
async function loadIncidents() {
  for (;;) {
    try {
      const since = new Date(now() - HISTORY_MS).toISOString();
      const only = own ? `&register=${encodeURIComponent(own)}` : "";
      const answer = await ask(`/api/v1/incidents?since=${encodeURIComponent(since)}${only}`);
      book.load(answer.incidents, { heard_at, now_at: now(), late_from_ms: LATE_MS });
      loaded = true;
      showTrouble("");
      paint();
      return answer.last_notice_id;
    } catch (error) {
      if (error.status === 401) return signedOut();
      const text = _("Incidents could not be loaded. {why} Nothing is lost; trying again every 5 seconds.", {
        why: error.message,
      });
      await new Promise((resolve) => {
        showTrouble(text, resolve, _("Try now"));
        setTimeout(resolve, RETRY_MS);
      });
    }
  }
}

async function loadLanes() {
  try {
    lanes = (await ask("/api/v1/lanes")).filter((lane) => !own || lane.id === own);
    lanes_at = now();
    lanes_failed = false;
    const asked = lanes.some(({ payment }) => payment && !["free", "held"].includes(payment.state));
    clearTimeout(answer_timer);
    if (asked) answer_timer = setTimeout(loadLanes, ANSWER_MS);
  } catch {
    // Policy: the strip keeps the last known states and says from when they are.
    lanes_failed = lanes_at !== null;
  }
  paint();
}

function signedOut() {
  if (page.as_register) {
    const home = () => location.assign(`/register/${encodeURIComponent(page.as_register)}`);
    showTrouble(_("This browser is no longer paired with the register. Incidents no longer arrive here."), home, _("Set up"));
    return new Promise(() => {});
  }
  const next = encodeURIComponent(location.pathname + location.search);
  const go = () => location.assign(`/login?next=${next}`);
  showTrouble(_("You have been signed out. Incidents no longer arrive here."), go, _("Sign in"));
  return new Promise(() => {}); // nothing more can be loaded on this page
}

// ---- what people do

const handle = makeHandling({ book, toasts, paint, signedOut });
document.addEventListener("handle", ({ detail }) => {
  // A register's own screen shows; who labels or takes over signs in.
  if (!page.as_register || detail.what === "touch") handle(detail);
});

// A finger that was on its way when the list moved must not label the wrong card.
list.addEventListener(
  "click",
  (event) => {
    if (event.detail === 0 || performance.now() - moved_ms > MOVED_MS) return;
    event.stopPropagation();
    event.preventDefault();
    toasts.show(_("The list just moved. Please tap again."));
  },
  { capture: true },
);

document.addEventListener("look", ({ detail }) => look(detail.still));
document.addEventListener("open", ({ detail }) => detail?.id && reading.show(book.entry(detail.id)));
document.addEventListener("choose", ({ detail }) => choose(detail));
document.addEventListener("filter", ({ detail }) => choose(detail));
document.addEventListener("live", ({ detail }) => showLive(detail));
document.addEventListener("keep", ({ detail: { lane, take } }) => keepLane(lane, take));
document.addEventListener("payment", ({ detail: { register, held } }) => setPayment(register, held));
document.addEventListener("prefs", ({ detail }) => {
  wear();
  if (detail === "span") choose({ span: prefs.get("span") });
  paint();
});
document.addEventListener("language", paint);
document.addEventListener("sound", paint);
addEventListener("scroll", paintAbove, { passive: true });
addEventListener("popstate", () => {
  filter = { ...filterOfUrl(prefs.get("span")), ...(own ? { lane: own } : {}) };
  paint();
});

listenToKeys({
  cards: () => [...list.children],
  dialogCard: () => reading.card,
  undo: () => toasts.act(),
  shortcuts: () => showShortcuts(),
  sound: () => sound.want(!sound.wanted),
  live: () => showLive(),
  handOver: () => !own && handOver(),
});

function wear() {
  document.documentElement.dataset.size = prefs.get("size");
}

// Opened from the register, this is a window of its own, and the register goes on behind it.
function backToRegister() {
  if (opener) close();
  else location.assign(`/register/${encodeURIComponent(page.as_register)}`);
}

function showLive(lane = null) {
  if (own) return;
  const here = document.activeElement?.closest?.("incident-card")?.entry.card.register ?? filter.lane;
  const shown = lane ?? lanes.find((one) => one.id === here) ?? lanes[0];
  if (shown) liveLook.show(shown);
  else toasts.show(_("No lanes are set up yet."));
}

async function keepLane(lane, take) {
  try {
    await ask(`/api/v1/lanes/${encodeURIComponent(lane.id)}/keeper`, { method: "POST", body: { take } });
    await loadLanes();
  } catch (error) {
    if (error.status === 401) return void signedOut();
    const words = _("{lane}: not saved. {why}", { lane: laneWord(lane.name), why: error.message });
    toasts.show(words, { word: _("Try again"), act: () => keepLane(lane, take), trouble: true });
  }
}

/** Stop payment at a register or let it go on; the way back is the other one. */
async function setPayment(register, held, { undone = false } = {}) {
  const lane = laneName(register);
  try {
    await ask(`/api/v1/registers/${encodeURIComponent(register)}/payment`, { method: "POST", body: { held } });
    const words = held ? _("{lane}: payment stopped", { lane }) : _("{lane}: payment goes on", { lane });
    toasts.show(words, undone ? {} : { word: _("Undo"), act: () => setPayment(register, !held, { undone: true }) });
    await loadLanes();
  } catch (error) {
    if (error.status === 401) return void signedOut();
    loadLanes();
    const known = {
      not_linked: _("The till has no link to the server: it would not hear of it."),
      no_sale: _("Nobody is buying there now."),
    };
    const words = _("{lane}: not saved. {why}", { lane, why: known[error.code] ?? error.message });
    const again = error.code in known ? {} : { word: _("Try again"), act: () => setPayment(register, held) };
    toasts.show(words, { ...again, trouble: true });
  }
}

// By setting a clip starts by itself: where it is in sight, undecided, and nothing else is playing.
function playByItself(entry) {
  const element = cards.get(entry.card.id);
  if (!prefs.get("autoplay") || own || !element || entry.card.state !== "unconfirmed") return;
  if ([...cards.values()].some((card) => card.engaged) || document.querySelector("dialog[open]")) return;
  const { top, bottom } = element.getBoundingClientRect();
  if (top >= 0 && bottom <= innerHeight) element.play();
}

// ---- what arrives

live.addEventListener("state", ({ detail }) => {
  connection.state = detail;
  document.body.dataset.connection = detail.kind;
});
live.addEventListener("regained", ({ detail }) => {
  loadLanes();
  const text = detail.count
    ? _("Connected again after {length}. Missed meanwhile, now shown: {n}", {
        length: length(now() - detail.since),
        n: detail.count,
      })
    : _("Connected again after {length}. Nothing was missed.", { length: length(now() - detail.since) });
  toasts.show(text);
});
live.addEventListener("gap", loadIncidents);
live.addEventListener("refused", signedOut);
live.addEventListener("notice", ({ detail: { notice, late_ms } }) => {
  if (notice.kind === "handed_over") {
    takeOver(notice);
    return;
  }
  if (notice.kind === "payment") {
    loadLanes();
    return;
  }
  const { entry, news } = book.hear(notice, late_ms);
  if (!entry) return;
  paint();
  // By setting repeats stop payment: how it stands comes with the news.
  if (notice.kind === "brief") loadLanes();
  if (notice.kind === "clip") playByItself(entry);
  if (!news) return;
  live.news(notice.notice_id);
  say(spoken, `${laneWord(entry.card.register_name)}, ${told(entry.card.title)}`);
  const element = cards.get(entry.card.id);
  element?.pulse();
});

async function takeOver({ notice_id, body }) {
  const n = { name: body.from, incidents: body.incidents.length, lanes: body.places.length };
  const words = _("{name} hands over to you: incidents {incidents}, lanes {lanes}", n);
  toasts.show(words, { trouble: true });
  say(spoken, words);
  live.news(notice_id);
  await loadIncidents();
  loadLanes();
}

async function start() {
  document.body.classList.toggle("reduced", Boolean(own));
  document.body.classList.toggle("shown-only", Boolean(page.as_register));
  wear();
  paint();
  loadLanes();
  const cursor = await loadIncidents();
  live.start(cursor ?? null);
  setInterval(loadLanes, LANES_EVERY_MS);
  setInterval(() => {
    book.forget(now() - HISTORY_MS);
    paint();
  }, 1_000);
}

const asked = new URLSearchParams(location.search).get("lang");
if (asked) speak(page.language);
start();
