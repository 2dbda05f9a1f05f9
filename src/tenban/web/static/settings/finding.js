// Finding a camera on the network: who answers, its user and password, its streams; what was chosen fills a form.
import { h } from "../dom.js";
import { icon } from "../parts/icon.js";
import { _ } from "../words.js";
import { askCamera, findCameras } from "./desk.js";
import { makeField, placeMistakes } from "./form.js";
import { h265Word } from "./trial.js";

/** What is wrong with a camera that was asked, and what to do about it. */
export function askedTrouble({ trouble }) {
  const words = {
    address: _("This is no address of a camera."),
    not_allowed: _("No camera is expected at this address: it leads to this machine itself or to a special network. If it is meant, allow it in tenban.toml."),
    no_name: _("There is no device of this name in the network. Check the spelling, or use its number (192.168…)."),
    unreachable: _("No device answers at this address. Is the camera switched on and in the same network?"),
    refused: _("A device is there, but nothing listens on this port. Some cameras use 8080, 8899 or 2020: write it behind the address, such as 192.168.1.20:8899."),
    late: _("The camera did not answer in time."),
    not_onvif: _("Something answers, but not as cameras do. Is ONVIF switched on in the camera's settings?"),
    password: _("The camera wants another user name or password. Many cameras have users of their own for ONVIF."),
    clock: _("The camera refuses us and does not tell its time. Set its clock right (or its time server), then try again; else the password is wrong."),
    broken: _("The camera answered what cannot be understood."),
  };
  return words[trouble] ?? words.broken;
}

/** How far a camera's clock is off, in one line. */
export function clockLine({ offset_ms, within_ms, is_far }) {
  const values = { s: (Math.abs(offset_ms) / 1000).toFixed(1), within: (within_ms / 1000).toFixed(1) };
  const line =
    Math.abs(offset_ms) <= within_ms
      ? _("The camera's clock is right (to ±{within} s).", values)
      : offset_ms > 0
        ? _("The camera's clock is {s} s ahead of ours (±{within} s).", values)
        : _("The camera's clock is {s} s behind ours (±{within} s).", values);
  return is_far ? `${line} ${_("Set it right, or give it a time server.")}` : line;
}

/** One stream's figures in one line. */
export function streamLine({ codec, width, height, fps, kbit_s, keyframe_s }) {
  const parts = [codec || "?", width ? `${width}×${height}` : "?"];
  if (fps) parts.push(_("{n} pictures/s", { n: fps }));
  if (kbit_s) parts.push(kbit_s > 1500 ? `${(kbit_s / 1000).toFixed(1)}\u00a0Mbit/s` : `${kbit_s}\u00a0kbit/s`);
  if (keyframe_s) parts.push(_("keyframe every {n} s", { n: keyframe_s }));
  return parts.join(" · ");
}

/** A field-like button that finds a camera and fills the other fields. */
export function findField(shop, fields) {
  const button = h("button", { type: "button", onclick: run }, _("Find cameras"));

  async function run() {
    const chosen = await findCamera(shop);
    if (!chosen) return;
    fillChosen(fields, chosen);
    fields.find(({ name }) => name === "name").input.focus();
  }

  const help = h("p", { class: "help" }, _("Cameras in the same network answer by themselves. Or write the address below."));
  return { name: "find", value: undefined, element: h("div", { class: "field find" }, button, help), trouble() {} };
}

