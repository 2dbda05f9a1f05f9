// Payment at a register, in words: held by whom since when, what can be done about it, and why not.
import { clockTime } from "../times.js";
import { _, page } from "../words.js";

/** How payment stands at a lane: {line, held, can, why}; `can` is what may be asked for: hold, release or null. */
export function paymentOf(lane) {
  const { state = "free", sale = null, by = null, since_at: since } = lane.payment ?? {};
  const at = since ? clockTime(since) : "";
  if (state === "asked") return { held: true, can: "release", line: _("Payment is being stopped …"), why: "" };
  if (state === "releasing")
    return { held: true, can: null, line: _("Payment is being let go on …"), why: linkWord(lane) };
  if (state === "held") {
    const words =
      by?.id === page.me.id
        ? _("You stopped payment at {time}", { time: at })
        : by?.name
          ? _("{name} stopped payment at {time}", { name: by.name, time: at })
          : _("Payment stopped by itself at {time}: repeated", { time: at });
    return { held: true, can: "release", line: words, why: linkWord(lane) };
  }
  if (!lane.till.connected) {
    const why = _("Payment cannot be stopped from here: the till has no link to the server.");
    return { held: false, can: null, line: "", why };
  }
  if (sale === null)
    return { held: false, can: null, line: "", why: _("Nobody is buying here now: no payment to stop.") };
  return { held: false, can: "hold", line: "", why: "" };
}

function linkWord(lane) {
  return lane.till.connected ? "" : _("The till has no link: it hears of this when it is back.");
}

export function actWord(can) {
  return can === "release" ? _("Release payment") : _("Stop payment");
}
