// Trying a camera's address: one picture and a few figures, or what is wrong, in words that help.
import { h } from "../dom.js";
import { icon } from "../parts/icon.js";
import { _ } from "../words.js";
import { tryCamera } from "./desk.js";
import { placeMistakes } from "./form.js";

/** What is wrong with a camera, and what to do about it. */
export function troubleWord({ trouble, codec }) {
  const words = {
    address: _("This is no address of a camera."),
    no_name: _("There is no device of this name in the network. Check the spelling, or use its number (192.168…)."),
    unreachable: _("No device answers at this address. Is the camera switched on and in the same network?"),
    refused: _("A device is there, but refuses the connection. Check the port, and that RTSP is switched on in the camera."),
    password: _("The camera wants another user name or password."),
    path: _("The camera knows no stream of this path. Look it up in its manual (for example /stream1 or /Streaming/Channels/101)."),
    not_rtsp: _("Something answers that is no camera stream. Check the port (usually 554)."),
    no_video: _("The stream carries no video."),
    codec: _("The camera sends {codec}. Please set its video encoding to H.264.", { codec: codec ?? "?" }),
    silent: _("The camera answers but sends no pictures. Restart it, or try the other transport."),
    no_keyframe: _("Pictures come, but none to begin with. Set the keyframe (I-frame) interval in the camera to 1–2 seconds."),
    late: _("The camera did not answer in time."),
    not_allowed: _("No camera is expected at this address: it leads to this machine itself or to a special network. If it is meant, allow it in tenban.toml."),
    broken: _("The stream cannot be read."),
  };
  return words[trouble] ?? words.broken;
}

/** The figures of a camera in one line. */
export function figures({ codec, width, height, fps, kbit_s, keyframe_s }) {
  const parts = [codec, `${width}×${height}`];
  if (fps) parts.push(_("{n} pictures/s", { n: fps }));
  if (kbit_s) parts.push(kbit_s > 1500 ? `${(kbit_s / 1000).toFixed(1)} Mbit/s` : `${kbit_s} kbit/s`);
  if (keyframe_s) parts.push(_("keyframe every {n} s", { n: keyframe_s }));
  return parts.join(" · ");
}

/** What a camera that sends H.265 means for whoever looks. */
export function h265Word() {
  return _("H.265 is recorded, but not every browser plays it: where tablets show only stills, set the camera to H.264.");
}

/** What could be better about a camera that works. */
export function advice({ codec, keyframe_s, fps, width }) {
  const lines = [];
  if (codec === "H.265") lines.push(h265Word());
  if (keyframe_s > 2.5) lines.push(_("Set the keyframe interval to 1–2 seconds: clips and pictures come sooner."));
  if (fps && fps < 8) lines.push(_("Fewer than 8 pictures a second: quick hands may be missed."));
  if (width && width < 480) lines.push(_("The picture is small: items may be hard to tell."));
  return lines;
}

/** Show how a camera answered. */
export function showTrial(holder, tried) {
  if (tried.trouble) {
    holder.replaceChildren(
      h("p", { class: "trouble", role: "alert" }, icon("lost"), troubleWord(tried)),
      tried.detail ? h("p", { class: "help figures" }, tried.detail) : "",
    );
    return;
  }
  holder.replaceChildren(
    h("img", { src: tried.picture, alt: _("What the camera shows") }),
    h("p", { class: "good" }, icon("true"), h("span", { class: "figures" }, figures(tried))),
    ...advice(tried).map((line) => h("p", { class: "help" }, line)),
  );
}

/** A button in a form that tries what its fields say. */
export function trialButton(shop, camera, read, fields) {
  const result = h("div", { class: "tried", "aria-live": "polite" });
  const button = h("button", { type: "button", onclick: run }, _("Try the camera"));

  async function run() {
    button.disabled = true;
    result.replaceChildren(h("p", { class: "help" }, _("Opening the camera… this may take up to 20 seconds.")));
    const { address, user, password, transport } = read();
    try {
      const body = { shop: shop.id, camera: camera?.id ?? null, address, user, password, transport };
      showTrial(result, await tryCamera(body));
    } catch (error) {
      // Policy: what is wrong with the fields stands beside them, everything else here.
      const rest = error.more.mistakes ? placeMistakes(fields, error.more.mistakes) : [error];
      result.replaceChildren(...rest.map((one) => h("p", { class: "trouble" }, one.message ?? one.expected)));
    }
    button.disabled = false;
  }

  return { name: "trial", value: undefined, element: h("div", { class: "field" }, button, result), trouble() {} };
}
