// /settings/company: what is of all shops: the company's name, which shops there are, the lamps' broker.
import { h, say } from "../dom.js";
import { icon } from "../parts/icon.js";
import "../parts/apply-state.js";
import { _ } from "../words.js";
import { brokerState, load, settings } from "./desk.js";
import { editBroker, editCompany, editShop } from "./edits.js";
import { tellFile } from "./file-trouble.js";
import { makeRoom } from "./room.js";
import { makeSaving } from "./saving.js";
import { makeShopList } from "./shops.js";

const room = makeRoom();
const trouble = h("div", { class: "trouble", role: "alert", hidden: true });
const applied = h("apply-state");
const whole = h("div", { class: "shops" });
room.main.append(trouble, applied, whole);
const brokerLine = h("p", { class: "state", role: "status" });
const brokerHelp = h("p", { class: "help" });
const BROKER_EVERY_MS = 2_000;
let failed = null;
let broker = null;
let list = null;
const edit = makeSaving(paint, applied);

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

function paint() {
  room.title(_("Company"));
  const now = settings();
  tellFile(trouble, { failed, now, again: start });
  if (now) whole.replaceChildren(paintCompany(now), paintBroker(now), paintShops(now));
}

function button(word, run, label = null) {
  return h("button", { type: "button", "aria-label": label, onclick: () => edit(run) }, word);
}

function paintCompany(now) {
  return h(
    "header",
    { class: "company" },
    h("h2", {}, now.company),
    button(_("Edit"), editCompany, _("Edit {name}", { name: now.company })),
  );
}

function paintShops(now) {
  list ??= makeShopList((shop) =>
    h(
      "li",
      { class: "row", "data-shop": shop.id },
      h("div", { class: "what" }, h("b", {}, shop.name), h("span", { class: "help figures" }, [shop.id, shop.area].filter(Boolean).join(" · "))),
      h("span", { class: "uses" }, sizeWord(shop)),
      h(
        "div",
        { class: "acts" },
        h("a", { class: "button", href: `/settings?shop=${encodeURIComponent(shop.id)}` }, _("Show this shop")),
        button(_("Edit"), () => editShop(shop), _("Edit {name}", { name: shop.name })),
      ),
    ),
  );
  list.show(now.all_shops);
  return h(
    "section",
    { class: "part" },
    h("h3", {}, _("Shops"), h("span", { class: "count figures" }, String(now.all_shops.length))),
    now.may.shops ? h("div", { class: "acts" }, button(_("Add a shop"), () => editShop(null))) : null,
    list.element,
  );
}

function sizeWord({ registers, cameras }) {
  if (!registers && !cameras) return _("empty");
  return _("{registers} registers, {cameras} cameras", { registers, cameras });
}

function paintBroker({ mqtt }) {
  if (!mqtt) return "";
  const where = mqtt.host ? `${mqtt.user ? `${mqtt.user}${mqtt.has_password ? ":●●●●" : ""}@` : ""}${mqtt.host}:${mqtt.port}` : "";
  paintBrokerState();
  return h(
    "section",
    { class: "part broker" },
    h("h3", {}, _("Lamps over MQTT")),
    h("p", { class: "help" }, _("For lamps and boxes that are no tills. Tenban tells each register's lamp by tenban/SHOP/REGISTER/lamp and …/command.")),
    where ? h("p", { class: "address figures" }, where) : null,
    brokerLine,
    brokerHelp,
    h("div", { class: "acts" }, button(mqtt.host ? _("Edit") : _("Set up"), editBroker, _("Edit {name}", { name: "MQTT" }))),
  );
}

function paintBrokerState() {
  const words = {
    off: _("switched off"),
    applying: _("Being taken over…"),
    connecting: _("connecting…"),
    connected: _("connected"),
    down: _("not connected"),
  };
  const why = {
    no_name: _("There is no device of this name in the network. Check the spelling, or use its number (192.168…)."),
    refused: _("A device is there, but no broker answers at this port. Check the port, and that the broker runs."),
    unreachable: _("No device answers at this address. Is the broker switched on and in the same network?"),
    password: _("The broker wants another user name or password."),
    not_allowed: _("No broker is expected at this address: it leads to this machine itself or to a special network. If it is meant, allow it in tenban.toml: [network] allow."),
    certificate: _("The broker's certificate is not believed: it is not for this name, or of nobody who is trusted (ca_file)."),
    ca_file: _("The file with the trusted certificates (ca_file) is not there."),
    lost: _("The broker ended the connection."),
    broken: _("The broker cannot be spoken to."),
  };
  const marks = { connected: ["ok", "true"], down: ["attention", "lost"] };
  const [state, mark] = marks[broker?.state] ?? ["", broker?.state === "off" ? "unwatched" : "clock"];
  const word = broker ? words[broker.state] : words.connecting;
  if (brokerLine.textContent !== word || brokerLine.dataset.state !== state) {
    brokerLine.dataset.state = state;
    brokerLine.replaceChildren(icon(mark), h("span", {}, word));
  }
  const help = broker?.state === "down" ? `${why[broker.trouble] ?? why.broken} ${_("It is tried again by itself.")}` : "";
  say(brokerHelp, help);
  brokerHelp.hidden = !help;
}

async function lookAtBroker() {
  try {
    if (settings()?.mqtt && !document.hidden) {
      broker = await brokerState();
      paintBrokerState();
    }
  } catch {
    // Policy: a state that cannot be had now is asked for again; the settings stay usable.
  }
  setTimeout(lookAtBroker, BROKER_EVERY_MS);
}

document.addEventListener("language", () => {
  list = null;
  paint();
});
await start();
lookAtBroker();
