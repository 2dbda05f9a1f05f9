// /settings/cameras/CAMERA/lens: how a fisheye camera pictures the world, and its named views, on its picture.
import { ask } from "../api.js";
import { h, say } from "../dom.js";
import "../parts/apply-state.js";
import { effectWord } from "../parts/apply-state.js";
import "../parts/fisheye-view.js";
import "../parts/lens-circle.js";
import "../parts/trouble-box.js";
import { _, laneWord, page } from "../words.js";
import { attempt, load, settings, stillUrl } from "./desk.js";
import { makeField, makeMoved, placeMistakes } from "./form.js";
import { sayMistake } from "./mistakes.js";
import { makeRoom } from "./room.js";
import { makeDrawing } from "./saving.js";
import { inShop } from "./shops.js";

const CHECK_MS = 500;
const FRESH = {
  mount: "ceiling",
  lens: "equidistant",
  circle: [0.5, 0.5, 0.28],
  fov: 180,
  turned: 0,
  coefficients: [],
  views: [],
};
const MODES = [
  ["circle", () => _("Circle")],
  ["view", () => _("One view")],
  ["panorama", () => _("Panorama")],
  ["quad", () => _("Four views")],
];

const room = makeRoom();
const trouble = h("trouble-box");
const applied = h("apply-state");
const modes = h("div", { class: "choice", role: "group" });
const circle = h("lens-circle");
const view = h("fisheye-view", { hidden: true });
const picture = h("img", { alt: "" });
const freshButton = h("button", { type: "button", class: "quiet", onclick: freshPicture });
const findButton = h("button", { type: "button", onclick: findCircle });
const state = h("p", { class: "live-state", "aria-live": "polite" });
const turnWord = h("p", { class: "turn figures" });
const takeButton = h("button", { type: "button", onclick: takeView });
const views = h("ul", { class: "rows views" });
const viewsTitle = h("h2");
const form = h("form", { class: "fields", novalidate: true });
const whole = h("div", { class: "whole" });
const note = h("p", { class: "note", "aria-live": "polite" });
const saveButton = h("button", { type: "button", class: "primary", onclick: () => store() });
const dropButton = h("button", { type: "button", onclick: drop });
const noneButton = h("button", { type: "button", class: "quiet remove", onclick: noFisheye });

let camera = null;
let draft = null;
let kept = null;
let fields = [];
let mode = "circle";
let timer = 0;

room.main.append(
  trouble,
  applied,
  h(
    "div",
    { class: "lens-room" },
    h(
      "div",
      { class: "stage" },
      modes,
      h("div", { class: "screen" }, circle, view),
      h("div", { class: "acts" }, findButton, takeButton, freshButton),
      turnWord,
      state,
    ),
    h(
      "div",
      { class: "side" },
      form,
      h("section", { class: "part" }, viewsTitle, views),
      h("section", { class: "saving" }, whole, note, h("div", { class: "acts" }, saveButton, dropButton, noneButton)),
    ),
  ),
);

async function start() {
  try {
    await load();
    take();
    trouble.hidden = camera !== null;
    if (!camera) {
      trouble.replaceChildren(
        h("p", {}, _("There is no such camera in this shop (any more).")),
        h("a", { class: "button", href: inShop("/settings") }, _("Back to the settings")),
      );
    }
  } catch (error) {
    // Policy: the page says what went wrong and offers to try again.
    trouble.tell(error, start);
  }
  if (camera) freshPicture();
  paint();
}

function take() {
  camera = settings().shops.flatMap(({ cameras }) => cameras).find(({ id }) => id === page.camera) ?? null;
  kept = camera?.fisheye ?? null;
  draft = structuredClone(kept ?? FRESH);
  if (!kept && picture.naturalWidth) draft.circle = inscribed();
  makeFields();
  show();
}

function inscribed() {
  return [0.5, 0.5, Math.round((Math.min(1, picture.naturalHeight / picture.naturalWidth) / 2) * 1e4) / 1e4];
}

// ---- the picture

async function freshPicture() {
  freshButton.disabled = true;
  say(state, _("Fetching the picture…"));
  try {
    const response = await fetch(stillUrl(camera.id, null, 1920), { cache: "no-store" });
    if (!response.ok) throw new Error((await response.json()).error?.message);
    picture.src = URL.createObjectURL(await response.blob());
    await picture.decode();
    if (!kept && draft.circle === FRESH.circle) draft.circle = inscribed();
    circle.picture = picture;
    view.source = picture;
    show();
    say(state, "");
  } catch {
    // Policy: a lens can be described without a picture; the page says that there is none.
    say(state, _("No picture: the camera does not answer just now."));
  }
  freshButton.disabled = false;
}

async function findCircle() {
  findButton.disabled = true;
  try {
    const found = await ask(`/api/v1/settings/cameras/${encodeURIComponent(camera.id)}/circle`, { method: "POST" });
    draft.circle = found.circle;
    say(state, _("The circle was found."));
    changed();
  } catch (error) {
    // Policy: where none is found the circle is drawn by hand.
    say(state, error.code === "no_circle" ? _("No dark edge of a circle is seen; please draw it by hand.") : error.message);
  }
  findButton.disabled = false;
}

