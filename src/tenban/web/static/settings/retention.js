// /settings/retention: how long what is kept, what is held beyond that, what was destroyed, and the notice.
import { ask } from "../api.js";
import { h, say } from "../dom.js";
import { icon } from "../parts/icon.js";
import "../parts/apply-state.js";
import "../parts/trouble-box.js";
import { _, laneWord, page, told } from "../words.js";
import { load, settings } from "./desk.js";
import { makeField, moment, openForm } from "./form.js";
import { makeRoom, toasts } from "./room.js";
import { makeSaving } from "./saving.js";

const KINDS = {
  footage: () => _("Footage"),
  sale_stills: () => _("Still of each sale's beginning"),
  pictures: () => _("Stills and clips of incidents"),
  incidents: () => _("Records of incidents"),
  sales: () => _("Records of sales"),
  sessions: () => _("Records of sign-ins"),
  invitations: () => _("One-time links that ended"),
  known_browsers: () => _("Browsers nobody signed in with any more"),
  sign_in_failures: () => _("Counts of wrong passwords"),
  challenges: () => _("Sign-ins that were begun and left"),
  flags: () => _("Flags set by people"),
  orphans: () => _("Pictures nothing refers to"),
  person: () => _("A person's data"),
};
const HELP = {
  footage: () => _("What cameras recorded. Files are deleted."),
  sale_stills: () => _("Who stood at a register when a sale began, where no incident shows it."),
  pictures: () => _("Counted from the incident's opening. Their keys are destroyed: no copy opens any more."),
  incidents: () => _("What was seen, who did what. At least as long as their pictures."),
  sales: () => _("What tills told, and what cameras observed there."),
  sessions: () => _("Who was signed in when, counted from the end of it."),
};

const PAGE = 50;
const room = makeRoom();
const trouble = h("trouble-box");
const applied = h("apply-state");
const whole = h("div", { class: "shops" });
room.main.append(trouble, applied, whole);
let held = [];
let gone = [];
let complete = false;
const edit = makeSaving(paint, applied);

async function start() {
  try {
    [held, gone] = await Promise.all([
      ask(`/api/v1/holds?shop=${encodeURIComponent(page.shop.id)}`),
      destroyed(),
      load(),
    ]);
    complete = gone.length < PAGE;
    trouble.clear();
  } catch (error) {
    // Policy: the page says what went wrong and offers to try again.
    trouble.tell(error, start);
  }
  paint();
}

function destroyed(before = null) {
  const query = new URLSearchParams({ shop: page.shop.id, ...(before === null ? {} : { before }) });
  return ask(`/api/v1/retention/deletions?${query}`);
}

async function more() {
  const next = await destroyed(gone.at(-1).n);
  complete = next.length < PAGE;
  gone.push(...next);
  paint();
}

function paint() {
  room.title(_("Keeping and deleting"));
  const shop = settings()?.shops[0];
  if (shop) whole.replaceChildren(paintPeriods(shop), paintSealing(shop), paintMasking(shop), paintNotice(shop), paintHolds(), paintDestroyed());
}

function part(title, help, ...inside) {
  return h("section", { class: "part" }, h("h2", {}, title), help ? h("p", { class: "help" }, help) : null, ...inside);
}

function days(n) {
  return n === 1 ? _("1 day") : _("{n} days", { n });
}

function paintPeriods(shop) {
  const rows = Object.entries(shop.retention).map(([kind, length]) =>
    h(
      "li",
      { class: "row", "data-kind": kind },
      h("div", { class: "what" }, h("b", {}, KINDS[kind]()), h("span", {}, HELP[kind]())),
      h("span", { class: "uses figures" }, days(length)),
    ),
  );
  rows.push(
    h(
      "li",
      { class: "row" },
      h("div", { class: "what" }, h("b", {}, _("Audit log")), h("span", {}, _("Who looked, listened and changed what. It is chained and not deleted."))),
      h("span", { class: "uses" }, _("for good")),
    ),
  );
  return part(
    _("How long"),
    _("What is older is destroyed by itself within an hour, unless it is held. A shorter period takes effect at once and cannot be undone for what is gone."),
    h("ul", { class: "rows" }, rows),
    h("div", { class: "acts" }, h("button", { type: "button", onclick: () => edit(() => editPeriods(shop)) }, _("Change the periods"))),
  );
}