export function fillChosen(fields, chosen) {
  for (const [name, value] of Object.entries(chosen)) {
    const field = fields.find((one) => one.name === name);
    if (field && (name !== "name" || !field.value)) field.input.value = value;
  }
  // Whoever typed says so; the form's own checks hear it as well.
  fields.find(({ name }) => name === "address").input.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Open the search; resolves to {name, address, user, password, sub}, or null where it was closed. */
export function findCamera(shop) {
  const title = h("h2", { tabindex: -1 });
  const body = h("div", { class: "found" });
  const dialog = h("dialog", { class: "edit find", "aria-label": _("Find cameras") }, title, body);
  let finish;
  const ended = new Promise((resolve) => {
    finish = resolve;
  });

  function end(chosen) {
    finish(chosen);
    dialog.close();
    dialog.remove();
  }

  function show(heading, ...children) {
    title.textContent = heading;
    body.replaceChildren(...children.filter(Boolean));
    title.focus();
  }

  const cancel = () => h("button", { type: "button", onclick: () => end(null) }, _("Cancel"));

  async function search() {
    show(
      _("Find cameras"),
      h("p", { role: "status" }, _("Calling the cameras in the network… this takes three seconds.")),
      h("progress", { "aria-label": _("Calling the cameras in the network… this takes three seconds.") }),
      h("div", { class: "acts" }, cancel()),
    );
    try {
      list((await findCameras(shop.id)).cameras);
    } catch (error) {
      // Policy: where nothing can be called, the address can still be written.
      list([], error.message);
    }
  }

  function list(cameras, trouble = null) {
    if (!dialog.isConnected) return;
    const rows = cameras.map((camera) => {
      const [address] = camera.addresses;
      const name = camera.name || camera.model || _("Camera");
      return h(
        "li",
        { class: "row" },
        h(
          "div",
          { class: "what" },
          h("b", {}, name),
          h("span", {}, [camera.model, camera.place].filter((one) => one && one !== name).join(" · ")),
          h("span", { class: "address figures" }, address ? new URL(address).host : ""),
          camera.known_as.length
            ? h("span", { class: "known" }, icon("true"), _("known already: {names}", { names: camera.known_as.join(", ") }))
            : null,
          address ? null : h("span", { class: "help" }, askedTrouble({ trouble: "not_allowed" })),
        ),
        address
          ? h(
              "div",
              { class: "acts" },
              h("button", { type: "button", onclick: () => ask(address, name, cameras), "aria-label": _("Choose {name}", { name }) }, _("Choose")),
            )
          : null,
      );
    });
    const field = makeField({
      name: "address",
      label: _("Address of a camera"),
      help: _("Its number in the network, such as 192.168.1.20"),
      inputmode: "url",
      autocapitalize: "none",
    });
    const form = h(
      "form",
      { novalidate: true },
      field.element,
      h("div", { class: "acts" }, h("button", { type: "submit" }, _("Ask this one")), h("button", { type: "button", onclick: search }, _("Search again")), cancel()),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (field.value.trim()) ask(field.value.trim(), "", cameras);
      else field.input.focus();
    });
    show(
      rows.length ? _("{n} cameras answered", { n: rows.length }) : _("No camera answered"),
      trouble ? h("p", { class: "trouble", role: "alert" }, trouble) : null,
      rows.length
        ? h("ul", { class: "rows" }, rows)
        : h("p", { class: "help" }, _("Cameras answer only in the same part of the network as this server, and only if ONVIF (“discovery”) is switched on in them. Its number works across networks.")),
      form,
    );
  }

  function ask(address, name, cameras, kept = { user: "", password: "" }, report = null, mistakes = []) {
    const user = makeField({ name: "user", label: _("User name at the camera"), value: kept.user, autocapitalize: "none" });
    const password = makeField({
      name: "password",
      label: _("Password at the camera"),
      kind: "password",
      value: kept.password,
      help: _("It is proven to the camera, never sent to it in clear."),
      autocomplete: "new-password",
    });
    const submit = h("button", { type: "submit", class: "primary" }, _("Ask what it sends"));
    const status = h("div", { class: "tried", "aria-live": "polite" });
    if (report) {
      status.replaceChildren(
        h("p", { class: "trouble", role: "alert" }, icon("lost"), askedTrouble(report)),
        report.clock ? h("p", { class: "help" }, clockLine(report.clock)) : "",
        report.detail ? h("p", { class: "help figures" }, report.detail) : "",
      );
    }
    const form = h(
      "form",
      { novalidate: true },
      user.element,
      password.element,
      status,
      h("div", { class: "acts" }, submit, h("button", { type: "button", onclick: () => list(cameras) }, _("Back")), cancel()),
    );
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const said = { user: user.value, password: password.value };
      submit.disabled = true;
      status.replaceChildren(h("p", { class: "help" }, _("Asking the camera…")), h("progress", { "aria-label": _("Asking the camera…") }));
      try {
        const answer = await askCamera({ shop: shop.id, address, ...said });
        if (!dialog.isConnected) return;
        if (answer.trouble) ask(address, name, cameras, said, answer);
        else streams(address, name || answer.model, cameras, said, answer);
      } catch (error) {
        // Policy: what was typed stays; what is wrong is told.
        submit.disabled = false;
        const rest = error.more?.mistakes ? placeMistakes([user, password], error.more.mistakes) : [error];
        status.replaceChildren(...rest.map((one) => h("p", { class: "trouble", role: "alert" }, one.message ?? one.expected)));
      }
    });
    placeMistakes([user, password], mistakes);
    show(name ? _("{name}: user and password", { name }) : _("User and password"), h("p", { class: "address figures" }, address), form);
    user.input.focus();
  }

  function streams(address, name, cameras, said, report) {
    const fit = report.profiles.filter(({ url, recordable }) => url && recordable);
    const unfit = report.profiles.filter(({ url, recordable }) => !url || !recordable);
    const choice = (group, label, options, value) => {
      const set = h(
        "fieldset",
        { class: "choices streams" },
        h("legend", {}, label),
        options.map(([token, words, line]) =>
          h(
            "label",
            {},
            h("input", { type: "radio", name: group, value: token, checked: token === value }),
            h("span", { class: "what" }, h("b", {}, words), line ? h("span", { class: "figures" }, line) : null),
          ),
        ),
      );
      return { set, chosen: () => set.querySelector("input:checked")?.value ?? "" };
    };
    const options = fit.map((one) => [one.token, one.name, streamLine(one)]);
    const main = choice("main", _("To record"), options, report.main);
    const sub = choice("sub", _("To watch"), [["", _("the same stream"), ""], ...options], report.sub ?? "");
    const take = () => {
      const found = (token) => fit.find((one) => one.token === token);
      const small = sub.chosen() === main.chosen() ? null : found(sub.chosen());
      end({ name, address: found(main.chosen()).url, sub: small?.url ?? "", ...said });
    };
    const about = [report.maker, report.model, report.firmware].filter(Boolean).join(" · ");
    show(
      fit.length ? _("Which streams?") : _("None of its streams can be recorded"),
      about ? h("p", { class: "figures" }, about) : null,
      report.clock ? h("p", { class: report.clock.is_far ? "trouble" : "help" }, clockLine(report.clock)) : null,
      fit.length ? main.set : null,
      fit.length ? sub.set : null,
      fit.some((one) => one.codec === "H.265") ? h("p", { class: "help" }, h265Word()) : null,
      unfit.length
        ? h("p", { class: "help" }, _("Cannot be recorded: {names}. Set the video encoding to H.264 in the camera.", { names: unfit.map((one) => `${one.name} (${streamLine(one)})`).join(", ") }))
        : null,
      h(
        "div",
        { class: "acts" },
        fit.length ? h("button", { type: "button", class: "primary", onclick: take }, _("Use these")) : null,
        h("button", { type: "button", onclick: () => list(cameras) }, _("Back")),
        cancel(),
      ),
    );
  }

  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    end(null);
  });
  // A press of Enter in here is no press in the form that lies below.
  dialog.addEventListener("submit", (event) => event.stopPropagation());
  document.body.append(dialog);
  dialog.showModal();
  search();
  return ended;
}
