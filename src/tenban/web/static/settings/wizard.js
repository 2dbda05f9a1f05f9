// /settings/lanes/new: from a camera's address to a lane that is watched, step by step, each with its state and a way back.
import { h, say } from "../dom.js";
import { icon } from "../parts/icon.js";
import { whyNot } from "../parts/apply-state.js";
import "../parts/zone-board.js";
import { againLines } from "../parts/trouble-box.js";
import { _, laneWord } from "../words.js";
import { eyesOf, freeLane, laneStates, load, running, save, settings, tryCamera } from "./desk.js";
import { cameraChange, cameraFields, idField, registerChange, registerFields } from "./edits.js";
import { findField } from "./finding.js";
import { makeField, makeMoved, placeMistakes } from "./form.js";
import { sayMistake } from "./mistakes.js";
import { makeRoom } from "./room.js";
import { inShop } from "./shops.js";
import { showTrial } from "./trial.js";
import { ZoneModel, suggestion } from "./zone-model.js";
import { makePanel, missing } from "./zone-panel.js";

const LOOK_MS = 700;
const SLOW_MS = 30_000;
const STEPS = ["camera", "picture", "register", "zones", "save"];

const room = makeRoom();
const steps = h("ol", { class: "steps" });
const stage = h("section", { class: "step" });
room.main.append(steps, stage);

// What was entered so far; a step back loses none of it.
const made = { at: 0, shop: null, camera: null, fields: null, tried: null, register: undefined, registerFields: null, saved: false };
const model = new ZoneModel();
const board = h("zone-board");
board.model = model;
const panel = makePanel(model, board);
let waiting = 0;

async function start() {
  try {
    await load();
  } catch (error) {
    // Policy: the page says what went wrong and offers to try again.
    stage.replaceChildren(h("div", { class: "trouble", role: "alert" }, againLines(error, start)));
    return;
  }
  const { shops, mistakes } = settings();
  if (mistakes.length) {
    stage.replaceChildren(
      h("p", { class: "trouble", role: "alert" }, _("tenban.toml was changed by hand and has mistakes. What ran before goes on; nothing can be saved here.")),
      h("a", { class: "button", href: inShop("/settings/history") }, _("Put an earlier revision back")),
    );
    return;
  }
  made.shop = shops[0];
  const wanted = new URLSearchParams(location.search).get("register");
  for (const shop of shops) {
    const register = shop.registers.find(({ id }) => id === wanted);
    if (register) Object.assign(made, { shop, register });
  }
  model.load(suggestion(), { saved: false });
  go(0);
}

function go(step) {
  clearTimeout(waiting);
  made.at = step;
  paint();
  stage.querySelector("h2")?.focus();
}

function paintSteps() {
  const words = {
    camera: _("Camera"),
    picture: _("Picture"),
    register: _("Register"),
    zones: _("Zones"),
    save: _("Watched"),
  };
  steps.replaceChildren(
    ...STEPS.map((name, at) => {
      const state = at < made.at || (at === 4 && made.saved === "watched") ? "done" : at === made.at ? "now" : "later";
      const mark = state === "done" ? icon("true") : h("span", { class: "number figures" }, String(at + 1));
      const content = [mark, h("span", {}, words[name])];
      return h(
        "li",
        { "data-state": state, "aria-current": at === made.at ? "step" : null },
        at < made.at && !made.saved
          ? h("button", { type: "button", class: "quiet", onclick: () => go(at) }, content)
          : h("span", { class: "label" }, content),
      );
    }),
  );
}

function ways({ next = null, word = _("Next"), disabled = false, extra = [] }) {
  return h(
    "div",
    { class: "acts ways-on" },
    made.at > 0 && !made.saved ? h("button", { type: "button", class: "back", onclick: () => go(made.at - 1) }, _("Back")) : null,
    next ? h("button", { type: "button", class: "primary next", disabled, onclick: next }, word) : null,
    extra,
  );
}

function heading(text) {
  return h("h2", { tabindex: -1 }, text);
}

// ---- 1: which camera

function paintCamera() {
  const known = eyesOf(made.shop);
  const choice = makeField({
    name: "which",
    label: _("Camera"),
    kind: "select",
    value: made.camera?.id ?? "",
    options: [["", _("a new one")], ...known.map(({ id, name, of }) => [id, of ? `${of} › ${name}` : name])],
  });
  const fields = h("div", { class: "fields" });
  const form = h(
    "form",
    { novalidate: true },
    known.length ? choice.element : null,
    fields,
    ways({ next: forward, word: _("Open the camera") }),
  );

  function show() {
    if (made.camera) fields.replaceChildren(h("p", { class: "help figures" }, made.camera.address));
    else {
      if (!made.fields) {
        made.fields = cameraFields(null);
        made.fields.unshift(findField(made.shop, made.fields));
      }
      fields.replaceChildren(...made.fields.map(({ element }) => element));
    }
  }

  function forward() {
    if (!made.camera && !valueOf(made.fields, "name").trim()) {
      const field = made.fields.find(({ name }) => name === "name");
      field.trouble(_("Expected: {wanted}.", { wanted: _("at least one character") }));
      field.input.focus();
      return;
    }
    made.tried = null;
    go(1);
  }

  choice.input.addEventListener("change", () => {
    made.camera = known.find(({ id }) => id === choice.value) ?? null;
    show();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    forward();
  });
  show();
  stage.replaceChildren(
    heading(_("Which camera looks at the lane?")),
    h("p", { class: "help" }, _("It should see the basket, the scanner and the bagging area from above.")),
    form,
  );
}

