// The forms of shops, groups, cameras and registers.
import { h } from "../dom.js";
import { _, laneWord } from "../words.js";
import { freeId, save, settings, tryCamera } from "./desk.js";
import { makeField, openForm } from "./form.js";
import { toasts } from "./room.js";
import { fillChosen, findField } from "./finding.js";
import { idFrom } from "./shops.js";
import { trialButton, troubleWord } from "./trial.js";

const ID_HELP = () => _("For addresses and files; it cannot be changed later.");

/** A shop's own keys; null: a new one, in the time and money of the shop shown. */
export function editShop(shop) {
  const now = settings();
  const like = shop ?? now.shops[0];
  const fields = [
    makeField({ name: "name", label: _("Name"), value: shop?.name ?? "" }),
    makeField({
      name: "timezone",
      label: _("Time zone"),
      value: like.timezone,
      help: _("Times on all screens, such as Asia/Tokyo"),
    }),
    makeField({ name: "currency", label: _("Currency"), value: like.currency, help: _("Three letters, such as JPY") }),
  ];
  if (now.may.shops)
    fields.push(
      makeField({
        name: "area",
        label: _("Area"),
        value: shop?.area ?? "",
        help: _("People may be given a whole area: its shops, also such as are added later. May be left empty."),
      }),
    );
  if (!shop) fields.push(suggestedId(fields[0], now.all_shops));
  return openForm({
    title: shop ? _("Shop") : _("New shop"),
    fields,
    change: ({ id, ...values }) => ({ kind: "shop", shop: shop?.id ?? id, new: !shop, ...values }),
    onremove: shop && now.may.shops && now.all_shops.length > 1 ? (end) => removeThing(shop, "shop", shop, shop.name, end) : null,
  });
}

export function editCompany() {
  return openForm({
    title: _("Company"),
    fields: [makeField({ name: "name", label: _("Name"), value: settings().company })],
    change: ({ name }) => ({ kind: "company", name }),
  });
}

/** Where the lamps' broker is; a password left empty stays as it is. */
export function editBroker() {
  const { mqtt } = settings();
  return openForm({
    title: _("Lamps over MQTT"),
    fields: [
      makeField({ name: "on", label: _("Connect to a broker"), kind: "check", value: mqtt.on }),
      makeField({
        name: "host",
        label: _("Host of the broker"),
        value: mqtt.host,
        help: _("Its name or number in the network, such as 192.168.1.10"),
        inputmode: "url",
        autocapitalize: "none",
      }),
      makeField({ name: "port", label: _("Port"), value: mqtt.port, inputmode: "numeric", help: _("Usually 1883") }),
      makeField({
        name: "user",
        label: _("User name at the broker"),
        value: mqtt.user,
        autocapitalize: "none",
        help: _("Empty: the broker asks for none."),
      }),
      makeField({
        name: "password",
        label: _("Password at the broker"),
        kind: "password",
        help: mqtt.has_password ? _("One is kept and never shown. Leave this empty to keep it.") : "",
        autocomplete: "new-password",
      }),
    ],
    change: ({ password, ...values }) => ({ kind: "mqtt", ...values, password: password === "" ? null : password }),
  });
}

// The id follows the name until somebody writes one.
function suggestedId(name, shops) {
  const taken = shops.map(({ id }) => id);
  const field = idField(idFrom("", taken));
  let own = false;
  field.input.addEventListener("input", () => (own = true));
  name.input.addEventListener("input", () => {
    if (!own) field.input.value = idFrom(name.value, taken);
  });
  return field;
}


export function editGroup(shop, group) {
  const fields = [makeField({ name: "name", label: _("Name"), value: group?.name ?? "" })];
  if (!group) fields.push(idField(freeId("group", shop.groups)));
  return openForm({
    title: group ? _("Group") : _("New group"),
    fields,
    change: (values) => ({ kind: "group", shop: shop.id, id: group?.id, new: !group, ...values }),
    onremove: group && ((end) => removeThing(shop, "group", group, group.name, end)),
  });
}

/** The fields of a camera; a password left empty stays as it is. */
export function cameraFields(camera) {
  return [
    makeField({ name: "name", label: _("Name"), value: camera?.name ?? "" }),
    makeField({
      name: "address",
      label: _("Address"),
      value: camera?.address ?? "rtsp://",
      help: _("As the camera's manual names its stream, without name and password"),
      inputmode: "url",
      autocapitalize: "none",
    }),
    makeField({ name: "user", label: _("User name at the camera"), value: camera?.user ?? "", autocapitalize: "none" }),
    makeField({
      name: "password",
      label: _("Password at the camera"),
      kind: "password",
      help: camera?.has_password ? _("One is kept and never shown. Leave this empty to keep it.") : "",
      autocomplete: "new-password",
    }),
    makeField({
      name: "sub",
      label: _("Address of the smaller stream"),
      value: camera?.sub ?? "",
      help: _("Optional. It is watched in place of the large one, which is recorded: less work for this server. User name and password are the same."),
      inputmode: "url",
      autocapitalize: "none",
    }),
    makeField({
      name: "transport",
      label: _("Transport"),
      kind: "select",
      value: camera?.transport ?? "tcp",
      options: [
        ["tcp", _("TCP (usual)")],
        ["udp", "UDP"],
      ],
    }),
  ];
}

