// /settings/history: who changed what and when, and the way back.
import { h, say } from "../dom.js";
import "../parts/apply-state.js";
import "../parts/trouble-box.js";
import { _, page, told } from "../words.js";
import { history, load, putBack } from "./desk.js";
import { moment } from "./form.js";
import { makeRoom, toasts } from "./room.js";

const room = makeRoom();
const intro = h("p", { class: "help" });
const trouble = h("trouble-box");
const applied = h("apply-state");
const list = h("ol", { class: "revisions" });
const scopes = h("div", { class: "spans", role: "group", hidden: !page.several_shops });
const more = h("button", { type: "button", hidden: true, onclick: () => fetchMore() });
room.main.append(intro, scopes, trouble, applied, list, more);
let revisions = [];
let newest = 0;
let complete = false;
// Whoever sees several shops begins with the one shown.
let scope = page.several_shops ? page.shop.id : null;

async function start() {
  revisions = [];
  complete = false;
  try {
    await load();
    await fetchMore();
    trouble.clear();
  } catch (error) {
    // Policy: the page says what went wrong and offers to try again.
    trouble.tell(error, start);
  }
  paint();
}

async function fetchMore() {
  const page = await history(revisions.at(-1)?.n ?? null, scope);
  if (!revisions.length) newest = page.newest;
  revisions.push(...page.revisions);
  complete = page.revisions.length === 0 || revisions.at(-1).n === 1;
  paint();
}

async function back(revision) {
  try {
    if (scope !== null && !(await agreed(revision))) return;
    const done = await putBack(revision.n);
    toasts.show(_("Put back: {what}", { what: done.what.map(told).join(" · ") }));
    await start();
    await applied.follow(done.effects);
  } catch (error) {
    // Policy: what could not be put back is told; nothing was changed.
    toasts.show(error.code === "settings_moved" ? _("Somebody was faster: please look again.") : error.message, {
      trouble: true,
    });
    await start();
  }
}

/** A state is the whole file's: who looks at one shop is told first where putting it back changes others, too. */
async function agreed(revision) {
  const plan = await putBack(revision.n, { trial: true });
  if (plan.shops.every((shop) => shop === "" || shop === scope)) return true;
  return new Promise((resolve) => {
    const end = (answer) => {
      dialog.close();
      dialog.remove();
      resolve(answer);
    };
    const dialog = h(
      "dialog",
      { class: "edit", "aria-label": _("This changes other shops, too") },
      h("h2", {}, _("This changes other shops, too")),
      h("ul", {}, plan.what.map((what) => h("li", {}, told(what)))),
      h(
        "div",
        { class: "acts" },
        h("button", { type: "button", class: "primary", onclick: () => end(true) }, _("Put all of it back")),
        h("button", { type: "button", onclick: () => end(false) }, _("Cancel")),
      ),
    );
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      end(false);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

function choose(shop) {
  scope = shop;
  start();
}

function row(revision) {
  const kinds = {
    found: _("found in tenban.toml"),
    page: revision.who,
    hand: _("by hand in the file"),
    undo: _("{who}, put back", { who: revision.who }),
  };
  const lines = revision.what.map((what) => h("li", {}, told(what)));
  const state =
    revision.n === newest
      ? h(
          "b",
          { class: revision.checks ? "now" : "now wrong" },
          revision.checks ? _("in the file now") : _("in the file now, has mistakes"),
        )
      : revision.checks
        ? h("button", { type: "button", onclick: () => back(revision) }, _("Put this back"))
        : h("span", { class: "help" }, _("has mistakes"));
  return h(
    "li",
    { class: "revision", "data-revision": revision.n, "data-kind": revision.kind },
    h(
      "div",
      { class: "what" },
      h("p", { class: "figures" }, h("b", {}, kinds[revision.kind]), ` ${moment(revision.at)}`),
      lines.length ? h("ul", {}, lines) : h("p", { class: "help" }, _("the beginning")),
    ),
    h("div", { class: "acts" }, state),
  );
}

function paint() {
  room.title(_("History of changes"));
  say(
    intro,
    _("Every state of tenban.toml, whether changed here or by hand. Putting one back is a change like any other and can be undone."),
  );
  scopes.setAttribute("aria-label", _("Shops"));
  scopes.replaceChildren(
    ...[
      [page.shop.id, page.shop.name],
      [null, _("All shops")],
    ].map(([shop, word]) =>
      h("button", { type: "button", "aria-pressed": String(scope === shop), onclick: () => choose(shop) }, word),
    ),
  );
  list.replaceChildren(...revisions.map(row));
  more.hidden = complete || revisions.length === 0;
  say(more, _("Show earlier ones"));
}

document.addEventListener("language", paint);
start();
