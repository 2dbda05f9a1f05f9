// /settings/signing-in: what asks once more, whose role needs a second factor, how long sessions live, and the
// company's own identity provider.
import { h } from "../dom.js";
import { icon } from "../parts/icon.js";
import "../parts/apply-state.js";
import { _, told } from "../words.js";
import { load, settings } from "./desk.js";
import { tellFile } from "./file-trouble.js";
import { makeField, openForm } from "./form.js";
import { roleWord } from "./roles.js";
import { makeRoom } from "./room.js";
import { makeSaving } from "./saving.js";

const ASKS = {
  people: () => _("Letting people in, changing and disabling them; tokens and webhooks"),
  audit: () => _("Taking the audit log along"),
  keeping: () => _("Letting holds go, destroying pictures before their time"),
  evidence: () => _("Making packages of cases, and taking them along"),
  pictures: () => _("Seeing what is blurred in pictures"),
  settings: () => _("Changing shops, cameras, lanes and zones"),
  rules: () => _("Turning rules"),
};

const room = makeRoom();
const trouble = h("div", { class: "trouble", role: "alert", hidden: true });
const applied = h("apply-state");
const whole = h("div", { class: "shops" });
room.main.append(trouble, applied, whole);
let failed = null;
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
  room.title(_("Signing in"));
  const now = settings();
  tellFile(trouble, { failed, now, again: start });
  const known = now?.signing_in;
  if (known) whole.replaceChildren(paintStepUp(known.step_up), paintSecond(known.step_up), paintSessions(known.sessions), paintProvider(known.oidc));
}

function part(title, help, ...inside) {
  return h("section", { class: "part" }, h("h2", {}, title), h("p", { class: "help" }, help), ...inside);
}

function acts(word, run, label = null) {
  return h("div", { class: "acts" }, h("button", { type: "button", "aria-label": label, onclick: () => edit(run) }, word));
}

function row(key, title, help, value) {
  return h(
    "li",
    { class: "row", "data-key": key },
    h("div", { class: "what" }, h("b", {}, title), help ? h("span", {}, help) : null),
    h("span", { class: "uses figures" }, value),
  );
}

function stateOf(on, yes, no) {
  return h("span", { class: "state", "data-state": on ? "ok" : "" }, icon(on ? "true" : "unwatched"), h("span", {}, on ? yes : no));
}

function minutesWord(n) {
  if (n >= 120 && n % 60 === 0) return hoursWord(n / 60);
  return n === 1 ? _("1 minute") : _("{n} minutes", { n });
}

function hoursWord(n) {
  return n === 1 ? _("1 hour") : _("{n} hours", { n });
}

function paintStepUp(policy) {
  const rows = Object.entries(ASKS).map(([key, word]) => row(key, word(), null, stateOf(policy[key], _("asks"), _("does not ask"))));
  rows.push(row("minutes", _("Having shown it holds for"), null, minutesWord(policy.minutes)));
  rows.push(row("switch_h", _("A tablet is taken over by PIN within"), _("Counted from signing in whole in the same browser."), policy.switch_h ? hoursWord(policy.switch_h) : _("never")));
  return part(
    _("Asked once more"),
    _("Before these, whoever is signed in shows a passkey, the PIN or the password once more."),
    h("ul", { class: "rows" }, rows),
    acts(_("Edit"), () => editStepUp(policy), _("Change what is asked once more")),
  );
}

function paintSecond(policy) {
  return part(
    _("Second factor"),
    _("Whoever has one of these roles can do nothing until an authenticator app is set up, or a passkey shown."),
    policy.app_roles.length
      ? h("ul", { class: "rows" }, policy.app_roles.map((role) => row(role, roleWord(role), null, "")))
      : h("p", { class: "nothing" }, _("No role needs one. Everybody may set one up.")),
    acts(_("Edit"), () => editSecond(policy), _("Change who needs a second factor")),
  );
}

function paintSessions(sessions) {
  const rows = sessions.map((one) =>
    h(
      "li",
      { class: "row", "data-role": one.role },
      h("div", { class: "what" }, h("b", {}, roleWord(one.role)), h("span", {}, one.default ? _("default") : _("set here"))),
      h(
        "span",
        { class: "uses figures" },
        h("span", {}, _("unused: {length}", { length: minutesWord(one.idle_min) })),
        h("span", {}, _("at most: {length}", { length: hoursWord(one.absolute_h) })),
      ),
      h("div", { class: "acts" }, h("button", { type: "button", class: "quiet", "aria-label": _("Edit {name}", { name: roleWord(one.role) }), onclick: () => edit(() => editSession(one)) }, _("Edit"))),
    ),
  );
  return part(
    _("How long one stays signed in"),
    _("By role; whoever has several gets the shortest. It holds from the next time somebody signs in."),
    h("ul", { class: "rows pairings" }, rows),
  );
}