function valueOf(fields, name) {
  return fields.find((field) => field.name === name).value;
}

function valuesOf(fields) {
  return Object.fromEntries(fields.map((field) => [field.name, field.value]));
}

function cameraPart() {
  const change = cameraChange(made.shop, made.camera, valuesOf(made.fields));
  return { ...change, id: settings().shops[0].free.camera };
}

// ---- 2: what it shows

async function paintPicture() {
  const result = h("div", { class: "tried", "aria-live": "polite" });
  const bar = h("progress", { "aria-label": _("Opening the camera… this may take up to 20 seconds.") });
  const again = h("button", { type: "button", onclick: () => ((made.tried = null), paintPicture()) }, _("Try again"));
  const on = ways({ next: () => go(2), disabled: !made.tried || made.tried.trouble, extra: [again] });
  stage.replaceChildren(heading(_("What the camera shows")), result, on);
  if (!made.tried) {
    result.replaceChildren(h("p", { class: "help" }, _("Opening the camera… this may take up to 20 seconds.")), bar);
    again.disabled = true;
    const tried = await tryNow(result);
    if (made.at !== 1 || !result.isConnected) return;
    again.disabled = false;
    if (!tried) return;
    made.tried = tried;
    on.querySelector(".next").disabled = Boolean(tried.trouble);
  }
  showTrial(result, made.tried);
  if (!made.tried.trouble) board.picture = made.tried.picture;
}

async function tryNow(result) {
  const { shop, camera } = made;
  const asked = camera ? { ...camera, password: null } : cameraPart();
  const body = {
    shop: shop.id,
    camera: camera?.id ?? null,
    address: asked.address,
    user: asked.user,
    password: camera ? null : (asked.password ?? ""),
    transport: asked.transport,
  };
  try {
    return await tryCamera(body);
  } catch (error) {
    // Policy: what is wrong with the address stands beside it, one step back.
    if (error.more.mistakes && made.fields && made.at === 1) {
      go(0);
      placeMistakes(made.fields, error.more.mistakes);
      return null;
    }
    result.replaceChildren(h("p", { class: "trouble", role: "alert" }, error.message));
    return null;
  }
}

// ---- 3: which register

function paintRegister() {
  const known = made.shop.registers;
  const bare = known.filter(({ views }) => views.length === 0);
  const others = known.filter(({ views }) => views.length > 0);
  made.register ??= null;
  const choice = makeField({
    name: "which",
    label: _("Register"),
    kind: "select",
    value: made.register?.id ?? "",
    options: [
      ["", _("a new one")],
      ...bare.map(({ id, name }) => [id, laneWord(name)]),
      ...others.map(({ id, name }) => [id, _("{lane} (has a camera already)", { lane: laneWord(name) })]),
    ],
  });
  const fields = h("div", { class: "fields" });

  function show() {
    if (made.register) {
      fields.replaceChildren();
      return;
    }
    const { id, name } = freeLane(made.shop);
    made.registerFields ??= [...registerFields(made.shop, { name, kind: "self", group: made.shop.groups[0]?.id }), idField(id)];
    fields.replaceChildren(...made.registerFields.map(({ element }) => element));
  }

  choice.input.addEventListener("change", () => {
    made.register = known.find(({ id }) => id === choice.value) ?? null;
    show();
  });
  show();
  const form = h("form", { novalidate: true }, known.length ? choice.element : null, fields, ways({ next: () => go(3) }));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    go(3);
  });
  stage.replaceChildren(heading(_("Which register is it?")), form);
}

// ---- 4: zones

function paintZones() {
  const lacks = missing(model.zones);
  const next = () => {
    if (!model.faults.some(Boolean)) go(4);
  };
  stage.replaceChildren(
    heading(_("Where is what?")),
    h("p", { class: "help" }, _("Four zones are suggested. Choose one and drag its corners to where they belong.")),
    h("div", { class: "zone-room" }, h("div", { class: "stage" }, board), h("div", { class: "side" }, panel.element)),
    ways({ next, word: lacks.length ? _("Next, all the same") : _("Next") }),
  );
  panel.paint();
}

// ---- 5: save and wait

