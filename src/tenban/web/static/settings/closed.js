// A settings page that the visitor's role does not open.
import { h, say } from "../dom.js";
import { _, page } from "../words.js";
import { makeRoom } from "./room.js";

const { main } = makeRoom();
// What is of all shops takes somebody who is of all shops.
const OF_COMPANY = ["company", "signing-in"];
const line = h("p", { class: "trouble" });
main.append(line);

function paint() {
  const word = OF_COMPANY.includes(page.room)
    ? _("This is of the whole company. An administrator of all its shops can change it.")
    : _("Your role does not allow this. An administrator or installer can change it.");
  say(line, word);
}

document.addEventListener("language", paint);
paint();