function editPeriods(shop) {
  const fields = Object.entries(shop.retention).map(([kind, length]) =>
    makeField({ name: kind, label: `${KINDS[kind]()} (${_("days")})`, value: length, inputmode: "numeric", help: HELP[kind]() }),
  );
  return openForm({
    title: _("How long"),
    fields,
    change: (values) => ({
      kind: "retention",
      shop: shop.id,
      ...Object.fromEntries(Object.entries(values).map(([kind, value]) => [kind, Number(value)])),
    }),
  });
}

function paintSealing(shop) {
  const on = shop.sealing.footage;
  return part(
    _("Sealed footage"),
    _("Stills and clips are always sealed. Footage can be, too: whoever takes the disk or a copy of it sees nothing, and what is deleted opens nowhere any more. Without the sealing keys no footage can be opened: keep a copy of them elsewhere."),
    h(
      "p",
      { class: "state", "data-state": on ? "ok" : "attention" },
      icon(on ? "true" : "unwatched"),
      h("span", {}, on ? _("sealed as it is recorded") : _("recorded in the clear")),
    ),
    h("div", { class: "acts" }, h("button", { type: "button", onclick: () => edit(() => editSealing(shop)) }, on ? _("Stop sealing footage…") : _("Seal footage…"))),
  );
}

// What finds people is a file on the server: it is named in tenban.toml, not on a page.
function paintMasking(shop) {
  const { model, people } = shop.masking;
  const says = people
    ? _("Heads are blurred for whoever may not see blurred parts: on stills, clips and the live picture.")
    : _("Heads are not blurred by themselves.");
  const copies = model
    ? _("A clip can be copied with people blurred, from its incident's card.")
    : _("No model that finds people is named in tenban.toml ([shop.masking] model), so nobody can be blurred; zones can.");
  return part(
    _("Blurring people"),
    copies,
    h("p", { class: "state", "data-state": people ? "ok" : "attention" }, icon(people ? "true" : "unwatched"), h("span", {}, says)),
  );
}

function editSealing(shop) {
  const footage = makeField({
    name: "footage",
    label: _("Seal footage"),
    kind: "check",
    value: shop.sealing.footage,
    help: _("Each camera begins a new file. What was recorded before stays as it is until its period is over."),
  });
  return openForm({
    title: _("Sealed footage"),
    fields: [footage],
    change: (values) => ({ kind: "sealing", shop: shop.id, footage: values.footage }),
  });
}

const PURPOSES = {
  loss_prevention: () => _("Preventing crime and losses"),
  safety: () => _("Safety of customers and staff"),
  register_support: () => _("Helping at self-checkouts"),
};

function paintNotice(shop) {
  const { notice } = shop;
  const address = `/notice/${encodeURIComponent(shop.id)}`;
  return part(
    _("Notice about cameras"),
    _("A page anybody can read without signing in, made from these settings, to print for the door as well."),
    h(
      "p",
      { class: "state", "data-state": notice.published ? "ok" : "attention" },
      icon(notice.published ? "true" : "unwatched"),
      h("span", {}, notice.published ? _("published") : _("not published")),
    ),
    h(
      "div",
      { class: "acts" },
      h("button", { type: "button", onclick: () => edit(() => editNotice(shop)) }, notice.published ? _("Edit") : _("Set up")),
      notice.published ? h("a", { class: "button", href: address, target: "_blank" }, _("Show and print")) : null,
    ),
  );
}

function editNotice(shop) {
  const { notice } = shop;
  const fields = [
    makeField({ name: "on", label: _("Publish the notice"), kind: "check", value: notice.on || !notice.responsible }),
    makeField({ name: "responsible", label: _("Who is responsible"), value: notice.responsible, help: _("The company's name and address") }),
    makeField({ name: "contact", label: _("Whom to ask"), value: notice.contact, help: _("A telephone number, an e-mail address or a counter") }),
    ...Object.entries(PURPOSES).map(([purpose, word]) =>
      makeField({ name: purpose, label: word(), kind: "check", value: notice.purposes.includes(purpose) }),
    ),
    makeField({ name: "extra", label: _("Anything else"), value: notice.extra, help: _("One sentence of your own; may be left empty.") }),
  ];
  return openForm({
    title: _("Notice about cameras"),
    fields,
    change: ({ on, responsible, contact, extra, ...ticked }) => ({
      kind: "notice",
      shop: shop.id,
      on,
      responsible,
      contact,
      extra,
      purposes: Object.keys(PURPOSES).filter((purpose) => ticked[purpose]),
    }),
  });
}

