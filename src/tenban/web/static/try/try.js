// /try: one page, two places: where a try begins, and one try through all its states.
import { h, say } from "../dom.js";
import { _, page } from "../words.js";
import { makeBegin } from "./begin.js";
import * as desk from "./desk.js";
import { makeDraw } from "./draw.js";
import { makeResult } from "./result.js";
import { makeRoom, toasts } from "./room.js";
import { nameOf, stateWord, whenWord } from "./words.js";

const LOOK_MS = 800;
const LOOK_AGAIN_MS = 3_000;
const AT_WORK = new Set(["checking", "waiting", "counting"]);

const main = makeRoom({ onhome: () => go(null) });
const begin = makeBegin({ pick: pickSample, bring, open: (id) => go(id) });
const draw = makeDraw({ count, away });
const result = makeResult({ redraw });
const trouble = h("div", { class: "trouble", role: "alert", hidden: true });
const title = h("h1");
const state = h("p", { class: "state", role: "status" });
const bar = h("progress", { max: "1" });
const percent = h("span", { class: "figures" });
const doing = h("p", {});
const stop = h("button", { type: "button" });
const picture = h("img", { alt: "", class: "first" });
const work = h("div", { class: "work" }, picture, doing, h("div", { class: "reel" }, bar, percent), h("div", { class: "acts" }, stop));
const other = h("button", { type: "button", class: "primary", onclick: () => go(null) });
const again = h("button", { type: "button", onclick: () => act(() => desk.retry(shown.id)) });
const otherZones = h("button", { type: "button", onclick: redraw });
const why = h("p");
const kept = h("p");
const failure = h("div", { class: "failure" }, h("div", { class: "trouble", role: "alert" }, why), kept, h("div", { class: "acts" }, other, otherZones, again));
const gone = h("span");
const away1 = h("button", { type: "button", onclick: () => sure.showModal() });
const place = h("div", { class: "place" });
const room = h("div", { class: "one" }, h("header", {}, title, state), place, h("footer", {}, gone, away1));
const sureTitle = h("h2", { id: "sure-title" });
const sureWhat = h("p");
const sureYes = h("button", { type: "button", class: "primary", onclick: forget });
const sureNo = h("button", { type: "button", onclick: () => sure.close() });
const sure = h("dialog", { class: "sure", "aria-labelledby": "sure-title" }, sureTitle, sureWhat, h("div", { class: "acts" }, sureYes, sureNo));

let id = idOfUrl();
let shown = null;
let sending = null;
let drawing = false;
let timer = 0;
let asked = 0;

main.append(trouble);
document.body.append(sure);

function idOfUrl() {
  return location.pathname.match(/^\/try\/([0-9a-f-]{36})$/)?.[1] ?? null;
}

/** Go to one try, or to where they begin. */
function go(wanted) {
  if (wanted !== idOfUrl()) history.pushState(null, "", wanted ? `/try/${wanted}` : "/try");
  enter();
}

function enter() {
  id = idOfUrl();
  drawing = false;
  result.leave();
  if (shown?.id !== id) shown = null;
  complain("");
  scrollTo({ top: 0 });
  look();
}

async function look() {
  clearTimeout(timer);
  const turn = (asked += 1);
  try {
    if (id) {
      const found = await desk.one(id);
      if (turn !== asked) return;
      shown = found;
    } else {
      const found = await desk.list();
      if (turn !== asked) return;
      begin.show(found);
    }
    complain("");
    paint();
  } catch (error) {
    // Policy: the page says what is wrong and looks again by itself, unless looking again cannot help.
    if (turn !== asked) return;
    complain(error.status === 404 ? _("This try is no longer there: it was deleted.") : desk.sentence(error), error.status);
    if (error.status === 404) shown = null;
    paint();
    if (error.status !== 0 && error.status < 500) return;
    timer = setTimeout(look, LOOK_AGAIN_MS);
    return;
  }
  if (id && AT_WORK.has(shown.state)) timer = setTimeout(look, document.hidden ? LOOK_AGAIN_MS : LOOK_MS);
}

async function act(ask) {
  try {
    shown = await ask();
    drawing = false;
    complain("");
    asked += 1;
    paint();
    look();
    return true;
  } catch (error) {
    // Policy: what was refused is told; everything on the page stays as it is.
    complain(desk.sentence(error), error.status);
    return false;
  }
}

async function pickSample(sample) {
  try {
    go((await desk.pick(sample)).id);
  } catch (error) {
    // Policy: as above.
    complain(desk.sentence(error), error.status);
  }
}

