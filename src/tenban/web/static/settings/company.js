// /settings/company: what is of all shops: the company's name, which shops there are.
import { h } from "../dom.js";
import "../parts/apply-state.js";
import { _, told } from "../words.js";
import { load, putBack, settings } from "./desk.js";
import { editCompany, editShop } from "./edits.js";
import { makeRoom, toasts } from "./room.js";
import { makeShopList } from "./shops.js";

const room = makeRoom();
const trouble = h("div", { class: "trouble", role: "alert", hidden: true });
const applied = h("apply-state");
const whole = h("div", { class: "shops" });
room.main.append(trouble, applied, whole);
let failed = null;
let list = null;

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

/** Carry out an edit and say what came of it, with a way back. */
async function edit(run) {
  const done = await run();
  paint();
  if (!done) return;
  if (!done.revision) {
    toasts.show(_("Nothing was changed."));
    return;
  }
  toasts.show(_("Saved: {what}", { what: done.what.map(told).join(" · ") }), {
    word: _("Undo"),
    act: () => edit(() => undo(done.before.n)),
  });
  await applied.follow(done.effects);
}

async function undo(n) {
  try {
    const before = settings().revision;
    return { ...(await putBack(n)), before };
  } catch (error) {
    // Policy: what could not be undone is told; nothing was changed.
    toasts.show(error.message, { trouble: true });
    await load();
    return null;
  }
}

function paint() {
  room.title(_("Company"));
  const now = settings();
  const lines = [];
  if (failed) lines.push(h("p", {}, failed.message), h("button", { type: "button", onclick: start }, _("Try again")));
  else if (now?.mistakes.length)
    lines.push(
      h("p", {}, _("tenban.toml was changed by hand and has mistakes. What ran before goes on; nothing can be saved here.")),
      h("a", { class: "button", href: "/settings/history" }, _("Put an earlier revision back")),
    );
  trouble.hidden = lines.length === 0;
  trouble.replaceChildren(...lines);
  if (now) whole.replaceChildren(paintCompany(now), paintShops(now));
}

function button(word, run, label = null) {
  return h("button", { type: "button", class: "quiet", "aria-label": label, onclick: () => edit(run) }, word);
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
      h("div", { class: "what" }, h("b", {}, shop.name), h("span", { class: "help figures" }, shop.id)),
      h("span", { class: "uses" }, sizeWord(shop)),
      h(
        "div",
        { class: "acts" },
        h("a", { class: "button", href: `/settings?shop=${encodeURIComponent(shop.id)}` }, _("Open")),
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

document.addEventListener("language", () => {
  list = null;
  paint();
});
start();