circle.addEventListener("circle", () => {
  draft.circle = circle.circle;
  changed();
});
view.addEventListener("turn", sayTurn);
view.addEventListener("mode", () => setMode(view.mode));

function setMode(wanted) {
  mode = wanted;
  show();
}

function show() {
  if (!draft) return;
  circle.hidden = mode !== "circle";
  view.hidden = mode === "circle";
  circle.circle = draft.circle;
  view.lens = draft;
  if (mode !== "circle") view.mode = mode;
  findButton.hidden = mode !== "circle";
  takeButton.hidden = mode !== "view";
  for (const button of modes.children) button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
  sayTurn();
}

function sayTurn() {
  const { pan, tilt, zoom } = view.turn;
  turnWord.hidden = mode !== "view";
  const across = { pan: Math.abs(pan).toFixed(1) };
  const upward = { tilt: Math.abs(tilt).toFixed(1) };
  const words = [
    pan < 0 ? _("{pan}° left", across) : _("{pan}° right", across),
    tilt < 0 ? _("{tilt}° down", upward) : _("{tilt}° up", upward),
    _("zoom {zoom}", { zoom: zoom.toFixed(2) }),
  ];
  say(turnWord, words.join(" · "));
}

// ---- the fields

function makeFields() {
  const figure = (name, label, value, help = "") =>
    makeField({ name, label, value: String(value), inputmode: "decimal", help });
  fields = [
    makeField({
      name: "mount",
      label: _("Where it hangs"),
      kind: "select",
      value: draft.mount,
      options: [
        ["ceiling", _("on the ceiling, looking down")],
        ["wall", _("on a wall, looking ahead")],
        ["desk", _("on a desk, looking up")],
      ],
    }),
    makeField({
      name: "lens",
      label: _("Lens"),
      kind: "select",
      value: draft.lens,
      help: _("As the maker says; equidistant (f-theta) where nothing is said. Straight edges must look straight in a view."),
      options: [
        ["equidistant", _("equidistant (f-theta)")],
        ["equisolid", _("equisolid")],
        ["stereographic", _("stereographic")],
        ["orthographic", _("orthographic")],
        ["polynomial", _("polynomial (Kannala–Brandt)")],
      ],
    }),
    figure("fov", _("Degrees across the circle"), draft.fov, _("Usually 180 to 190; 90 to 240")),
    figure("turned", _("Turn the picture clockwise, degrees"), draft.turned),
    figure("circle", _("Circle: middle x, middle y, radius"), draft.circle.join(", "), _("Shares of the width, the height, the width")),
    figure("coefficients", "k1, k2, k3, k4", draft.coefficients.join(", ")),
  ];
  form.replaceChildren(...fields.map(({ element }) => element));
  showCoefficients();
}

function field(name) {
  return fields.find((one) => one.name === name);
}

function showCoefficients() {
  field("coefficients").element.hidden = draft.lens !== "polynomial";
}

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", () => {
  const figures = (name) =>
    field(name)
      .value.split(/[,、\s]+/)
      .filter(Boolean)
      .map(Number);
  const one = (name) => figures(name)[0];
  const read = {
    mount: field("mount").value,
    lens: field("lens").value,
    fov: one("fov"),
    turned: one("turned") ?? 0,
    circle: figures("circle"),
    coefficients: field("lens").value === "polynomial" ? figures("coefficients") : [],
  };
  const wrong = [
    ["fov", !(read.fov >= 90 && read.fov <= 240)],
    ["turned", !Number.isFinite(read.turned)],
    ["circle", read.circle.length !== 3 || !read.circle.every(Number.isFinite) || !(read.circle[2] > 0)],
    ["coefficients", !read.coefficients.every(Number.isFinite)],
  ];
  for (const [name, is] of wrong) field(name).trouble(is ? _("Please enter figures.") : null);
  draft.mount = read.mount;
  draft.lens = read.lens;
  for (const [name, is] of wrong) if (!is) draft[name] = read[name];
  showCoefficients();
  changed({ typed: true });
});

function changed({ typed = false } = {}) {
  if (!typed) field("circle").input.value = draft.circle.join(", ");
  show();
  paint();
  clearTimeout(timer);
  timer = setTimeout(check, CHECK_MS);
}

// ---- named views

function takeView() {
  const { pan, tilt, zoom } = view.turn;
  const ids = new Set(settings().shops.flatMap((shop) => shop.cameras.flatMap((one) => [one.id, ...(one.fisheye?.views ?? []).map(({ id }) => id)])));
  for (const one of draft.views) ids.add(one.id);
  let n = 1;
  while (ids.has(`${camera.id}-${n}`)) n += 1;
  draft.views.push({
    id: `${camera.id}-${n}`,
    name: _("{camera}, view {n}", { camera: camera.name, n: draft.views.length + 1 }),
    pan: rounded(pan, 10),
    tilt: rounded(tilt, 10),
    zoom: rounded(zoom, 100),
  });
  changed();
  views.lastElementChild?.querySelector("input")?.select();
}