/** What is held: where, what and when, leading to its footage where one may look. */
function heldWord({ register_name, title, occurred_at, footage }) {
  const word = [laneWord(register_name), told(title), moment(occurred_at)].join(" · ");
  return footage && page.rooms.includes("/footage") ? h("a", { href: footage }, word) : word;
}

function paintHolds() {
  const rows = held.map((hold) =>
    h(
      "li",
      { class: "row", "data-hold": hold.id },
      h(
        "div",
        { class: "what" },
        h("b", {}, hold.about ? heldWord(hold.about) : hold.owner),
        h("span", {}, [hold.about ? hold.owner : null, hold.reason].filter(Boolean).join(" · ")),
        h("span", { class: "figures" }, _("{who}, {at}", { who: hold.placed_by_name, at: moment(hold.placed_at) })),
      ),
      h("div", { class: "acts" }, h("button", { type: "button", class: "quiet", onclick: () => release(hold) }, _("Let go…"))),
    ),
  );
  return part(
    _("Held"),
    _("Pictures and footage of these incidents are kept until they are let go. An incident is held from its card on the watch page."),
    rows.length ? h("ul", { class: "rows" }, rows) : h("p", { class: "nothing" }, _("Nothing is held.")),
  );
}

function release(hold) {
  const reason = makeField({ name: "reason", label: _("Why it may go"), value: "" });
  const wrong = h("p", { class: "trouble", role: "alert", hidden: true });
  const dialog = h(
    "dialog",
    { class: "edit", "aria-label": _("Let go of what is held") },
    h("h2", {}, _("Let go of what is held")),
    h("p", {}, _("What is past its period is destroyed within an hour and cannot be brought back.")),
    h(
      "form",
      { novalidate: true, onsubmit: send },
      reason.element,
      wrong,
      h(
        "div",
        { class: "acts" },
        h("button", { type: "submit", class: "primary" }, _("Let go")),
        h("button", { type: "button", onclick: () => dialog.close() }, _("Cancel")),
      ),
    ),
  );
  dialog.addEventListener("close", () => dialog.remove());

  async function send(event) {
    event.preventDefault();
    if (!reason.value.trim()) {
      reason.trouble(_("Please say why."));
      reason.input.focus();
      return;
    }
    try {
      await ask(`/api/v1/holds/${hold.id}/release`, { method: "POST", body: { reason: reason.value } });
      dialog.close();
      toasts.show(_("Let go: {owner}", { owner: hold.owner }));
      await start();
    } catch (error) {
      // Policy: what was typed stays; what is wrong stands below it.
      wrong.hidden = false;
      say(wrong, error.message);
    }
  }

  document.body.append(dialog);
  dialog.showModal();
}

function sizeWord(bytes) {
  if (!bytes) return "";
  const [unit, by] = bytes < 1e6 ? ["kB", 1e3] : bytes < 1e9 ? ["MB", 1e6] : ["GB", 1e9];
  return ` (${(bytes / by).toFixed(bytes < 1e6 ? 0 : 1)} ${unit})`;
}

function whyGone({ period_days, why }) {
  if (period_days !== null) return _("kept for {length}", { length: days(period_days) });
  if (why === "room") return _("the oldest, before the disk was full");
  if (why === "share") return _("the oldest of a camera that had its share");
  return _("on request: {why}", { why });
}

function paintDestroyed() {
  const rows = gone.map((one) =>
    h(
      "li",
      { class: "row", "data-deletion": one.n },
      h(
        "div",
        { class: "what" },
        h("b", {}, `${KINDS[one.kind]?.() ?? one.kind}: ${one.count}${sizeWord(one.bytes)}`),
        h("span", { class: "figures" }, _("of {from} to {to}", { from: moment(one.from_at), to: moment(one.to_at) })),
        h("span", {}, whyGone(one)),
      ),
      h("span", { class: "uses figures" }, moment(one.at)),
    ),
  );
  return part(
    _("Destroyed"),
    _("Each row stands in the audit log as well, which tenban audit verify proves."),
    rows.length ? h("ul", { class: "rows" }, rows) : h("p", { class: "nothing" }, _("Nothing was destroyed yet.")),
    complete ? null : h("div", { class: "acts" }, h("button", { type: "button", onclick: more }, _("Show earlier ones"))),
  );
}

document.addEventListener("language", paint);
start();
