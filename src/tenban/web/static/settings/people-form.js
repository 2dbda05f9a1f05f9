// The form of a person, and the link that is shown once.
import { ask } from "../api.js";
import { makeDialog } from "../dialogs.js";
import { h, say } from "../dom.js";
import { _ } from "../words.js";
import { makeField, moment } from "./form.js";
import { roleHelp, roleWord } from "./roles.js";

const PEOPLE = "/api/v1/people";

export function pathOf(person, more = "") {
  return `${PEOPLE}/${encodeURIComponent(person.id)}${more}`;
}

/** What is sent to change a person to what they are in `person`. */
export function rightsOf({ display_name, roles, shop, area, groups, staff_codes }, known) {
  const codes = Object.fromEntries(known.shops.map(({ id }) => [id, staff_codes[id] ?? null]));
  return { display_name, roles, shop, area, groups, staff_codes: codes };
}

/** Where somebody works, in words. */
export function placeWord({ shop, area, groups }, known) {
  if (area) return _("Area {name}", { name: area });
  const found = known.shops.find(({ id }) => id === shop);
  if (!shop) return _("Every shop");
  const names = groups.map((id) => found?.groups.find((group) => group.id === id)?.name ?? id);
  return [found?.name ?? shop, names.join(", ")].filter(Boolean).join(" · ");
}

function places(known) {
  return [
    ...(known.every_shop ? [["", _("Every shop")]] : []),
    ...known.areas.map((area) => [`area:${area}`, _("Area {name}", { name: area })]),
    ...known.shops.map(({ id, name }) => [`shop:${id}`, name]),
  ];
}

function boxes(title, options, chosen, name) {
  const inputs = options.map(([code, word, help]) => {
    const input = h("input", { type: "checkbox", name, value: code, checked: chosen.includes(code) });
    return { input, element: h("label", {}, input, h("span", {}, word, help ? h("small", {}, help) : null)) };
  });
  return {
    element: h("fieldset", { class: "boxes" }, h("legend", {}, title), inputs.map(({ element }) => element)),
    get value() {
      return inputs.filter(({ input }) => input.checked).map(({ input }) => input.value);
    },
  };
}