async function bring(file) {
  const most = begin.limits?.max_mb;
  if (most && file.size > most * 1e6) {
    complain(
      _("Expected a file of at most {most} MB; {name} has {size} MB. Nothing was sent.", {
        most,
        name: file.name,
        size: (file.size / 1e6).toFixed(0),
      }),
    );
    return;
  }
  complain("");
  const way = desk.upload(file, (part) => {
    if (sending) sending.part = part;
    paint();
  });
  sending = { name: file.name, part: 0, abort: way.abort };
  paint();
  try {
    const one = await way.done;
    sending = null;
    go(one.id);
  } catch (error) {
    // Policy: an upload given up on purpose says nothing; any other says why and what was kept.
    sending = null;
    if (error.code !== "aborted") complain(desk.sentence(error), error.status);
    paint();
  }
}

async function count(order) {
  if (!(await act(() => desk.start(shown.id, order)))) draw.refuse(trouble.textContent);
}

function redraw() {
  drawing = true;
  result.leave();
  paint();
}

function away() {
  if (shown?.state === "done" || shown?.state === "failed") {
    drawing = false;
    paint();
  } else go(null);
}

async function forget() {
  sure.close();
  try {
    await desk.remove(shown.id);
    toasts.show(_("Deleted: the video, its pictures and its figures."));
    go(null);
  } catch (error) {
    // Policy: what could not be deleted is told; it is deleted by itself later.
    complain(desk.sentence(error), error.status);
  }
}

function complain(words, status = null) {
  trouble.hidden = !words;
  trouble.replaceChildren(h("p", {}, words));
  if (status === 401) trouble.append(h("a", { class: "button", href: "/login?next=/try" }, _("Sign in")));
  if (words && id && status === 404) trouble.append(h("button", { type: "button", onclick: () => go(null) }, _("Back to the list")));
}

// ---- painting

function put(...elements) {
  const [old, fresh] = [[...place.children], elements];
  if (old.length !== fresh.length || old.some((one, at) => one !== fresh[at])) place.replaceChildren(...fresh);
}

function paint() {
  if (!page.may.try) {
    complain(_("Your role does not allow trying videos. A supervisor or an administrator may."));
    return;
  }
  if (sending) {
    title.textContent = sending.name;
    paintWork(_("Sending the video"), sending.part, _("Give up"), () => sending?.abort());
    say(state, "");
    gone.textContent = "";
    away1.hidden = true;
    inhabit(room);
    return;
  }
  if (!id) {
    begin.paint();
    inhabit(begin.element);
    document.title = `${_("Try with a video")} · ${page.shop.name} · Tenban`;
    return;
  }
  inhabit(shown ? room : null);
  if (!shown) return;
  say(title, nameOf(shown));
  document.title = `${nameOf(shown)} · ${_("Try with a video")} · Tenban`;
  say(state, shown.owner.me ? stateWord(shown) : `${stateWord(shown)} · ${shown.owner.name}`);
  state.dataset.state = shown.state;
  say(gone, _("This try is deleted by itself on {when}.", { when: whenWord(shown.delete_at) }));
  away1.hidden = false;
  say(away1, _("Delete now"));
  say(sureTitle, _("Delete this try?"));
  say(sureWhat, _("The video, its pictures and its figures are deleted at once and cannot be brought back."));
  say(sureYes, _("Delete"));
  say(sureNo, _("Keep it"));
  if (drawing || shown.state === "ready") {
    put(draw.element);
    draw.show(shown);
  } else if (shown.state === "done") {
    put(result.element);
    result.show(shown);
  } else if (shown.state === "failed") paintFailure();
  else if (shown.state === "checking") paintWork(stateWord(shown), shown.progress, null, null);
  else {
    const waits = shown.state === "waiting";
    const words = waits ? _("Waiting until it is this video's turn") : _("Counting item by item");
    paintWork(words, shown.progress, _("Cancel"), () => act(() => desk.cancel(shown.id)));
  }
}

function paintWork(words, part, stopWord, onstop) {
  say(doing, words);
  picture.hidden = !shown?.picture_url || Boolean(sending);
  if (!picture.hidden && !picture.src.endsWith(shown.picture_url)) picture.src = shown.picture_url;
  bar.setAttribute("aria-label", words);
  if (part > 0) bar.value = part;
  else bar.removeAttribute("value");
  say(percent, part > 0 ? `${Math.round(part * 100)} %` : "");
  stop.hidden = !stopWord;
  say(stop, stopWord ?? "");
  stop.onclick = onstop;
  put(work);
}

function paintFailure() {
  const words = shown.error ?? {};
  say(why, words[document.documentElement.lang] ?? words.en ?? "");
  say(kept, shown.video ? _("The video and the zones are kept.") : _("Until it is deleted, only this message and the file are kept."));
  say(other, _("Choose another video"));
  say(again, _("Try again"));
  say(otherZones, _("Try other zones"));
  otherZones.hidden = !shown.video;
  put(failure);
}

function inhabit(element) {
  for (const one of [begin.element, room]) if (one !== element) one.remove();
  if (element && !element.isConnected) main.append(element);
}

addEventListener("popstate", enter);
document.addEventListener("visibilitychange", () => !document.hidden && id && look());
document.addEventListener("language", paint);
if (page.may.try) enter();
else paint();
