// /settings/devices: what tills, devices and services prove themselves by, and who is told by webhook.
import { ask } from "../api.js";
import { h, say } from "../dom.js";
import "../parts/trouble-box.js";
import { _, language, laneWord, page } from "../words.js";
import { makeChoices, makeSure, openAsk, showOnce } from "./asking.js";
import { makeField, moment } from "./form.js";
import { makeHooks } from "./hooks.js";
import { makeRoom, toasts } from "./room.js";

const AGAIN_MS = 15_000;
const HERE = `?shop=${encodeURIComponent(page.shop.id)}`;

const room = makeRoom();
const trouble = h("trouble-box");
const title = h("h2");
const intro = h("p", { class: "help" });
const list = h("ul", { class: "rows tokens" });
const nothing = h("p", { class: "nothing", hidden: true });
const forTill = h("button", { type: "button", onclick: () => make("register") });
const forDevice = h("button", { type: "button", onclick: () => make("device") });
const forService = h("button", { type: "button", onclick: () => make("service") });
const acts = h("div", { class: "acts" }, forTill, forDevice, forService);
const section = h("section", { class: "part" }, title, intro, list, nothing, acts);
const hooks = makeHooks();
room.main.append(trouble, section, hooks.element);
let known = null;
const sure = makeSure(paint);

async function start() {
  try {
    [known] = await Promise.all([ask(`/api/v1/tokens${HERE}`), hooks.load(HERE)]);
    trouble.clear();
  } catch (error) {
    // Policy: the page says what went wrong and offers to try again; what was known stays.
    trouble.tell(error, start);
  }
  paint();
}

function functionWord(code) {
  const words = {
    "sales:write": _("tell sale events"),
    "sales:read": _("read sales"),
    "plu:read": _("read the articles"),
    "register:link": _("take commands (lamp, hints)"),
    "incidents:read": _("read incidents"),
    "lanes:read": _("read the lanes' states"),
    "facts:read": _("read observations"),
    "media:view": _("see stills and clips"),
  };
  return words[code] ?? code;
}

async function make(kind) {
  const registers = known.registers.map(({ id, name }) => [id, `${laneWord(name)} (${id})`]);
  const codes = known.functions[kind];
  const subject =
    kind === "service"
      ? makeField({
          name: "subject",
          label: _("Id of the service"),
          help: _("Lower-case letters, digits, - and _, such as warehouse"),
          autocapitalize: "none",
        })
      : makeField({ name: "subject", label: _("Register"), kind: "select", options: registers });
  const fields = [
    subject,
    makeField({ name: "name", label: _("What you call it"), maxlength: 100 }),
    makeChoices({
      name: "functions",
      label: _("It may"),
      options: codes.map((code) => [code, functionWord(code)]),
      chosen: kind === "service" ? [] : codes,
    }),
    makeField({
      name: "expires_days",
      label: _("It ends"),
      kind: "select",
      options: [
        ["90", _("after 90 days")],
        ["365", _("after a year")],
        ["", _("never")],
      ],
      value: "365",
    }),
  ];
  fields[3].input.value = "365";
  const titles = {
    register: _("Token of a till"),
    device: _("Token of a device at a register"),
    service: _("Token of a service"),
  };
  const made = await openAsk({
    title: titles[kind],
    fields,
    word: _("Make a token"),
    send: ({ expires_days, name, ...values }) =>
      ask("/api/v1/tokens", {
        method: "POST",
        body: {
          kind,
          shop: page.shop.id,
          name: name.trim() || null,
          expires_days: expires_days ? Number(expires_days) : null,
          ...values,
        },
      }),
  });
  if (made) await told(made, titles[kind]);
}

async function told(made, word) {
  await showOnce({ title: word, secret: made.secret, help: _("It is sent as: Authorization: Bearer TOKEN") });
  await start();
  list.querySelector(`[data-token="${CSS.escape(made.id)}"] button`)?.focus();
}