/** Ask for everything about a person; resolves to what the server answered, or null. */
export function openPerson(person, known) {
  const title = person ? _("Edit {name}", { name: person.display_name }) : _("Invite somebody");
  const name = makeField({
    name: "name",
    label: _("Name to sign in with"),
    help: _("Short and easy to type on a tablet."),
    maxlength: 100,
    autocapitalize: "none",
  });
  const shown = makeField({
    name: "display_name",
    label: _("Name on screens"),
    value: person?.display_name ?? "",
    maxlength: 100,
  });
  const roles = boxes(
    _("Roles"),
    known.roles.map((role) => [role, roleWord(role), roleHelp(role)]),
    person?.roles ?? ["attendant"],
    "role",
  );
  const options = places(known);
  const here = person?.area ? `area:${person.area}` : person?.shop ? `shop:${person.shop}` : "";
  const fallback = known.shops.length === 1 ? `shop:${known.shops[0].id}` : (options[0]?.[0] ?? "");
  const place = makeField({
    name: "place",
    label: _("Where"),
    kind: "select",
    value: person ? here : fallback,
    options: options.some(([code]) => code === here) || !person ? options : [[here, here.slice(5)], ...options],
  });
  const groupsAt = h("div");
  let groups = null;
  function paintGroups() {
    const shop = known.shops.find(({ id }) => `shop:${id}` === place.value);
    const all = shop?.groups ?? [];
    groups = boxes(
      _("Groups (all of the shop where none is chosen)"),
      all.map((group) => [group.id, group.name]),
      person?.groups ?? [],
      "group",
    );
    groupsAt.replaceChildren(...(all.length ? [groups.element] : []));
  }
  const codesAt = h("div");
  const codes = new Map(); // by shop; what was typed stays when the place is changed to and fro
  function paintCodes() {
    const [kind, id] = place.value.split(/:(.*)/);
    const shops = kind === "shop" ? known.shops.filter((shop) => shop.id === id) : known.shops;
    for (const shop of shops) {
      if (codes.has(shop.id)) continue;
      const label =
        known.shops.length === 1
          ? _("Staff code at the tills (optional)")
          : _("Staff code at the tills of {shop} (optional)", { shop: shop.name });
      const value = person?.staff_codes[shop.id] ?? "";
      codes.set(
        shop.id,
        makeField({ name: `staff-code-${shop.id}`, label, value, maxlength: 64, autocapitalize: "none" }),
      );
    }
    codesAt.replaceChildren(
      ...shops.map((shop) => codes.get(shop.id).element),
      h(
        "p",
        { class: "help" },
        _("What the till calls this cashier. With it they see under “What concerns me” who looked at pictures of their register."),
      ),
    );
  }
  const paintPlace = () => {
    paintGroups();
    paintCodes();
  };
  place.input.addEventListener("change", paintPlace);
  paintPlace();
  const whole = h("div", { class: "whole" });
  const submit = h("button", { type: "submit", class: "primary" }, person ? _("Save") : _("Make the link"));
  let finish;
  const ended = new Promise((resolve) => {
    finish = resolve;
  });
  const dialog = h("dialog", { class: "edit person", "aria-label": title }, h("h2", {}, title));
  const end = (result) => {
    dialog.close();
    dialog.remove();
    finish(result);
  };
  const form = h(
    "form",
    {
      novalidate: true,
      onsubmit: async (event) => {
        event.preventDefault();
        submit.disabled = true;
        name.trouble(null);
        const [kind, ...rest] = place.value.split(":");
        const body = {
          display_name: shown.value,
          roles: roles.value,
          shop: kind === "shop" ? rest.join(":") : null,
          area: kind === "area" ? rest.join(":") : null,
          groups: kind === "shop" ? groups.value : [],
          staff_codes: Object.fromEntries([...codes].map(([id, field]) => [id, field.value.trim() || null])),
        };
        try {
          end(
            person
              ? await ask(pathOf(person), { method: "PUT", body })
              : await ask(PEOPLE, { method: "POST", body: { ...body, name: name.value } }),
          );
        } catch (error) {
          // Policy: what was typed stays; what is wrong is told beside it.
          const text = refusalWord(error);
          if (!person && (error.code === "conflict" || /^name/.test(error.message))) {
            name.trouble(text);
            name.input.focus();
            whole.replaceChildren();
          } else whole.replaceChildren(h("p", { class: "trouble", role: "alert" }, text));
        } finally {
          submit.disabled = false;
        }
      },
    },
    person ? null : name.element,
    shown.element,
    roles.element,
    place.element,
    groupsAt,
    codesAt,
    person ? h("p", { class: "help" }, _("With other roles or another place the person signs in again.")) : null,
    whole,
    h("div", { class: "acts" }, submit, h("button", { type: "button", onclick: () => end(null) }, _("Cancel"))),
  );
  dialog.append(form);
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    end(null);
  });
  document.body.append(dialog);
  dialog.showModal();
  return ended;
}

/** What a refusal means to an administrator. */
export function refusalWord(error) {
  if (error.code === "last_administrator")
    return _("This is the last administrator there. Make somebody else one first.");
  if (error.code === "staff_code_taken") return _("Somebody else of this shop has this staff code.");
  if (error.code === "conflict" && /named/.test(error.message)) return _("This name is taken. Please choose another one.");
  if (/^roles/.test(error.message)) return _("Please choose at least one role.");
  if (/^name/.test(error.message)) return _("A name has 1 to 100 characters.");
  return error.message;
}

let board = null;

/** Show a link, once, with a button that copies it. */
export function showLink(person, { link, expires_at }) {
  board ??= makeDialog("link");
  const field = h("input", { type: "text", readonly: true, value: link, "aria-label": _("One-time link") });
  field.addEventListener("focus", () => field.select());
  const done = h("p", { class: "good", role: "status" });
  const copy = h(
    "button",
    {
      type: "button",
      class: "primary",
      onclick: async () => {
        try {
          await navigator.clipboard.writeText(link);
        } catch {
          // Policy: without HTTPS there is no clipboard for scripts; the text is selected instead.
          field.select();
          document.execCommand("copy");
        }
        say(done, _("Copied."));
      },
    },
    _("Copy the link"),
  );
  board.open(
    _("Link for {name}", { name: person.display_name }),
    h(
      "p",
      {},
      _("Give it to {name} only. It works once, until {at}, and is not shown again.", {
        name: person.display_name,
        at: moment(expires_at),
      }),
    ),
    field,
    h("div", { class: "acts" }, copy),
    done,
  );
  copy.focus();
}
