// /settings/cameras/{id}: how one camera does: its state, its streams, its clock, its footage, its last picture.
import { shown } from "../api.js";
import { h, say } from "../dom.js";
import { icon } from "../parts/icon.js";
import { dayStart, longDate } from "../times.js";
import { _, laneWord, page, told } from "../words.js";
import { askCamera, cameraFootage, cameraNow, load, settings, stillUrl, tryCamera } from "./desk.js";
import { editCamera } from "./edits.js";
import { askedTrouble, clockLine, streamLine } from "./finding.js";
import { moment } from "./form.js";
import { editKept, keptLines, size } from "./kept.js";
import { makeRoom } from "./room.js";
import { makeSaving } from "./saving.js";
import { inShop } from "./shops.js";
import { h265Word, showTrial } from "./trial.js";
import "../parts/apply-state.js";

const EVERY_MS = 4_000;
const FAR_MS = 2_000;

const room = makeRoom();
const trouble = h("div", { class: "trouble", role: "alert", hidden: true });
const applied = h("apply-state");
const state = h("p", { class: "state camera-state", role: "status" });
const why = h("p", { class: "help" });
const detail = h("p", { class: "help figures" });
const figures = h("div", { class: "part streams" });
const still = h("div", { class: "part still" });
const footage = h("div", { class: "part footage" });
const tests = h("div", { class: "part tests" });
const whole = h(
  "div",
  { class: "camera-page" },
  h("div", { class: "part now" }, state, why, detail),
  still,
  figures,
  tests,
  footage,
);
room.main.append(trouble, applied, whole);
const edit = makeSaving(paint, applied, refresh);
const editShare = makeSaving(paint, applied, async () => {
  kept = await cameraFootage(page.camera);
  paintFootage();
});
let camera = null;
let kept = null;
let asked = null;
let picture = null;

async function start() {
  try {
    camera = await cameraNow(page.camera);
    [kept] = await Promise.all([cameraFootage(page.camera), load()]);
    trouble.hidden = true;
  } catch (error) {
    // Policy: the page says what went wrong and offers to try again.
    const gone = error.code === "not_found";
    whole.hidden = true;
    trouble.hidden = false;
    trouble.replaceChildren(
      h("p", {}, gone ? _("There is no such camera (any more).") : error.message),
      gone
        ? h("a", { class: "button", href: inShop("/settings") }, _("Back to the settings"))
        : h("button", { type: "button", onclick: start }, _("Try again")),
    );
    room.title(_("Camera"));
    return;
  }
  whole.hidden = false;
  paint();
  if (camera.newest_at || camera.main) look();
}

async function refresh() {
  if (!camera) return;
  try {
    camera = await cameraNow(page.camera);
    paintNow();
  } catch {
    // Policy: figures that cannot be had now are asked for again; the page stays.
  }
}

function paint() {
  if (!camera) return;
  room.title(camera.name);
  paintNow();
  paintStill();
  paintFootage();
  paintTests();
}

function paintNow() {
  const { state: is, main } = camera;
  const since = is ? moment(is.since_at) : "";
  const stale = camera.record && (!main || main.is_stale);
  const words = {
    recording: _("Recording since {at}", { at: since }),
    connecting: _("Connecting since {at}", { at: since }),
    paused: _("Not recording since {at}: the disk is full", { at: since }),
    lost: _("Lost since {at}", { at: since }),
    ended: _("Ended {at}", { at: since }),
  };
  const word = !camera.record
    ? _("This camera is not recorded.")
    : !is
      ? _("This camera was never seen yet.")
      : stale && is.status === "recording"
        ? _("Nothing was heard of the recorder for a while.")
        : words[is.status];
  const good = camera.record && is?.status === "recording" && !stale;
  state.dataset.state = good ? "ok" : "attention";
  state.replaceChildren(icon(good ? "watched" : "unwatched"), h("span", {}, word));
  const retry = is?.status === "lost" && is.retry_at ? _("It is tried again by itself.") : "";
  say(why, retry);
  say(detail, good ? "" : told(is?.reason?.words));
  why.hidden = !retry;
  detail.hidden = !detail.textContent;
  paintFigures();
}

