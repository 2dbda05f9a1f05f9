// /settings/people: who may do what where; inviting by a link, changing, disabling.
import { ask } from "../api.js";
import { h, say } from "../dom.js";
import "../parts/trouble-box.js";
import { _, page } from "../words.js";
import { moment } from "./form.js";
import { openPerson, pathOf, placeWord, refusalWord, rightsOf, showLink } from "./people-form.js";
import { roleWord } from "./roles.js";
import { makeRoom, toasts } from "./room.js";
import { folded } from "./shops.js";

const SURE_MS = 6_000;

const room = makeRoom();
const trouble = h("trouble-box");
const invite = h("button", { type: "button", class: "primary", onclick: add });
const search = h("input", { type: "search", class: "settings-input search", oninput: paint });
const list = h("ul", { class: "rows people" });
const nothing = h("p", { class: "nothing", role: "status" });
room.main.append(trouble, h("div", { class: "acts top" }, invite, search), list, nothing);
let known = null;
let sure = null;
let timer = 0;

async function start() {
  try {
    known = await ask("/api/v1/people");
    trouble.clear();
  } catch (error) {
    // Policy: the page says what went wrong and offers to try again; what was known stays.
    trouble.tell(error, start);
  }
  paint();
}

async function act(run) {
  try {
    await run();
  } catch (error) {
    // Policy: what could not be done is told; nothing was changed.
    toasts.show(refusalWord(error), { trouble: true });
  }
  await start();
}

async function add() {
  const done = await openPerson(null, known);
  if (!done) return;
  await start();
  showLink(done.person, done);
}

async function change(person) {
  const before = rightsOf(person, known);
  const after = await openPerson(person, known);
  if (!after) return;
  await start();
  if (JSON.stringify(before) === JSON.stringify(rightsOf(after, known))) {
    toasts.show(_("Nothing was changed."));
    return;
  }
  toasts.show(_("{name} was changed.", { name: after.display_name ?? person.display_name }), {
    word: _("Undo"),
    act: () => act(() => ask(pathOf(person), { method: "PUT", body: before })),
  });
}

function setAccess(person, disabled) {
  return act(async () => {
    await ask(pathOf(person, "/access"), { method: "POST", body: { disabled } });
    const word = disabled
      ? _("{name} can no longer sign in.", { name: person.display_name })
      : _("{name} can sign in again.", { name: person.display_name });
    toasts.show(word, { word: _("Undo"), act: () => setAccess(person, !disabled) });
  });
}

/** A new link ends the password of before: the first press asks, the second one within a few seconds does it. */
function reset(person) {
  clearTimeout(timer);
  if (person.has_password && sure !== person.id) {
    sure = person.id;
    timer = setTimeout(() => {
      sure = null;
      paint();
    }, SURE_MS);
    paint();
    return null;
  }
  sure = null;
  return act(async () => showLink(person, await ask(pathOf(person, "/link"), { method: "POST" })));
}

function stateWord(person) {
  if (person.disabled_at) return _("disabled since {at}", { at: moment(person.disabled_at) });
  if (person.invited_until) return _("invited; the link holds until {at}", { at: moment(person.invited_until) });
  if (!person.has_password) return _("the link was not used in time");
  if (!person.signed_in_at) return _("never signed in yet");
  return _("last signed in {at}", { at: moment(person.signed_in_at) });
}

function row(person) {
  const name = person.display_name;
  const mine = page.me.id === `person:${person.id}`;
  const asks = sure === person.id;
  const button = (word, onclick, label, more = {}) =>
    h("button", { type: "button", class: "quiet", "aria-label": label, onclick, ...more }, word);
  return h(
    "li",
    { class: "row", "data-person": person.name, "data-off": person.disabled_at ? "true" : null },
    h(
      "div",
      { class: "what" },
      h("b", {}, name),
      h("span", {}, [person.name === name ? "" : person.name, person.roles.map(roleWord).join(", ")].filter(Boolean).join(" · ")),
    ),
    h("div", { class: "uses figures" }, h("span", {}, placeWord(person, known)), h("span", {}, stateWord(person))),
    h(
      "div",
      { class: "acts" },
      person.disabled_at ? null : button(_("Edit"), () => change(person), _("Edit {name}", { name })),
      person.disabled_at || mine
        ? null
        : button(
            asks ? _("Press again: the password ends") : person.has_password ? _("New link") : _("Another link"),
            () => reset(person),
            asks ? _("{name}: end the password and make a link", { name }) : _("{name}: make a new link", { name }),
            asks ? { class: "ending" } : {},
          ),
      mine
        ? null
        : person.disabled_at
          ? button(_("Enable"), () => setAccess(person, false), _("Enable {name}", { name }))
          : button(_("Disable"), () => setAccess(person, true), _("Disable {name}", { name })),
    ),
  );
}

function paint() {
  room.title(_("People"));
  say(invite, _("Invite somebody"));
  search.placeholder = _("Search");
  search.setAttribute("aria-label", _("Search people"));
  invite.disabled = !known;
  if (!known) return;
  const words = folded(search.value).split(/\s+/).filter(Boolean);
  const found = known.people.filter((person) => {
    const text = folded([person.name, person.display_name, placeWord(person, known), ...person.roles.map(roleWord)].join(" "));
    return words.every((word) => text.includes(word));
  });
  const focused = document.activeElement?.closest?.("[data-person]")?.dataset.person;
  list.replaceChildren(...found.map(row));
  list.hidden = found.length === 0;
  say(nothing, found.length ? "" : _("Nobody fits “{text}”.", { text: search.value }));
  if (focused) list.querySelector(`[data-person="${CSS.escape(focused)}"] button`)?.focus();
}

document.addEventListener("language", paint);
start();