/** What the fields of a camera say, as a change. */
export function cameraChange(shop, camera, values) {
  const { password, find, ...rest } = values;
  const kept = password === "" ? null : password;
  return {
    kind: "camera",
    shop: shop.id,
    id: camera?.id,
    new: !camera,
    record: camera?.record ?? true,
    ...rest,
    password: kept,
  };
}

export function editCamera(shop, camera, chosen = null) {
  const fields = cameraFields(camera);
  if (!camera) fields.unshift(findField(shop, fields));
  if (chosen) fillChosen(fields, chosen);
  const record = makeField({ name: "record", label: _("Record this camera"), kind: "check", value: camera?.record ?? true });
  fields.push(record);
  fields.push(
    makeField({
      name: "sound",
      label: _("Record its sound, too"),
      kind: "check",
      value: camera?.sound ?? false,
      help: _("Off unless the shop decides for it. The published notice then says so. AAC and Opus are recorded; few people may listen, and it is written down."),
    }),
  );
  if (!camera) fields.push(idField(shop.free.camera));
  const read = () => cameraChange(shop, camera, Object.fromEntries(fields.map((field) => [field.name, field.value])));
  fields.push(trialButton(shop, camera, read, fields));
  // Another name or password is tried before the one that works is let go.
  const before = async ({ address, user, password, transport }, note) => {
    if (password === null && user === camera.user) return null;
    note.textContent = _("The camera is tried with the new name and password …");
    const tried = await tryCamera({ shop: shop.id, camera: camera.id, address, user, password, transport });
    return tried.trouble
      ? `${troubleWord(tried)} ${_("Nothing was saved; the camera goes on as before. Save again to take it over all the same.")}`
      : null;
  };
  return openForm({
    title: camera ? _("Camera") : _("New camera"),
    fields,
    before: camera ? before : null,
    change: () => {
      const { trial, ...change } = read();
      return change;
    },
    onremove: camera && ((end) => removeThing(shop, "camera", camera, camera.name, end)),
  });
}

export function registerFields(shop, register) {
  return [
    makeField({ name: "name", label: _("Name or number"), value: register?.name ?? "" }),
    makeField({
      name: "kind",
      label: _("Kind"),
      kind: "select",
      value: register?.kind ?? "self",
      options: [
        ["self", _("self-checkout")],
        ["semi_self", _("semi-self")],
        ["staffed", _("staffed")],
      ],
    }),
    makeField({
      name: "group",
      label: _("Group of attendants"),
      kind: "select",
      value: register?.group ?? shop.groups[0]?.id ?? "",
      options: [["", _("none: all attendants")], ...shop.groups.map(({ id, name }) => [id, name])],
    }),
  ];
}

export function registerChange(shop, register, { kind, group, ...rest }) {
  return {
    kind: "register",
    shop: shop.id,
    id: register?.id,
    new: !register,
    register_kind: kind,
    group: group || null,
    ...rest,
  };
}

export function editRegister(shop, register) {
  const fields = registerFields(shop, register);
  if (!register) fields.push(idField(shop.free.register));
  return openForm({
    title: register ? _("Register") : _("New register"),
    fields,
    change: (values) => registerChange(shop, register, values),
    onremove: register && ((end) => removeThing(shop, "register", register, laneWord(register.name), end)),
  });
}

export function idField(value) {
  return makeField({ name: "id", label: _("Id"), value, help: ID_HELP(), autocapitalize: "none" });
}

/** Ask once more, then take something out of the file. */
export function removeThing(shop, of, thing, name, end) {
  const what = {
    camera: _("Its recording ends. Footage and incidents stay."),
    register: _("It is no longer watched. Incidents and sales stay."),
    group: _("Its lanes must have another group first."),
    shop: _("It must have no registers, cameras and groups. Incidents and sales stay."),
  };
  const dialog = h(
    "dialog",
    { class: "edit", "aria-label": _("Remove {name}?", { name }) },
    h("h2", {}, _("Remove {name}?", { name })),
    h("p", {}, what[of]),
    h(
      "div",
      { class: "acts" },
      h("button", { type: "button", class: "primary", onclick: go }, _("Remove")),
      h("button", { type: "button", onclick: close }, _("Cancel")),
    ),
  );

  function close() {
    dialog.close();
    dialog.remove();
  }

  async function go() {
    try {
      const gone = of === "shop" ? { kind: "remove_shop", shop: shop.id } : { kind: "remove", shop: shop.id, of, id: thing.id };
      const done = await save(gone);
      close();
      end(done);
    } catch (error) {
      // Policy: what is still needed stays, and who needs it is told.
      const users = error.more.mistakes?.[0]?.came;
      close();
      const still = of === "shop" ? _("Still there: {names}", { names: users }) : _("Still used by: {names}", { names: users });
      toasts.show(users ? still : error.message, { trouble: true });
      end(null);
    }
  }

  document.body.append(dialog);
  dialog.showModal();
}