/** How the sound is coded, or why none is recorded. */
function soundWord(known) {
  if (!camera.sound) return _("not recorded (switched off)");
  if (!known) return null;
  if (known.codec) {
    const words = { codec: { aac: "AAC", opus: "Opus" }[known.codec], khz: known.rate / 1000 };
    return known.channels === 1 ? _("{codec}, {khz} kHz, one channel", words) : _("{codec}, {khz} kHz, two channels", words);
  }
  if (known.why === "codec") return _("none: the camera sends {codec}, expected AAC or Opus", { codec: known.came });
  if (known.why === "refused") return _("none: the camera does not give it ({answer})", { answer: known.came });
  return _("none: the camera sends none");
}

function paintFigures() {
  const { main, small } = camera;
  const fresh = main && !main.is_stale ? main : null;
  const off = main?.clock_off_ms;
  const rows = [
    [_("Watched by"), camera.lanes.length ? camera.lanes.map(laneWord).join(", ") : _("no lane")],
    [_("Address"), camera.address],
    [_("Codec and size"), main?.codec ? `${codecWord(main.codec)} · ${main.width}×${main.height}` : null],
    [_("Sound"), main ? soundWord(main.sound) : null, camera.sound && Boolean(main?.sound?.why)],
    [_("Bitrate now"), rate(fresh?.kbit_s)],
    [_("Bitrate over the last hour"), rate(camera.hour_kbit_s)],
    [_("Pictures a second"), fresh?.fps ?? null],
    [_("Keyframe interval"), interval(main?.keyframe_ms)],
    [
      _("Camera's clock"),
      off === null || off === undefined ? null : offWord(off),
      off !== null && off !== undefined && Math.abs(off) > FAR_MS,
    ],
    [_("Network packets lost"), main?.lost ?? null, main?.lost > 0],
    [_("Pictures that came late or damaged"), main ? `${main.late} / ${main.damaged}` : null, main?.damaged > 0],
    [_("Pieces not written"), main?.not_kept ?? null, main?.not_kept > 0],
    [_("Times lost in the last day"), camera.losses_day, camera.losses_day > 3],
    [_("Counted since"), main ? moment(main.since_at) : null],
  ];
  const sub = small && [
    [_("Address"), camera.sub],
    [_("State"), told(small.reason?.words) || (small.state === "recording" ? _("is read") : _("Connecting")), small.state !== "recording"],
    [_("Codec and size"), small.codec ? `${codecWord(small.codec)} · ${small.width}×${small.height}` : null],
    [_("Bitrate now"), small.is_stale ? null : rate(small.kbit_s)],
    [_("Pictures a second"), small.is_stale ? null : small.fps],
  ];
  figures.replaceChildren(
    h("h2", {}, _("The recorded stream")),
    table(main ? rows : rows.filter(([, is]) => is !== null)),
    ...(sub ? [h("h2", {}, _("The smaller stream, which is watched")), table(sub)] : []),
    ...advice().map((line) => h("p", { class: "help advice" }, line)),
  );
}

function advice() {
  const { main } = camera;
  const lines = [];
  if (main && codecWord(main.codec) === "H.265") lines.push(h265Word());
  if (main?.keyframe_ms > 2500) lines.push(_("Set the keyframe interval to 1–2 seconds: clips and pictures come sooner."));
  if (main?.lost > 0) lines.push(_("Packets get lost on the way: check cable, switch and Wi-Fi."));
  if (Math.abs(main?.clock_off_ms ?? 0) > FAR_MS) lines.push(_("Recording goes by this server's clock. Only what the camera writes into its picture is off."));
  if (!camera.sub && main?.width > 1280) lines.push(_("A smaller stream for watching would save work: edit the camera, and find it or write its address."));
  return lines;
}

