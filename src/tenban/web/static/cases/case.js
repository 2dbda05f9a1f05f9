// /cases/{id}: what is in a case, its packages, and what was done with it.
import { ask } from "../api.js";
import { h, say } from "../dom.js";
import { openAsk } from "../settings/asking.js";
import { _, page } from "../words.js";
import { makeAdding } from "./adding.js";
import { textField } from "./fields.js";
import { makePackages } from "./packages.js";
import { makeRoom, makeTrouble, toasts } from "./room.js";
import { STATES, footageWord, inWords, itemWord, moment, stepWord } from "./words.js";

const LOOK_MS = 1_500;
const id = location.pathname.split("/").pop();
const root = `/api/v1/cases/${encodeURIComponent(id)}`;
const room = makeRoom();
const marks = h("p", { class: "marks" });
const acts = h("div", { class: "acts" });
const trouble = makeTrouble(() => load());
const itemsTitle = h("h2");
const adding = makeAdding({ root, done: load });
const items = h("ul", { class: "case-items" });
const nothing = h("p", { class: "nothing" });
const packages = makePackages({ root, done: load });
const historyTitle = h("h2");
const steps = h("ol", { class: "case-history" });
const inside = h(
  "section",
  { class: "case-part" },
  h("div", { class: "head" }, itemsTitle, adding.element),
  items,
  nothing,
);
const past = h("section", { class: "case-part" }, historyTitle, steps);
room.head.append(acts);
room.main.append(marks, trouble.element, inside, packages.element, past);
let known = null;
let timer = 0;

async function load() {
  clearTimeout(timer);
  try {
    known = await ask(root);
    trouble.clear();
  } catch (error) {
    // Policy: what was shown stays; the page says what went wrong and offers to try again.
    trouble.show(error);
  }
  paint();
  const waits = known?.packages.some((one) => one.state === "waiting");
  if (waits) timer = setTimeout(load, LOOK_MS);
}

/** Take an item out, with the way back: it is added anew as it was. */
async function takeOut(item) {
  try {
    await ask(`${root}/items/${item.id}`, { method: "DELETE" });
    toasts.show(_("Taken out of the case"), { word: _("Undo"), act: () => putBack(item) });
  } catch (error) {
    toasts.show(error.message, { trouble: true });
  }
  await load();
}

async function putBack(item) {
  const bodies = {
    incident: () => ({ incident: item.incident }),
    sale: () => ({ sale: { register_id: item.register, number: item.sale } }),
    footage: () => ({ footage: { cameras: item.cameras.map((one) => one.id), start_at: item.start_at, end_at: item.end_at } }),
    note: () => ({ note: item.text }),
  };
  try {
    await inWords(() => ask(`${root}/items`, { method: "POST", body: bodies[item.kind]() }));
  } catch (error) {
    toasts.show(error.message, { trouble: true });
  }
  await load();
}

/** The way to what an item shows, where one may look. */
function footageLink(item) {
  if (!item.start_at || !page.may.look) return "";
  const query = new URLSearchParams({ shop: known.shop, cameras: item.cameras.slice(0, 4).map(({ id: one }) => one).join(","), at: item.start_at });
  return h("a", { href: `/footage?${query}` }, _("Look at the footage"));
}

async function rename() {
  await openAsk({
    title: _("Another title"),
    fields: [textField("title", _("Title"), { value: known.title })],
    word: _("Save"),
    send: (values) => inWords(() => ask(`${root}/title`, { method: "PUT", body: values })),
  });
  await load();
}

async function seal() {
  const done = await openAsk({
    title: _("Seal the case"),
    fields: [],
    extra: h("p", {}, _("Nothing can be added to it or taken out of it from then on. Packages can be made of it.")),
    word: _("Seal it"),
    send: () => inWords(() => ask(`${root}/seal`, { method: "POST" })),
  });
  if (done) await load();
}

async function remove() {
  const done = await openAsk({
    title: _("Delete the case"),
    fields: [textField("reason", _("Why"), { maxlength: 500 })],
    extra: h("p", {}, _("Its packages are destroyed. What only this case kept is destroyed once its period is over.")),
    word: _("Delete it"),
    send: (values) => inWords(() => ask(`${root}/delete`, { method: "POST", body: values }).then(() => true)),
  });
  if (done) location.assign("/cases");
}

function itemLine(item) {
  return h(
    "li",
    { "data-kind": item.kind },
    h("b", {}, itemWord(item)),
    item.text ? h("p", { class: "text" }, item.text) : null,
    h("span", { class: "muted" }, footageWord(item), " ", footageLink(item)),
    h("span", { class: "muted" }, _("Added by {name}, {at}", { name: item.added_by, at: moment(item.added_at) })),
    known.may.edit
      ? h(
          "button",
          {
            type: "button",
            class: "quiet",
            "aria-label": _("Take out: {what}", { what: itemWord(item) }),
            onclick: () => takeOut(item),
          },
          _("Take out"),
        )
      : null,
  );
}

function act(word, on, kind = "") {
  return h("button", { type: "button", class: kind, onclick: on }, word);
}

function paint() {
  say(itemsTitle, _("What is in it"));
  say(historyTitle, _("History"));
  if (!known) {
    room.title(_("Case"));
    for (const part of [inside, packages.element, past]) part.hidden = true;
    return;
  }
  room.title(known.title ?? _("Case {reference}", { reference: known.reference }));
  const several = Object.keys(page.shops).length > 1;
  const sealed = known.sealed_at ? _("Sealed by {name}, {at}", { name: known.sealed_by, at: moment(known.sealed_at) }) : null;
  marks.replaceChildren(
    h("span", { class: "reference figures" }, known.reference),
    h("span", { class: "case-state", "data-state": known.state }, STATES[known.state]()),
    ...[several ? page.shops[known.shop] : null, _("Opened by {name}, {at}", { name: known.opened_by, at: moment(known.opened_at) }), sealed]
      .filter(Boolean)
      .map((text) => h("span", { class: "muted" }, text)),
  );
  acts.replaceChildren(
    ...(known.may.edit ? [act(_("Another title…"), rename, "quiet")] : []),
    ...(known.may.delete ? [act(_("Delete…"), remove, "quiet")] : []),
    ...(known.may.edit && known.items.length ? [act(_("Seal the case…"), seal, "primary")] : []),
  );
  inside.hidden = past.hidden = !page.may.read;
  packages.element.hidden = false;
  adding.show(known);
  items.replaceChildren(...known.items.map(itemLine));
  nothing.hidden = known.items.length > 0;
  say(nothing, _("Nothing yet. Incidents are added from their card on the watch page; sales, footage and notes here."));
  packages.show(known);
  steps.replaceChildren(
    ...known.history.map((one) => h("li", {}, h("time", { datetime: one.at }, moment(one.at)), h("b", {}, stepWord(one)), h("span", {}, one.who === "jobs" ? "" : one.who))),
  );
}

document.addEventListener("language", paint);
load();
