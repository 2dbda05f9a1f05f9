// /cases for whose role does not open them.
import { h, say } from "../dom.js";
import { _ } from "../words.js";
import { makeRoom } from "./room.js";

const room = makeRoom();
const line = h("p", { class: "trouble" });
room.main.append(line);

function paint() {
  room.title(_("Cases"));
  say(line, _("Your role does not open cases: supervisors, analysts and administrators put them together."));
}

document.addEventListener("language", paint);
paint();