function table(rows) {
  return h(
    "dl",
    { class: "camera-figures" },
    rows.map(([what, is, attention]) =>
      h(
        "div",
        { "data-state": attention ? "attention" : null },
        h("dt", {}, what),
        h("dd", { class: "figures" }, attention ? icon("lost") : null, h("span", {}, is === null || is === undefined ? _("not known") : String(is))),
      ),
    ),
  );
}

function codecWord(codec) {
  return { h264: "H.264", h265: "H.265", hevc: "H.265" }[codec] ?? codec;
}

function rate(kbit_s) {
  if (kbit_s === null || kbit_s === undefined) return null;
  return kbit_s >= 1000 ? `${(kbit_s / 1000).toFixed(2)} Mbit/s` : `${Math.round(kbit_s)} kbit/s`;
}

function interval(ms) {
  return ms === null || ms === undefined ? null : _("{n} s", { n: (ms / 1000).toFixed(2) });
}

function offWord(ms) {
  if (Math.abs(ms) < 100) return _("right to 0.1 s");
  const values = { n: (Math.abs(ms) / 1000).toFixed(1) };
  return ms > 0 ? _("{n} s ahead of ours", values) : _("{n} s behind ours", values);
}

function paintStill() {
  const title = h("h2", {}, _("What it shows"));
  const again = h("div", { class: "acts" }, h("button", { type: "button", onclick: look }, _("Take a new picture")));
  if (!picture) {
    still.replaceChildren(title, h("p", { class: "nothing" }, _("No picture yet.")), ...(camera.main ? [again] : []));
    return;
  }
  const at = picture.taken_at ? moment(Number(picture.taken_at) / 1000) : null;
  const shows = picture.url
    ? h("div", { class: "tried" }, h("img", { src: picture.url, alt: _("What the camera shows") }))
    : h("p", { class: "nothing" }, picture.waiting ? _("Asking the camera…") : _("There is no picture of this moment."));
  still.replaceChildren(title, shows, at ? h("p", { class: "help figures" }, _("Taken {at}", { at })) : "", again);
}

async function look() {
  const before = picture?.url;
  picture = { url: before, taken_at: picture?.taken_at, waiting: true };
  paintStill();
  try {
    const { blob, taken_at } = await shown(stillUrl(camera.id, null, 960));
    picture = { url: URL.createObjectURL(blob), taken_at };
  } catch {
    // Policy: a camera that shows nothing now is no mistake of the page; its state is told above.
    picture = { url: null };
  }
  if (before) URL.revokeObjectURL(before);
  paintStill();
}

/** A day, leading to its footage where one may look; the player goes on to what there is of it. */
function watched(day) {
  const word = longDate(dayStart(day));
  if (!page.rooms.includes("/footage")) return word;
  const from = Math.max(dayStart(day), Date.parse(kept.oldest_at));
  return h("a", { href: `/footage?${new URLSearchParams({ cameras: camera.id, at: new Date(from).toISOString() })}` }, word);
}

function lengthWord(hours) {
  return hours < 1 ? _("{n} min", { n: Math.max(1, Math.round(hours * 60)) }) : _("{n} h", { n: hours.toFixed(1) });
}

function paintFootage() {
  const { days, bytes, oldest_at } = kept;
  const title = h("h2", {}, _("Footage on the disk"));
  const shop = settings()?.shops[0];
  const period = h(
    "div",
    { class: "period" },
    keptLines(kept).map(({ text, attention }) => h("p", { class: attention ? "trouble" : "help" }, text)),
    h(
      "div",
      { class: "acts" },
      shop && page.may.retention ? h("button", { type: "button", onclick: () => editShare(() => editKept(shop, camera, kept)) }, _("Change how much is kept")) : null,
      page.may.retention ? h("a", { class: "button quiet", href: inShop("/settings/retention") }, _("The shop's periods")) : null,
    ),
  );
  if (!days.length) {
    footage.replaceChildren(title, h("p", { class: "nothing" }, _("No footage yet.")), period);
    return;
  }
  const most = Math.max(...days.map((day) => day.bytes));
  const rows = days.slice(0, 31).map(({ day, bytes: of_day, hours }) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, watched(day)),
      h("td", { class: "figures" }, size(of_day)),
      h("td", { class: "figures" }, lengthWord(hours)),
      h("td", { class: "share" }, h("meter", { min: 0, max: most, value: of_day, "aria-label": size(of_day) })),
    ),
  );
  const sum = _("{size} on {n} days, the oldest from {at}", { size: size(bytes), n: days.length, at: moment(oldest_at) });
  footage.replaceChildren(
    title,
    h("p", { class: "figures" }, sum),
    h(
      "div",
      { class: "table", tabindex: 0, role: "region", "aria-label": _("Footage on the disk") },
      h(
        "table",
        { class: "days" },
        h("thead", {}, h("tr", {}, [_("Day"), _("Size"), _("Length")].map((word) => h("th", { scope: "col" }, word)), h("td", { class: "share" }))),
        h("tbody", {}, rows),
      ),
    ),
    period,
  );
}

