// Webhooks on /settings/devices: who is told of incidents outside of this server, and what did not arrive.
import { ask } from "../api.js";
import { h, say } from "../dom.js";
import { _, page } from "../words.js";
import { makeChoices, makeSure, openAsk, showOnce } from "./asking.js";
import { makeField, moment } from "./form.js";
import { toasts } from "./room.js";

const ROOT = "/api/v1/webhooks";

function eventWord(code) {
  const words = {
    "incident.brief": _("an incident (brief)"),
    "incident.clip": _("its clip is ready"),
    "incident.changed": _("its state has changed"),
    "incident.withdrawn": _("it was withdrawn"),
    "incident.passed_on": _("nobody answered it"),
    ping: _("test"),
  };
  return words[code] ?? code;
}

/** Make the section. */
export function makeHooks() {
  const title = h("h2");
  const intro = h("p", { class: "help" });
  const list = h("ul", { class: "rows hooks" });
  const nothing = h("p", { class: "nothing", hidden: true });
  const add = h("button", { type: "button", onclick: () => edit(null) });
  const element = h("section", { class: "part" }, title, intro, list, nothing, h("div", { class: "acts" }, add));
  let known = null;
  let where = "";
  const sure = makeSure(paint);

  async function load(query = where) {
    where = query;
    known = await ask(`${ROOT}${where}`);
  }

  async function act(path, options, word) {
    try {
      await ask(`${ROOT}${path}`, options);
      toasts.show(word);
      await load();
    } catch (error) {
      // Policy: what could not be done is told; nothing was changed.
      toasts.show(error.message, { trouble: true });
    }
    paint();
  }

  async function edit(one) {
    const fields = [
      makeField({ name: "name", label: _("What you call it"), value: one?.name ?? "", maxlength: 100 }),
      makeField({ name: "url", label: _("Address"), value: one?.url ?? "https://", inputmode: "url", autocapitalize: "none" }),
      makeChoices({
        name: "events",
        label: _("It is told when there is"),
        options: known.events.map((code) => [code, eventWord(code)]),
        chosen: one?.events ?? known.events,
      }),
    ];
    const done = await openAsk({
      title: one ? _("Webhook") : _("New webhook"),
      fields,
      word: _("Save"),
      send: async (values) =>
        one
          ? ((await ask(`${ROOT}/${one.id}`, { method: "PATCH", body: values })) ?? {})
          : ask(ROOT, { method: "POST", body: { ...values, shop: page.shop.id } }),
    });
    if (done?.secret) await reveal(done);
    if (done) await load();
    paint();
  }

  async function renew(one) {
    const overlap = makeField({
      name: "overlap_h",
      label: _("The old one signs on for"),
      kind: "select",
      options: [
        ["24", _("1 day")],
        ["168", _("7 days")],
        ["0", _("no longer")],
      ],
    });
    const done = await openAsk({
      title: _("New secret of {name}", { name: one.name }),
      fields: [overlap],
      word: _("Renew"),
      send: ({ overlap_h }) => ask(`${ROOT}/${one.id}/secret`, { method: "POST", body: { overlap_h: Number(overlap_h) } }),
    });
    if (done) await reveal(done);
    await load();
    paint();
  }

  function reveal({ secret }) {
    return showOnce({
      title: _("Secret of the webhook"),
      secret,
      help: _("The receiver checks each message with it (Standard Webhooks); examples/webhook_receiver.py shows how."),
    });
  }

  function remove(one) {
    if (!sure.twice(one.id)) return;
    act(`/${one.id}`, { method: "DELETE" }, _("{name}: the webhook was removed.", { name: one.name }));
  }

  function unsent(one, row) {
    const when = row.state === "dead" ? _("given up after {n} tries", { n: row.attempts }) : _("tried {n} times, again {at}", { n: row.attempts, at: moment(row.next_at) });
    return h(
      "li",
      {},
      h("span", {}, `${eventWord(row.event)}: ${when}`),
      h("span", { class: "help figures" }, row.last_error ?? ""),
      h(
        "button",
        { type: "button", class: "quiet", onclick: () => act(`/messages/${row.id}/again`, { method: "POST" }, _("It is sent again.")) },
        _("Send again"),
      ),
    );
  }

  function row(one) {
    const { name } = one;
    const asks = sure.asks(one.id);
    const state = !one.on
      ? _("switched off")
      : one.failing_since_at
        ? _("not answering since {at}", { at: moment(one.failing_since_at) })
        : one.delivered_at
          ? _("last taken {at}", { at: moment(one.delivered_at) })
          : _("nothing sent yet");
    const counts = [
      one.waiting ? _("{n} waiting", { n: one.waiting }) : "",
      one.dead ? _("{n} given up", { n: one.dead }) : "",
    ];
    return h(
      "li",
      { class: "row", "data-hook": one.id },
      h(
        "div",
        { class: "what" },
        h("b", {}, name),
        h("span", { class: "address" }, one.url),
        h("span", { class: "help" }, one.events.map(eventWord).join(" · ")),
      ),
      h(
        "span",
        { class: "uses figures" },
        h("span", { class: one.on && !one.failing_since_at ? "" : "soon" }, state),
        counts.some(Boolean) ? h("span", {}, counts.filter(Boolean).join(" · ")) : null,
      ),
      h(
        "div",
        { class: "acts" },
        h("button", { type: "button", class: "quiet", onclick: () => act(`/${one.id}/ping`, { method: "POST" }, _("A test is on its way.")) }, _("Test")),
        h("button", { type: "button", class: "quiet", "aria-label": _("Edit {name}", { name }), onclick: () => edit(one) }, _("Edit")),
        h("button", { type: "button", class: "quiet", onclick: () => renew(one) }, _("New secret")),
        h(
          "button",
          {
            type: "button",
            class: "quiet",
            onclick: () =>
              act(`/${one.id}`, { method: "PATCH", body: { on: !one.on } }, one.on ? _("{name} is off.", { name }) : _("{name} is on.", { name })),
          },
          one.on ? _("Switch off") : _("Switch on"),
        ),
        h(
          "button",
          { type: "button", class: asks ? "ending" : "quiet", onclick: () => remove(one) },
          asks ? _("Press again to remove") : _("Delete"),
        ),
      ),
      one.unsent.length ? h("ul", { class: "unsent" }, one.unsent.map((each) => unsent(one, each))) : null,
    );
  }

  function paint() {
    say(title, _("Webhooks"));
    say(intro, _("Another system is told of incidents by a signed message, such as a chat or a warehouse. What it does not take is sent again for three days."));
    say(add, _("Add a webhook"));
    if (!known) return;
    list.replaceChildren(...known.webhooks.map(row));
    list.hidden = known.webhooks.length === 0;
    nothing.hidden = known.webhooks.length > 0;
    say(nothing, _("Nobody is told yet."));
  }

  return { element, load, paint };
}
