// /wall: all cameras of a shop, or those one chose, as large as the screen allows.
import { ask } from "./api.js";
import { Book } from "./book.js";
import { makeDialog } from "./dialogs.js";
import { h, say } from "./dom.js";
import { Live } from "./live.js";
import { makeBrand, makeMenu } from "./menu.js";
import { isOpen } from "./parts/filter-bar.js";
import { icon } from "./parts/icon.js";
import "./parts/connection-state.js";
import "./parts/room-notice.js";
import "./parts/wall-tile.js";
import { now } from "./times.js";
import { urgenciesOf } from "./urgency.js";
import { _, laneWord, page } from "./words.js";

const SIZES = [1, 4, 9, 16];
const EVERY_MS = 5_000;
const HISTORY_MS = 12 * 3600 * 1000;
// So many side by side have every picture; more of them have keyframes, except the one that is looked at.
const FULL_UP_TO = 4;
const PICTURE = 16 / 9;
const CAPTION_PX = 36;
const KEY = `tenban-wall:${page.me.id}:${page.shop.id}`;

const book = new Book();
const live = new Live();
const tiles = new Map();
let cameras = [];
let lanes = new Map();
let loaded = false;
let kept = read();
let { size, sheet, one } = ofUrl();
let awake = null;

const { button: menuButton, menu, paintMenu } = makeMenu({
  links: [
    entry(h("button", { type: "button", onclick: () => showShortcuts() }), () => _("Keyboard shortcuts")),
  ],
});
const connection = h("connection-state");
const shopChoice = h(
  "select",
  { hidden: page.shops.length < 2, onchange: () => location.assign(`/wall?shop=${encodeURIComponent(shopChoice.value)}`) },
  page.shops.map(({ id, name }) => h("option", { value: id, selected: id === page.shop.id }, name)),
);
const sizes = h(
  "div",
  { class: "choice", role: "group" },
  SIZES.map((count) =>
    h("button", { type: "button", "data-size": String(count), onclick: () => go({ size: count, sheet: 0 }) }, String(count)),
  ),
);
const chooseButton = act("settings", () => showChoice(), () => _("Choose cameras"));
const fullButton = act("full", () => kiosk(), () => _("Full screen"));
const bar = h(
  "header",
  { class: "bar" },
  makeBrand(page.shop.name),
  connection,
  h("div", { class: "acts-row" }, shopChoice, sizes, chooseButton, fullButton, menuButton),
  menu,
);
const title = h("h1", { class: "unseen" });
const wall = h("div", { class: "wall" });
const empty = h("div", { class: "empty", hidden: true });
const trouble = h("p", { class: "trouble", role: "alert", hidden: true });
const backButton = h("button", { type: "button", onclick: () => go({ sheet: sheet - 1 }) });
const forthButton = h("button", { type: "button", onclick: () => go({ sheet: sheet + 1 }) });
const where = h("span", { class: "figures" });
const note = h("span");
const foot = h("footer", { class: "foot" }, backButton, where, forthButton, note);
document.body.append(bar, h("main", {}, title, page.may.room ? h("room-notice") : null, trouble, wall, empty), foot);
const choice = makeDialog("chosen");
const shortcuts = makeDialog("shortcuts");

function entry(made, word) {
  made.className = "button quiet wide";
  made.word = word;
  return made;
}

function act(drawn, run, word) {
  const made = h("button", { type: "button", class: "act quiet", onclick: run }, icon(drawn), h("span"));
  made.word = word;
  return made;
}

// ---- what is shown

function read() {
  try {
    const found = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return { left_out: Array.isArray(found.left_out) ? found.left_out : [], size: found.size };
  } catch {
    return { left_out: [] }; // Policy: what cannot be read any more is as if it had never been set.
  }
}

function keep(change) {
  kept = { ...kept, ...change };
  localStorage.setItem(KEY, JSON.stringify(kept));
}

function ofUrl() {
  const query = new URLSearchParams(location.search);
  const wanted = Number(query.get("size") ?? kept.size);
  return {
    size: SIZES.includes(wanted) ? wanted : null,
    sheet: Math.max(Number.parseInt(query.get("sheet") ?? "1", 10) - 1 || 0, 0),
    one: query.get("camera"),
  };
}

function go(change) {
  ({ size, sheet, one } = { size, sheet, one, ...change });
  if (change.size) keep({ size });
  const url = new URL(location.href);
  for (const [name, value] of Object.entries({ size, sheet: sheet ? sheet + 1 : null, camera: one }))
    if (value) url.searchParams.set(name, value);
    else url.searchParams.delete(name);
  if (url.href !== location.href) history.pushState(null, "", url);
  paint();
}

function chosen() {
  return cameras.filter(({ id }) => !kept.left_out.includes(id));
}

/** The size that was chosen, or the smallest that holds all. */
function sizeOf(count) {
  return size ?? SIZES.find((one) => one >= count) ?? SIZES.at(-1);
}