function paintTests() {
  const result = h("div", { class: "tried", "aria-live": "polite" });
  const told = h("div", { class: "asked", "aria-live": "polite" });
  const shop = settings()?.shops[0];
  const known = shop?.cameras.find(({ id }) => id === camera.id);
  const tryIt = h("button", { type: "button", onclick: () => run(tryIt, result, _("Opening the camera… this may take up to 20 seconds."), trial) }, _("Try the camera"));
  const askIt = h("button", { type: "button", onclick: () => run(askIt, told, _("Asking the camera…"), report) }, _("Ask the camera (ONVIF)"));

  async function trial() {
    const { address, user, transport } = known;
    showTrial(result, await tryCamera({ shop: shop.id, camera: camera.id, address, user, password: null, transport }));
  }

  async function report() {
    asked = await askCamera({ shop: shop.id, camera: camera.id });
    paintAsked(told);
  }

  tests.replaceChildren(
    h("h2", {}, _("Tests")),
    h("p", { class: "help" }, _("Neither interrupts the recording. Some cameras serve few viewers at once.")),
    h(
      "div",
      { class: "acts" },
      known ? [tryIt, askIt] : null,
      known ? h("button", { type: "button", onclick: () => edit(() => editCamera(shop, known)) }, _("Edit")) : null,
    ),
    result,
    told,
  );
  if (asked) paintAsked(told);
}

async function run(button, holder, waiting, test) {
  button.disabled = true;
  holder.replaceChildren(h("p", { class: "help" }, waiting), h("progress", { "aria-label": waiting }));
  try {
    await test();
  } catch (error) {
    // Policy: what keeps a test from being made is told where its result would stand.
    holder.replaceChildren(h("p", { class: "trouble", role: "alert" }, error.message));
  }
  button.disabled = false;
}

function paintAsked(holder) {
  if (asked.trouble) {
    holder.replaceChildren(
      h("p", { class: "trouble", role: "alert" }, icon("lost"), askedTrouble(asked)),
      asked.detail ? h("p", { class: "help figures" }, asked.detail) : "",
    );
    return;
  }
  const about = [asked.maker, asked.model, asked.firmware, asked.serial].filter(Boolean).join(" · ");
  holder.replaceChildren(
    h("h3", {}, about || _("Camera")),
    asked.clock ? h("p", { class: asked.clock.is_far ? "trouble" : "help" }, clockLine(asked.clock)) : "",
    h(
      "ul",
      { class: "profiles" },
      asked.profiles.map((one) => h("li", {}, h("b", {}, one.name), " ", h("span", { class: "figures" }, streamLine(one)), h("span", { class: "address figures" }, one.url ?? ""))),
    ),
    asked.events.length ? h("details", {}, h("summary", {}, _("Events it can tell of: {n}", { n: asked.events.length })), h("p", { class: "figures" }, asked.events.join(", "))) : "",
    ...asked.notes.map((note) => h("p", { class: "help figures" }, note)),
  );
}

document.addEventListener("language", paint);
room.title(_("Camera"));
start();
setInterval(refresh, EVERY_MS);
