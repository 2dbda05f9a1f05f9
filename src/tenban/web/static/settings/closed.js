// A settings page that the visitor's role does not open.
import { h, say } from "../dom.js";
import { _ } from "../words.js";
import { makeRoom } from "./room.js";

const { main } = makeRoom();
const line = h("p", { class: "trouble" });
main.append(line);

function paint() {
  say(line, _("Your role does not allow this. An administrator or installer can change it."));
}

document.addEventListener("language", paint);
paint();