// As many columns as make the pictures largest.
function columnsOf(count) {
  const { clientWidth: width, clientHeight: height } = wall;
  let best = [0, 1];
  for (let columns = 1; columns <= count; columns += 1) {
    const room = height / Math.ceil(count / columns) - CAPTION_PX;
    const across = Math.min(width / columns, room * PICTURE);
    if (across > best[0]) best = [across, columns];
  }
  return best[1];
}

function paint() {
  const all = chosen();
  const large = all.find(({ id }) => id === one) ?? null;
  const most = sizeOf(all.length);
  const sheets = Math.max(Math.ceil(all.length / most), 1);
  sheet = Math.min(sheet, sheets - 1);
  const shown = large ? [large] : all.slice(sheet * most, (sheet + 1) * most);
  paintTiles(shown, Boolean(large));
  wall.toggleAttribute("data-large", Boolean(large));
  wall.style.setProperty("--columns", String(columnsOf(Math.max(shown.length, 1))));
  for (const button of sizes.children)
    button.setAttribute("aria-pressed", String(Number(button.dataset.size) === most));
  sizes.setAttribute("aria-label", _("Pictures at a time"));
  shopChoice.setAttribute("aria-label", _("Shop"));
  for (const made of [chooseButton, fullButton, ...menu.querySelectorAll(".wide, .act")]) {
    if (!made.word) continue;
    say(made.lastElementChild ?? made, made.word());
    if (made.classList.contains("act")) made.title = made.word();
  }
  say(backButton, _("Earlier pictures"));
  say(forthButton, _("Further pictures"));
  backButton.hidden = forthButton.hidden = sheets < 2 || Boolean(large);
  backButton.disabled = sheet === 0;
  forthButton.disabled = sheet === sheets - 1;
  where.hidden = sheets < 2 || Boolean(large);
  say(where, `${sheet + 1} / ${sheets}`);
  say(note, _("Who looks at which camera, and since when, is written down."));
  say(title, _("Wall"));
  paintEmpty(all);
  paintMenu();
  const waiting = book.entries.filter(({ card }) => card.state === "unconfirmed").length;
  document.title = `${waiting ? `(${waiting}) ` : ""}${_("Wall")} · ${page.shop.name} · Tenban`;
}

function paintTiles(shown, large) {
  const wanted = new Set(shown.map(({ id }) => id));
  for (const [id, tile] of tiles) {
    if (wanted.has(id)) continue;
    tile.remove();
    tiles.delete(id);
  }
  const urgencies = urgenciesOf(book.entries.filter(({ card }) => isOpen(card)));
  shown.forEach((camera, place) => {
    let tile = tiles.get(camera.id);
    if (!tile) {
      tile = document.createElement("wall-tile");
      tiles.set(camera.id, tile);
    }
    if (wall.children[place] !== tile) wall.insertBefore(tile, wall.children[place] ?? null);
    const open = camera.lanes.map(({ id }) => urgencies.get(id)).filter(Boolean);
    const urgency = ["passed", "urgent", "open"].find((one) => open.some((known) => known.urgency === one)) ?? null;
    tile.show(camera, lanes, { count: open.reduce((sum, { count }) => sum + count, 0), urgency });
    tile.full = shown.length <= FULL_UP_TO;
    tile.large = large;
  });
}

function paintEmpty(all) {
  empty.hidden = !loaded || all.length > 0;
  wall.hidden = !empty.hidden;
  if (empty.hidden) return;
  const lines = cameras.length
    ? [
        h("h2", {}, _("No camera is chosen")),
        h("button", { type: "button", class: "primary", onclick: () => showChoice() }, _("Choose cameras")),
      ]
    : [
        h("h2", {}, _("No camera here yet")),
        h("p", {}, _("Cameras that are set up appear here by themselves.")),
      ];
  const text = lines.map((line) => line.outerHTML).join("");
  if (empty.dataset.text === text) return;
  empty.dataset.text = text;
  empty.replaceChildren(...lines);
}

// ---- what is asked for

async function load() {
  const shop = encodeURIComponent(page.shop.id);
  const [seen, known] = await Promise.allSettled([
    ask(`/api/v1/live/cameras?shop=${shop}`),
    ask(`/api/v1/lanes?shop=${shop}`),
  ]);
  if (seen.status === "fulfilled") {
    cameras = seen.value;
    loaded = true;
  }
  // Policy: without the lanes the wall says less, and shows the same.
  if (known.status === "fulfilled") lanes = new Map(known.value.map((lane) => [lane.id, lane]));
  const why = seen.status === "rejected" ? seen.reason : null;
  trouble.hidden = !why;
  say(trouble, why ? _("The cameras could not be loaded. {why} Trying again.", { why: why.message }) : "");
  if (why?.status === 401) location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
  paint();
}

