// Below an incident's card, for who oversees: hold it beyond its period, let it go, or erase its pictures.
import { ask } from "./api.js";
import { h, say } from "./dom.js";
import { clockTime, longDate } from "./times.js";
import { _, page } from "./words.js";

const COPY_MS = 2_000;

/** The part about keeping of one incident; it loads what it shows by itself. */
export function makeKeeping(incident) {
  const root = `/api/v1/incidents/${encodeURIComponent(incident)}`;
  const list = h("ul", { class: "holds" });
  const copy = h("p", { class: "copy", "aria-live": "polite" });
  const room = h("div", { class: "keep-form" });
  const element = h("section", { class: "keeping", "aria-label": _("Keeping") }, list, copy, room);

  async function load() {
    try {
      paint(await ask(`${root}/keeping`));
    } catch (error) {
      // Policy: the card stays usable; what could not be loaded is told in its place.
      list.replaceChildren(h("li", {}, error.message));
    }
  }

  async function loadCopy() {
    let made;
    try {
      made = await ask(`${root}/copy`);
    } catch (error) {
      // Policy: the rest of the card stays usable; why stands in its place.
      copy.replaceChildren(error.message);
      return;
    }
    paintCopy(made);
    if (made.state === "pending") setTimeout(() => element.isConnected && loadCopy(), COPY_MS);
  }

  function paintCopy({ state, progress, url, can }) {
    const order = (word) => h("button", { type: "button", onclick: makeCopy }, word);
    const shown = {
      ready: () => [h("a", { class: "button", href: url, download: "" }, _("Download the copy with people blurred"))],
      pending: () => [_("A copy with people blurred is being made: {n} %", { n: progress ?? 0 })],
      failed: () => [_("The copy could not be made."), " ", order(_("Try again"))],
      none: () => (can ? [order(_("Copy the clip with people blurred"))] : []),
    };
    copy.replaceChildren(...shown[state]());
    copy.hidden = !copy.childNodes.length;
  }

  async function makeCopy() {
    try {
      await ask(`${root}/copy`, { method: "POST" });
      await loadCopy();
    } catch (error) {
      // Policy: as above.
      copy.replaceChildren(error.message);
    }
  }

  function paint({ holds, pictures }) {
    const inForce = holds.filter((hold) => !hold.released_at);
    const lines = holds.map((hold) =>
      h(
        "li",
        {},
        h("b", {}, hold.released_at ? _("Was held: {owner}", { owner: hold.owner }) : _("Held: {owner}", { owner: hold.owner })),
        h("span", {}, `${hold.reason} · ${hold.placed_by_name}, ${moment(hold.placed_at)}`),
        hold.released_at
          ? h("span", {}, _("Let go by {who}, {at}: {why}", { who: hold.released_by_name, at: moment(hold.released_at), why: hold.release_reason }))
          : h("button", { type: "button", onclick: () => askToRelease(hold) }, _("Let go…")),
      ),
    );
    if (pictures) {
      const why = pictures.why === "erased" ? _("Pictures were erased on request, {at}") : _("Pictures were destroyed when their period was over, {at}");
      lines.push(h("li", {}, h("b", {}, why.replace("{at}", moment(pictures.destroyed_at)))));
    }
    list.replaceChildren(...lines);
    const acts = [];
    if (!pictures) acts.push(h("button", { type: "button", onclick: askToHold }, _("Keep beyond its period…")));
    if (!pictures && page.may_erase && !inForce.length) {
      acts.push(h("button", { type: "button", onclick: askToErase }, _("Erase pictures…")));
    }
    room.replaceChildren(h("div", { class: "acts" }, acts));
    if (pictures) copy.replaceChildren();
    else loadCopy();
  }

  function askToHold() {
    form(
      _("Pictures, clip and the footage around it are kept until somebody lets it go."),
      [
        ["owner", _("Who answers for it (person, office or case number)")],
        ["reason", _("Why")],
      ],
      _("Keep it"),
      (values) => ask(`${root}/holds`, { method: "POST", body: values }),
    );
  }

  function askToRelease(hold) {
    form(
      _("What is past its period is destroyed within an hour and cannot be brought back."),
      [["reason", _("Why it may go")]],
      _("Let go"),
      (values) => ask(`/api/v1/holds/${hold.id}/release`, { method: "POST", body: values }),
    );
  }

  function askToErase() {
    form(
      _("Stills and clip of this incident are destroyed at once and cannot be brought back. What was written of it stays; footage of the time goes when its period is over."),
      [["reason", _("Why, such as: asked for by the person shown")]],
      _("Erase for good"),
      (values) => ask(`${root}/erase`, { method: "POST", body: values }),
    );
  }

  function form(text, fields, word, send) {
    const inputs = fields.map(([name, label]) => {
      const input = h("input", { name, maxlength: name === "owner" ? 100 : 500, autocomplete: "off", required: true });
      return { name, input, element: h("label", {}, h("span", {}, label), input) };
    });
    const wrong = h("p", { class: "trouble", role: "alert", hidden: true });
    const submit = h("button", { type: "submit", class: "primary" }, word);
    const element = h(
      "form",
      {
        onsubmit: async (event) => {
          event.preventDefault();
          submit.disabled = true;
          try {
            await send(Object.fromEntries(inputs.map(({ name, input }) => [name, input.value])));
            await load();
          } catch (error) {
            // Policy: what was typed stays; what is wrong stands below it.
            wrong.hidden = false;
            say(wrong, error.message);
            submit.disabled = false;
          }
        },
      },
      h("p", {}, text),
      inputs.map((one) => one.element),
      wrong,
      h("div", { class: "acts" }, submit, h("button", { type: "button", onclick: load }, _("Cancel"))),
    );
    room.replaceChildren(element);
    inputs[0].input.focus();
    // The form is longer than what stood here: its button has to be seen, too.
    submit.scrollIntoView({ block: "nearest" });
  }

  load();
  return element;
}

function moment(at) {
  return `${longDate(at)} ${clockTime(at)}`;
}