function paintProvider(oidc) {
  const name = told({ ja: oidc.label_ja, en: oidc.label_en }) || _("the company's account");
  const rows = oidc.on
    ? [
        row("issuer", _("Address of the provider"), null, oidc.issuer),
        row("client_id", _("Client ID"), oidc.has_secret ? _("with a secret") : _("without a secret"), oidc.client_id),
        row("label", _("What the button says"), null, _("Sign in with {name}", { name })),
        row("link_by", _("Linking"), oidc.link_by ? _("by themselves, or by this claim the first time: {claim}", { claim: oidc.link_by }) : _("everybody links themselves on their account page"), ""),
        row("only", _("Passwords and passkeys"), null, oidc.only ? _("off, but for {name}", { name: oidc.break_glass }) : _("let in as well")),
      ]
    : [];
  const groups = oidc.groups.map((one) => row(one.name, one.name, one.shop ?? one.area ?? _("Every shop"), one.roles.map(roleWord).join(", ")));
  return part(
    _("The company's own sign-in"),
    _("For companies with an identity provider that speaks OpenID Connect, such as Entra ID, Google Workspace, Okta or Keycloak. Have it send people back to {address}.", { address: `${location.origin}/login/company/back` }),
    h("p", { class: "state", "data-state": oidc.on ? "ok" : "" }, icon(oidc.on ? "true" : "unwatched"), h("span", {}, oidc.on ? _("switched on") : _("switched off"))),
    rows.length ? h("ul", { class: "rows" }, rows) : null,
    groups.length ? [h("h3", {}, _("Groups that are let in")), h("ul", { class: "rows" }, groups)] : null,
    oidc.on ? h("p", { class: "help" }, _("Groups are written in tenban.toml, as [[oidc.group]].")) : null,
    acts(oidc.on ? _("Edit") : _("Set up"), () => editProvider(oidc), _("Edit {name}", { name: _("The company's own sign-in") })),
  );
}

function changeOf(policy, values) {
  const number = (text) => (text === "" || !Number.isFinite(Number(text)) ? String(text) : Number(text));
  const all = { ...policy, ...values };
  return { kind: "step_up", ...all, minutes: number(all.minutes), switch_h: number(all.switch_h) };
}

function editStepUp(policy) {
  const fields = Object.entries(ASKS).map(([name, word]) => makeField({ name, label: word(), kind: "check", value: policy[name] }));
  fields.push(
    makeField({ name: "minutes", label: _("Having shown it holds for (minutes)"), value: policy.minutes, inputmode: "decimal" }),
    makeField({ name: "switch_h", label: _("A tablet is taken over by PIN within (hours)"), value: policy.switch_h, inputmode: "decimal", help: _("0: never") }),
  );
  return openForm({ title: _("Asked once more"), fields, change: (values) => changeOf(policy, values) });
}

function editSecond(policy) {
  const fields = settings().signing_in.sessions.map(({ role }) =>
    makeField({ name: role, label: roleWord(role), kind: "check", value: policy.app_roles.includes(role) }),
  );
  return openForm({
    title: _("Second factor"),
    fields,
    change: (values) => changeOf(policy, { app_roles: Object.keys(values).filter((role) => values[role]) }),
  });
}

function editSession(one) {
  const typed = (text) => (text.trim() === "" ? null : Number.isFinite(Number(text)) ? Number(text) : text);
  return openForm({
    title: roleWord(one.role),
    fields: [
      makeField({ name: "idle_min", label: _("Unused for (minutes)"), value: one.default ? "" : one.idle_min, inputmode: "decimal", placeholder: String(one.idle_min) }),
      makeField({
        name: "absolute_h",
        label: _("At most (hours)"),
        value: one.default ? "" : one.absolute_h,
        inputmode: "decimal",
        placeholder: String(one.absolute_h),
        help: _("Both left empty: the default."),
      }),
    ],
    change: ({ idle_min, absolute_h }) => ({ kind: "sessions", role: one.role, idle_min: typed(idle_min), absolute_h: typed(absolute_h) }),
  });
}

function editProvider(oidc) {
  const fields = [
    makeField({ name: "on", label: _("Let people in by the provider"), kind: "check", value: oidc.on || !oidc.issuer }),
    makeField({ name: "issuer", label: _("Address of the provider"), value: oidc.issuer, inputmode: "url", autocapitalize: "none", help: _("Its issuer to the letter, as the provider names it") }),
    makeField({ name: "client_id", label: _("Client ID"), value: oidc.client_id, autocapitalize: "none" }),
    makeField({
      name: "client_secret",
      label: _("Client secret"),
      kind: "password",
      autocomplete: "new-password",
      help: oidc.has_secret ? _("One is kept and never shown. Leave this empty to keep it.") : _("As the provider gave it; or env:NAME or file:PATH, where it stands elsewhere."),
    }),
    makeField({ name: "label_ja", label: _("What the button says, in Japanese"), value: oidc.label_ja, help: _("The name alone; empty: the company's account") }),
    makeField({ name: "label_en", label: _("What the button says, in English"), value: oidc.label_en }),
    makeField({
      name: "link_by",
      label: _("Link people the first time"),
      kind: "select",
      value: oidc.link_by,
      options: [
        ["", _("no: everybody links themselves")],
        ["preferred_username", _("where their user name there is their name here")],
        ["email", _("where their verified e-mail address is their name here")],
      ],
      help: _("Administrators and installers always link themselves."),
    }),
    makeField({ name: "two_factors", label: _("The provider always asks for a second factor"), kind: "check", value: oidc.two_factors }),
    makeField({ name: "only", label: _("Nobody else gets in: passwords and passkeys are off"), kind: "check", value: oidc.only }),
    makeField({ name: "break_glass", label: _("But for this administrator, by password"), value: oidc.break_glass, autocapitalize: "none", help: _("For the day on which the provider is down. Try it first.") }),
  ];
  return openForm({
    title: _("The company's own sign-in"),
    fields,
    change: ({ client_secret, ...values }) => ({ kind: "oidc", ...values, client_secret: client_secret === "" ? null : client_secret }),
  });
}

document.addEventListener("language", paint);
start();
