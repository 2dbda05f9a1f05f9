// /settings: one shop's registers, cameras, groups.
import { h, say } from "../dom.js";
import { icon } from "../parts/icon.js";
import "../parts/apply-state.js";
import { _, laneWord, told } from "../words.js";
import { eyesOf, laneStates, load, settings } from "./desk.js";
import { editCamera, editGroup, editRegister, editShop } from "./edits.js";
import { findCamera } from "./finding.js";
import { moment } from "./form.js";
import { tellFile } from "./file-trouble.js";
import { makeRoom } from "./room.js";
import { makeSaving } from "./saving.js";
import { inShop } from "./shops.js";

const STATES_EVERY_MS = 4_000;

const room = makeRoom();
const trouble = h("div", { class: "trouble", role: "alert", hidden: true });
const last = h("p", { class: "last" });
const applied = h("apply-state");
const shops = h("div", { class: "shops" });
room.main.append(trouble, last, applied, shops);
let lanes = new Map();
let failed = null;
const edit = makeSaving(paint, applied, states);

async function start() {
  try {
    await load();
    failed = null;
  } catch (error) {
    // Policy: the page says what went wrong and offers to try again.
    failed = error;
  }
  paint();
}

async function states() {
  try {
    lanes = new Map((await laneStates()).map((lane) => [lane.id, lane]));
    paintStates();
  } catch {
    // Policy: states that cannot be had now are asked for again; the settings stay usable.
  }
}

function paint() {
  room.title(_("Settings"));
  const now = settings();
  tellFile(trouble, { failed, now, again: start, named: true, history: inShop("/settings/history") });
  if (!now) return;
  const by = now.revision.kind === "hand" ? _("by hand in the file") : now.revision.who;
  const at = moment(now.revision.at);
  const found = now.revision.kind === "found";
  say(last, found ? _("As found in tenban.toml, {at}", { at }) : _("Last change: {who}, {at}", { who: by, at }));
  shops.replaceChildren(...now.shops.map(paintShop));
  paintStates();
}

function paintShop(shop) {
  const act = (word, run, label = null) =>
    h("button", { type: "button", class: "quiet", "aria-label": label, onclick: () => edit(run) }, word);
  const registers = shop.registers.map((register) => paintRegister(shop, register, act));
  const cameras = shop.cameras.map((camera) =>
    h(
      "li",
      { class: "row", "data-camera": camera.id },
      h("div", { class: "what" }, h("b", {}, camera.name), h("span", { class: "address" }, address(camera))),
      h("span", { class: "uses" }, usesOf(shop, camera)),
      h(
        "div",
        { class: "acts" },
        h(
          "a",
          { class: "button", href: `/settings/cameras/${camera.id}`, "aria-label": _("State of {name}", { name: camera.name }) },
          _("State"),
        ),
        h(
          "a",
          { class: "button quiet", href: `/settings/cameras/${camera.id}/lens` },
          camera.fisheye ? _("Lens and views ({n})", { n: camera.fisheye.views.length }) : _("Fisheye lens"),
        ),
        act(_("Edit"), () => editCamera(shop, camera), _("Edit {name}", { name: camera.name })),
      ),
    ),
  );
  const groups = shop.groups.map((group) =>
    h(
      "li",
      { class: "row", "data-group": group.id },
      h("div", { class: "what" }, h("b", {}, group.name)),
      h("span", { class: "uses" }, groupUses(shop, group)),
      h("div", { class: "acts" }, act(_("Edit"), () => editGroup(shop, group), _("Edit {name}", { name: group.name }))),
    ),
  );
  return h(
    "section",
    { class: "shop", "data-shop": shop.id },
    h(
      "header",
      {},
      h("h2", {}, shop.name),
      h("span", { class: "figures" }, `${shop.timezone} · ${shop.currency}`),
      act(_("Edit"), () => editShop(shop), _("Edit {name}", { name: shop.name })),
    ),
    part(_("Registers"), registers, _("No register yet. Begin with a lane: camera, register and zones in one go."), [
      h("a", { class: "button primary", href: inShop("/settings/lanes/new") }, _("New lane")),
      act(_("Add a register"), () => editRegister(shop, null)),
    ]),
    part(_("Cameras"), cameras, _("No camera yet."), [
      act(_("Find cameras"), () => findAndAdd(shop)),
      act(_("Add a camera"), () => editCamera(shop, null)),
    ]),
    part(_("Groups of attendants"), groups, _("No group: all attendants see all lanes."), [
      act(_("Add a group"), () => editGroup(shop, null)),
    ]),
  );
}

async function findAndAdd(shop) {
  const chosen = await findCamera(shop);
  return chosen ? editCamera(shop, null, chosen) : null;
}

function part(title, rows, nothing, acts) {
  return h(
    "section",
    { class: "part" },
    h("h3", {}, title, h("span", { class: "count figures" }, String(rows.length))),
    rows.length ? h("ul", { class: "rows" }, rows) : h("p", { class: "nothing" }, nothing),
    h("div", { class: "acts" }, acts),
  );
}

function paintRegister(shop, register, act) {
  const kinds = { self: _("self-checkout"), semi_self: _("semi-self"), staffed: _("staffed") };
  const group = shop.groups.find(({ id }) => id === register.group);
  const views = register.views.map((view, place) => {
    const camera = eyesOf(shop).find(({ id }) => id === view.camera);
    return h(
      "a",
      { class: "button", href: `/settings/zones/${register.id}/${place}` },
      _("Zones: {camera} ({n})", { camera: camera?.name ?? view.camera, n: view.zones.length }),
    );
  });
  const name = laneWord(register.name);
  return h(
    "li",
    { class: "row", "data-register": register.id },
    h(
      "div",
      { class: "what" },
      h("b", {}, name),
      h("span", {}, [kinds[register.kind], group?.name].filter(Boolean).join(" · ")),
    ),
    h("span", { class: "state", "data-lane": register.id }),
    h(
      "div",
      { class: "acts" },
      views.length ? views : h("a", { class: "button", href: `/settings/lanes/new?register=${register.id}` }, _("Assign a camera")),
      act(_("Edit"), () => editRegister(shop, register), _("Edit {name}", { name })),
    ),
  );
}

function paintStates() {
  for (const holder of shops.querySelectorAll("[data-lane]")) {
    const lane = lanes.get(holder.dataset.lane);
    if (!lane) {
      holder.replaceChildren();
      continue;
    }
    const word = lane.watched ? _("watched") : told(lane.why) || _("not watched");
    holder.dataset.state = lane.watched ? "ok" : "attention";
    holder.replaceChildren(icon(lane.watched ? "watched" : "unwatched"), h("span", {}, word));
  }
}

function address(camera) {
  const [head, rest] = camera.address.split("://");
  const who = camera.user ? `${camera.user}${camera.has_password ? ":●●●●" : ""}@` : "";
  return rest === undefined ? camera.address : `${head}://${who}${rest}`;
}

function usesOf(shop, camera) {
  const ids = [camera.id, ...(camera.fisheye?.views ?? []).map(({ id }) => id)];
  const names = shop.registers
    .filter((register) => register.views.some((view) => ids.includes(view.camera)))
    .map((register) => laneWord(register.name));
  return names.length ? names.join(", ") : _("on no lane");
}

function groupUses(shop, group) {
  const n = shop.registers.filter((register) => register.group === group.id).length;
  return _("{n} registers", { n });
}

document.addEventListener("language", paint);
start();
states();
setInterval(states, STATES_EVERY_MS);