function rounded(value, by) {
  return Math.round(value * by) / by;
}

function paintView(one) {
  const lanes = settings()
    .shops.flatMap(({ registers }) => registers)
    .filter((register) => register.views.some((seen) => seen.camera === one.id))
    .map((register) => laneWord(register.name));
  const name = h("input", { value: one.name, "aria-label": _("Name of the view"), maxlength: "100" });
  name.addEventListener("input", () => {
    one.name = name.value;
    clearTimeout(timer);
    timer = setTimeout(check, CHECK_MS);
    paintButtons();
  });
  const button = (word, act, label) => h("button", { type: "button", class: "quiet", "aria-label": label, onclick: act }, word);
  return h(
    "li",
    { class: "row", "data-view": one.id },
    name,
    h("span", { class: "uses" }, lanes.length ? lanes.join(", ") : _("on no lane")),
    h(
      "div",
      { class: "acts" },
      button(
        _("Show"),
        () => {
          view.turn = one;
          setMode("view");
        },
        _("Show {name}", { name: one.name }),
      ),
      button(
        _("Set to this view"),
        () => {
          Object.assign(one, { pan: rounded(view.turn.pan, 10), tilt: rounded(view.turn.tilt, 10), zoom: rounded(view.turn.zoom, 100) });
          changed();
        },
        _("Set {name} to what is shown now", { name: one.name }),
      ),
      lanes.length
        ? null
        : button(
            _("Remove"),
            () => {
              draft.views = draft.views.filter((other) => other !== one);
              changed();
            },
            _("Remove {name}?", { name: one.name }),
          ),
    ),
  );
}

// ---- saving

function change(on = true) {
  const { views: named, ...lens } = draft;
  return { kind: "fisheye", shop: page.shop.id, camera: camera.id, on, ...lens, views: named };
}

function dirty() {
  return draft !== null && JSON.stringify(draft) !== JSON.stringify(kept ?? null);
}

async function check() {
  if (!dirty()) return;
  try {
    const plan = await attempt(change());
    placeMistakes(fields, []);
    whole.replaceChildren();
    const names = plan.effects.map(effectWord);
    say(note, names.length ? _("Saving starts anew: {names}. Everything else goes on.", { names: names.join(", ") }) : _("Saving interrupts nothing."));
  } catch (error) {
    // Policy: what is wrong stands beside its field while it is typed.
    refused(error);
  }
}

function refused(error) {
  say(note, "");
  if (error.code === "settings_moved") {
    const redo = async () => {
      await load();
      await store();
    };
    const theirs = async () => {
      await load();
      take();
      paint();
    };
    whole.replaceChildren(makeMoved(error.more.since, { onmine: redo, ontheirs: theirs }));
    return;
  }
  const mistakes = error.more?.mistakes;
  const rest = mistakes ? placeMistakes(fields, mistakes) : [];
  const lines = mistakes ? rest.map((one) => sayMistake(one)) : [error.message];
  whole.replaceChildren(...lines.map((line) => h("p", { class: "trouble", role: "alert" }, line)));
}

const store = makeDrawing({
  change,
  clear: () => {
    whole.replaceChildren();
    say(note, "");
  },
  take,
  refused,
  paint,
  applied,
  button: saveButton,
});

function drop() {
  take();
  whole.replaceChildren();
  say(note, "");
  paint();
}

function noFisheye() {
  store(false);
}

function paintButtons() {
  const is = dirty();
  saveButton.disabled = !is;
  dropButton.disabled = !is || !kept;
}

function paint() {
  room.title(camera ? _("Lens of {camera}", { camera: camera.name }) : _("Lens"));
  for (const element of [form, views]) element.closest(".lens-room").hidden = camera === null;
  if (!draft || !camera) return;
  modes.setAttribute("aria-label", _("What is shown"));
  if (!modes.children.length)
    modes.append(...MODES.map(([one]) => h("button", { type: "button", "data-mode": one, onclick: () => setMode(one) })));
  for (const [n, [, word]] of MODES.entries()) say(modes.children[n], word());
  say(freshButton, _("New picture"));
  say(findButton, _("Find the circle"));
  say(takeButton, _("Keep this view"));
  say(viewsTitle, _("Views with a name"));
  say(saveButton, kept ? _("Save lens") : _("Save as a fisheye camera"));
  say(dropButton, _("Drop changes"));
  say(noneButton, _("It is no fisheye camera"));
  noneButton.hidden = !kept;
  views.replaceChildren(
    ...(draft.views.length
      ? draft.views.map(paintView)
      : [h("li", { class: "nothing" }, _("None yet. Turn to a register, then keep that view: it is watched and shown like a camera."))]),
  );
  paintButtons();
  show();
}

document.addEventListener("language", () => {
  if (draft) makeFields();
  paint();
});
start();