async function loadIncidents() {
  try {
    const since = new Date(now() - HISTORY_MS).toISOString();
    const answer = await ask(`/api/v1/incidents?since=${encodeURIComponent(since)}`);
    book.load(answer.incidents);
    paint();
    return answer.last_notice_id;
  } catch {
    return null; // Policy: what is open now is told again when the channel opens; the channel says if it is lost.
  }
}

// ---- what people do

async function kiosk() {
  if (document.fullscreenElement) await document.exitFullscreen();
  // Policy: a browser that refuses shows it as it is.
  else await document.documentElement.requestFullscreen().catch(() => {});
}

document.addEventListener("fullscreenchange", async () => {
  const whole = document.fullscreenElement === document.documentElement;
  document.body.classList.toggle("kiosk", whole);
  paint();
  await awake?.release().catch(() => {}); // Policy: it was released already.
  // Policy: where the screen cannot be kept awake the system's own setting holds.
  awake = whole ? ((await navigator.wakeLock?.request("screen").catch(() => null)) ?? null) : null;
});

function showChoice() {
  const rows = cameras.map(({ id, name, lanes: of }) => {
    const box = h("input", {
      type: "checkbox",
      checked: !kept.left_out.includes(id),
      onchange: () => {
        const others = kept.left_out.filter((one) => one !== id);
        keep({ left_out: box.checked ? others : [...others, id] });
        paint();
      },
    });
    const at = of.map((lane) => laneWord(lane.name)).join(", ");
    return h("label", {}, box, h("span", {}, name), h("span", { class: "more" }, at));
  });
  const all = h(
    "button",
    { type: "button", onclick: () => (keep({ left_out: [] }), paint(), showChoice()) },
    _("All cameras"),
  );
  const kept_note = h("p", { class: "note" }, _("Kept on this device for {name}.", { name: page.me.name }));
  choice.open(_("Choose cameras"), kept_note, ...rows, all);
}

function showShortcuts() {
  const rows = [
    ["← ↑ → ↓", _("Another picture")],
    ["Enter", _("Enlarge, or back to the wall")],
    ["Esc", _("Back to the wall")],
    ["1 2 3 4", _("1, 4, 9 or 16 pictures at a time")],
    ["PageUp PageDown", _("Earlier or further pictures")],
    ["f", _("Full screen")],
    ["c", _("Choose cameras")],
    ["?", _("This list")],
  ];
  const list = rows.map(([keys, what]) =>
    h("div", {}, h("dt", {}, keys.split(" ").flatMap((key) => [h("kbd", {}, key), " "])), h("dd", {}, what)),
  );
  shortcuts.open(_("Keyboard shortcuts"), h("dl", {}, list));
}

function step(by) {
  const all = [...tiles.keys()];
  if (one) {
    const cameras_of = chosen();
    const at = cameras_of.findIndex(({ id }) => id === one);
    go({ one: cameras_of[(at + by + cameras_of.length) % cameras_of.length].id });
  }
  const at = all.findIndex((id) => tiles.get(id).contains(document.activeElement));
  const next = one ?? all[at < 0 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1)];
  tiles.get(next)?.enlarge.focus();
}

const KEYS = {
  ArrowLeft: () => step(-1),
  ArrowRight: () => step(1),
  ArrowUp: () => step(-Number(wall.style.getPropertyValue("--columns") || 1)),
  ArrowDown: () => step(Number(wall.style.getPropertyValue("--columns") || 1)),
  Escape: () => one && go({ one: null }),
  1: () => go({ size: 1, sheet: 0, one: null }),
  2: () => go({ size: 4, sheet: 0, one: null }),
  3: () => go({ size: 9, sheet: 0, one: null }),
  4: () => go({ size: 16, sheet: 0, one: null }),
  PageUp: () => go({ sheet: Math.max(sheet - 1, 0) }),
  PageDown: () => go({ sheet: sheet + 1 }),
  f: kiosk,
  c: showChoice,
  "?": showShortcuts,
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest("input, select, textarea, dialog") || document.querySelector("dialog[open]")) return;
  const run = KEYS[event.key];
  if (!run) return;
  event.preventDefault();
  run();
});
wall.addEventListener("enlarge", ({ detail }) => {
  const back = one;
  go({ one: detail });
  tiles.get(detail ?? back)?.enlarge.focus();
});
new ResizeObserver(() => paint()).observe(wall);
addEventListener("popstate", () => {
  ({ size, sheet, one } = ofUrl());
  paint();
});
addEventListener("storage", ({ key }) => {
  if (key !== KEY) return;
  kept = read();
  paint();
});
document.addEventListener("language", paint);

live.addEventListener("state", ({ detail }) => (connection.state = detail));
live.addEventListener("gap", loadIncidents);
live.addEventListener("refused", load);
live.addEventListener("notice", ({ detail: { notice, late_ms } }) => {
  book.hear(notice, late_ms);
  paint();
});

async function start() {
  paint();
  await load();
  setInterval(load, EVERY_MS);
  if (!page.rooms.includes("/watch")) return;
  live.start((await loadIncidents()) ?? null);
}

start();