function paintSave() {
  const trouble = h("div", { class: "whole" });
  const lines = h("ul", { class: "summary" });
  const name = made.camera?.name ?? valueOf(made.fields, "name");
  const lane = made.register?.name ?? valueOf(made.registerFields, "name");
  const rows = [
    [_("Camera"), name],
    [_("Register"), laneWord(lane)],
    [_("Zones"), String(model.zones.length)],
  ];
  lines.append(...rows.map(([what, is]) => h("li", {}, h("span", {}, what), h("b", {}, is))));
  const on = ways({ next: store, word: _("Save and watch") });
  stage.replaceChildren(heading(_("Save and watch")), lines, trouble, on);

  async function store() {
    const button = on.querySelector(".next");
    button.disabled = true;
    try {
      const done = await save(change());
      made.saved = "saved";
      paintSteps();
      await wait(done);
    } catch (error) {
      // Policy: nothing was saved; the step that holds the mistake is shown.
      button.disabled = false;
      refused(error, trouble, store);
    }
  }
}

function change() {
  const camera = made.camera ? null : cameraPart();
  const register = made.register ? null : registerChange(made.shop, null, valuesOf(made.registerFields));
  const view = {
    kind: "view",
    register: made.register?.id ?? register.id,
    camera: made.camera?.id ?? camera.id,
    zones: model.zones.map(({ role, polygon }) => ({ role, polygon })),
  };
  return { kind: "lane", camera, register, view };
}

function refused(error, trouble, store) {
  if (error.code === "settings_moved") {
    const moved = makeMoved(error.more.since, {
      onmine: async () => {
        await load();
        made.shop = settings().shops.find(({ id }) => id === made.shop.id);
        await store();
      },
      ontheirs: () => location.assign(inShop("/settings")),
    });
    trouble.replaceChildren(moved);
    return;
  }
  const mistakes = error.more.mistakes ?? [];
  const held = (fields, kind) =>
    fields && mistakes.some(({ where }) => where.includes(kind)) && placeMistakes(fields, byLastKey(mistakes));
  if (!made.register && mistakes.some(({ field, where }) => where.includes(".register[") || field === "id")) {
    go(2);
    held(made.registerFields, "");
    return;
  }
  if (!made.camera && mistakes.some(({ where, field }) => where.includes(".camera[") || field === "address")) {
    go(0);
    held(made.fields, "");
    return;
  }
  const lines = mistakes.length ? mistakes.map((one) => `${one.where}: ${sayMistake(one)}`) : [error.message];
  trouble.replaceChildren(...lines.map((line) => h("p", { class: "trouble", role: "alert" }, line)));
}

function byLastKey(mistakes) {
  return mistakes.map((one) => {
    const last = one.where.split(".").at(-1);
    return { ...one, field: last === "url" ? "address" : last };
  });
}

/** Wait until the lane is watched, telling each stage. */
function wait(done) {
  const register = made.register?.id ?? valueOf(made.registerFields, "id");
  const began = performance.now();
  const list = h("ul", { class: "stages", role: "status" });
  const end = h("div", { class: "acts" });
  stage.replaceChildren(heading(_("Saved. The lane is being taken up.")), list, end);
  stage.querySelector("h2").focus();

  async function look() {
    try {
      const [parts, lanes] = await Promise.all([running(), laneStates()]);
      paintStages(parts.all, lanes.find(({ id }) => id === register));
    } catch {
      // Policy: a server that does not answer just now is asked again.
    }
    if (made.saved !== "watched") waiting = setTimeout(look, LOOK_MS);
  }

  function paintStages(taken, lane) {
    const recording = taken && lane?.cameras.some(({ state }) => state === "recording");
    const watched = recording && lane.watched;
    const why = whyNot(lane);
    const rows = [
      [true, _("Settings saved")],
      [taken, _("Taken over by recorder and watcher")],
      [recording, _("The camera is being recorded")],
      [watched, _("The lane is watched")],
    ];
    list.replaceChildren(
      ...rows.map(([is, word]) => h("li", { "data-state": is ? "done" : "waiting" }, icon(is ? "true" : "clock"), h("span", {}, word))),
    );
    const slow = performance.now() - began > SLOW_MS;
    if (!watched && (why || slow) && taken)
      list.append(h("li", { class: "help" }, why || _("This takes longer than usual. You may leave this page; the lane goes on by itself.")));
    if (watched && made.saved !== "watched") {
      made.saved = "watched";
      paintSteps();
      say(stage.querySelector("h2"), _("The lane is watched."));
      end.replaceChildren(
        h("a", { class: "button primary", href: `/settings/zones/${register}/${done.place ?? 0}` }, _("See what the detector sees")),
        h("a", { class: "button", href: inShop("/settings/lanes/new") }, _("Next lane")),
        h("a", { class: "button", href: inShop("/settings") }, _("Back to the settings")),
      );
    } else if (!watched && slow && !end.children.length) {
      end.replaceChildren(h("a", { class: "button", href: inShop("/settings") }, _("Back to the settings")));
    }
  }

  return look();
}

function paint() {
  room.title(_("New lane"));
  if (!made.shop) return;
  paintSteps();
  if (made.saved) return;
  [paintCamera, paintPicture, paintRegister, paintZones, paintSave][made.at]();
}

document.addEventListener("language", paint);
room.title(_("New lane"));
start();
