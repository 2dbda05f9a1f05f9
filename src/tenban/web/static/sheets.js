// What the menu opens: the live picture, handing over, and how this tablet should be.
import { ask } from "./api.js";
import { makeDialog } from "./dialogs.js";
import { h, say } from "./dom.js";
import { SPAN_NAMES, spanWord } from "./parts/filter-bar.js";
import { icon } from "./parts/icon.js";
import "./parts/live-picture.js";
import { SIZES, TONES, prefs } from "./prefs.js";
import { sound } from "./sound.js";
import { _, laneWord, page } from "./words.js";

/** Look at a lane live; the others are a tap away. `lanes` gives all lanes. */
export function makeLiveLook(lanes) {
  const { dialog, open } = makeDialog("live-look");
  const picture = document.createElement("live-picture");
  dialog.addEventListener("close", () => {
    picture.lane = null;
    picture.remove();
  });
  function show(lane) {
    const choices = lanes().map((one) =>
      h(
        "button",
        { type: "button", "aria-pressed": String(one.id === lane.id), onclick: () => show(one) },
        laneWord(one.name),
      ),
    );
    const row = h("div", { class: "choice lanes-row", role: "group", "aria-label": _("Lane") }, choices);
    open(_("{lane} live", { lane: laneWord(lane.name) }), row, picture);
    picture.lane = lane;
    row.querySelector("[aria-pressed=true]")?.focus();
  }
  return { dialog, show };
}

/** Hand everything over to a colleague. `mine` gives {incidents, lanes} of this person. */
export function makeHandOver({ mine, toasts, done }) {
  const { dialog, open } = makeDialog("hand-over");

  async function give(colleague) {
    try {
      const gone = await ask("/api/v1/duty/hand-over", { method: "POST", body: { to: colleague.id } });
      dialog.close();
      const n = { name: colleague.name, incidents: gone.incidents.length, lanes: gone.lanes.length };
      toasts.show(_("Handed over to {name}: incidents {incidents}, lanes {lanes}", n));
      done(gone);
    } catch (error) {
      toasts.show(_("Not handed over. {why}", { why: error.message }), { trouble: true });
    }
  }

  return async () => {
    const { incidents, lanes } = mine();
    const has = h(
      "p",
      {},
      incidents.length || lanes.length
        ? _("You have: incidents {incidents}, lanes {lanes}", {
            incidents: incidents.length,
            lanes: lanes.length,
          })
        : _("You have no incident and look after no lane: there is nothing to hand over."),
    );
    const names = h("p", { class: "names" }, [...lanes, ...incidents].join(" · "));
    const room = h("div", { class: "colleagues" });
    open(_("Hand over"), has, names, room);
    if (!incidents.length && !lanes.length) return;
    room.append(h("p", {}, _("Who takes over? They are told at once.")));
    try {
      const colleagues = await ask("/api/v1/duty/colleagues");
      if (!colleagues.length) room.append(h("p", {}, _("Nobody else handles incidents in this shop.")));
      // Who is at work comes first.
      colleagues.sort((a, b) => Number(b.signed_in) - Number(a.signed_in));
      room.append(
        ...colleagues.map((one) =>
          h(
            "button",
            { type: "button", class: "colleague", onclick: () => give(one) },
            icon("mine"),
            h("b", {}, one.name),
            h("span", {}, one.signed_in ? _("Signed in") : _("Not signed in")),
          ),
        ),
      );
    } catch (error) {
      room.append(h("p", { class: "trouble" }, error.message));
    }
  };
}

/** How this tablet should be, for this person; every change holds at once. */
export function makePrefs() {
  const { dialog, open } = makeDialog("prefs");

  function choice(name, options, word, act = (value) => prefs.set(name, value)) {
    return h(
      "div",
      { class: "choice", role: "group" },
      options.map((value) =>
        h(
          "button",
          {
            type: "button",
            "data-pref": name,
            "data-value": String(value),
            "aria-pressed": String(prefs.get(name) === value),
            onclick: () => act(value),
          },
          word(value),
        ),
      ),
    );
  }

  function row(title, ...inside) {
    const part = h("section", { class: "pref" }, h("h3", {}, title), inside);
    part.querySelector("[role=group], input")?.setAttribute("aria-label", title);
    return part;
  }

  function rows() {
    const onOff = (value) => (value ? _("On") : _("Off"));
    const tones = { chime: _("Chime"), bell: _("Bell"), knock: _("Knock") };
    const sizes = { normal: _("Normal"), large: _("Large"), largest: _("Largest") };
    const volume = h("input", {
      type: "range",
      min: "5",
      max: "100",
      step: "5",
      value: String(prefs.get("volume")),
      "data-pref": "volume",
      onchange: () => prefs.set("volume", Number(volume.value)),
    });
    const testSound = h(
      "button",
      { type: "button", class: "test", onclick: () => sound.test() },
      icon("sound"),
      _("Test"),
    );
    const felt = h("p", { class: "note", role: "status" });
    const testShake = h(
      "button",
      {
        type: "button",
        class: "test",
        onclick: () =>
          say(felt, sound.shake() ? _("It should have shaken now.") : _("This device did not shake.")),
      },
      _("Test"),
    );
    if (!sound.canShake) say(felt, _("This device cannot vibrate."));
    testShake.disabled = !sound.canShake;
    const rings = [
      row(_("Sound"), choice("sound", [true, false], onOff, (on) => sound.want(on))),
      row(_("Tone"), choice("tone", TONES, (tone) => tones[tone])),
      row(_("Volume"), h("div", { class: "with-test" }, volume, testSound)),
      row(
        _("Vibration"),
        h("div", { class: "with-test" }, choice("vibrate", [true, false], onOff), testShake),
        felt,
      ),
    ];
    const look = row(_("Text size"), choice("size", SIZES, (size) => sizes[size]));
    if (page.register) return [...rings, look];
    return [
      ...rings,
      row(
        _("Clip"),
        choice("autoplay", [false, true], (own) => (own ? _("Starts by itself") : _("Starts on tap"))),
      ),
      look,
      row(_("History reaches back"), choice("span", SPAN_NAMES, spanWord)),
    ];
  }

  function show() {
    const held = dialog.open ? document.activeElement?.dataset : null;
    open(_("Settings of this tablet"), h("p", { class: "note" }, _("Kept on this device for {name}.", { name: page.me.name })), ...rows());
    if (!held?.pref) return;
    const value = held.value === undefined ? "" : `[data-value="${CSS.escape(held.value)}"]`;
    dialog.querySelector(`[data-pref="${held.pref}"]${value}`)?.focus();
  }

  const again = () => dialog.open && show();
  document.addEventListener("prefs", ({ detail }) => detail !== "volume" && again());
  document.addEventListener("language", again);
  return show;
}
