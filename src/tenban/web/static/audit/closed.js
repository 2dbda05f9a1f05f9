// /audit for who may not read the log: what concerns oneself is open to everybody.
import { h, say } from "../dom.js";
import { _ } from "../words.js";
import { makeRoom } from "./room.js";

const room = makeRoom();
const line = h("p", { class: "trouble" });
const way = h("a", { class: "button primary", href: "/audit/mine" });
room.main.append(line, h("p", {}, way));

function paint() {
  room.title(_("Audit log"));
  say(line, _("Your role does not open the audit log: auditors and administrators read it."));
  say(way, _("What concerns me"));
}

document.addEventListener("language", paint);
paint();
