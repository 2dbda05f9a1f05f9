// /audit/mine: what others did that concerns the person who looks.
import { h, say } from "../dom.js";
import { _ } from "../words.js";
import { makeList, makeRoom } from "./room.js";

const room = makeRoom();
const intro = h("p", { class: "help" });
const list = makeList({
  pathOf: (before) => `/api/v1/audit/mine${before === null ? "" : `?before=${before}`}`,
  nothing: () => _("Nobody has looked at or changed anything that concerns you."),
});
room.main.append(intro, list.element);

function paint() {
  room.title(_("What concerns me"));
  say(intro, _("What others changed at your account, and looks at pictures of registers while you were signed on there."));
}

document.addEventListener("language", paint);
paint();
list.start();