async function rotate(one) {
  const overlap = makeField({
    name: "overlap_h",
    label: _("The old one works on for"),
    kind: "select",
    options: [
      ["1", _("1 hour")],
      ["24", _("1 day")],
      ["168", _("7 days")],
      ["0", _("no longer")],
    ],
  });
  overlap.input.value = "24";
  const made = await openAsk({
    title: _("Renew the token of {name}", { name: nameOf(one) }),
    fields: [overlap],
    word: _("Renew"),
    send: ({ overlap_h }) =>
      ask(`/api/v1/tokens/${one.id}/rotate`, { method: "POST", body: { overlap_h: Number(overlap_h) } }),
  });
  if (made) await told(made, _("New token of {name}", { name: nameOf(one) }));
}

async function revoke(one) {
  if (!sure.twice(one.id)) return;
  try {
    await ask(`/api/v1/tokens/${one.id}`, { method: "DELETE" });
    toasts.show(_("{name}: the token has ended.", { name: nameOf(one) }));
  } catch (error) {
    // Policy: what could not be ended is told; nothing was changed.
    toasts.show(error.message, { trouble: true });
  }
  await start();
}

function nameOf(one) {
  return one.name || (one.kind === "service" ? one.subject : laneWord(one.subject_name));
}

function row(one) {
  const kinds = { register: _("till"), device: _("device"), service: _("service") };
  const name = nameOf(one);
  const ended = one.expires_at !== null && new Date(one.expires_at) <= new Date();
  const soon = !ended && one.expires_at !== null && new Date(one.expires_at) - new Date() < 14 * 86_400_000;
  const end = one.expires_at === null ? _("does not end") : (ended ? _("ended {at}", at(one)) : _("ends {at}", at(one)));
  const seen = one.seen_at ? _("last used {at}", { at: moment(one.seen_at) }) : _("never used");
  const asks = sure.asks(one.id);
  const place = one.kind === "service" ? one.subject : laneWord(one.subject_name);
  return h(
    "li",
    { class: ended ? "row ended" : "row", "data-token": one.id },
    h(
      "div",
      { class: "what" },
      h("b", {}, name),
      h("span", {}, [kinds[one.kind], place === name ? "" : place].filter(Boolean).join(" · ")),
      h("span", { class: "help" }, one.functions.map(functionWord).join(" · ")),
    ),
    h(
      "span",
      { class: "uses figures" },
      h("span", {}, _("made {at} by {name}", { at: moment(one.created_at), name: one.by_name ?? "-" })),
      h("span", {}, seen),
      h("span", { class: ended || soon ? "soon" : "" }, end),
      one.follows ? h("span", {}, _("takes over from an older one")) : null,
    ),
    h(
      "div",
      { class: "acts" },
      h("button", { type: "button", class: "quiet", "aria-label": _("{name}: renew the token", { name }), onclick: () => rotate(one) }, _("Renew")),
      h(
        "button",
        {
          type: "button",
          class: asks ? "ending" : "quiet",
          "aria-label": asks ? _("{name}: end the token now", { name }) : _("{name}: end the token", { name }),
          onclick: () => revoke(one),
        },
        asks ? _("Press again to end it") : _("End"),
      ),
    ),
  );
}

function at(one) {
  return { at: moment(one.expires_at) };
}

function paint() {
  room.title(_("Devices"));
  say(title, _("Tokens"));
  say(intro, _("Tills, devices and services prove themselves by a token. It is shown once, kept as a fingerprint, and does only what it was given. A browser that serves as a register needs none: it is paired."));
  say(forTill, _("For a till"));
  say(forDevice, _("For a device"));
  say(forService, _("For a service"));
  hooks.paint();
  if (!known) return;
  forTill.disabled = known.registers.length === 0;
  forDevice.disabled = known.registers.length === 0;
  const focused = document.activeElement?.closest?.("[data-token]")?.dataset.token;
  const place = [...(document.activeElement?.parentElement?.children ?? [])].indexOf(document.activeElement);
  // By name as people count: lane 2 before lane 10.
  const byName = new Intl.Collator(language(), { numeric: true });
  list.replaceChildren(...known.tokens.toSorted((a, b) => byName.compare(nameOf(a), nameOf(b))).map(row));
  list.hidden = known.tokens.length === 0;
  nothing.hidden = known.tokens.length > 0;
  say(nothing, _("No token yet."));
  if (focused) list.querySelectorAll(`[data-token="${CSS.escape(focused)}"] button`)[Math.max(place, 0)]?.focus();
}

document.addEventListener("language", paint);
start();
setInterval(() => document.querySelector("dialog[open]") || start(), AGAIN_MS);
