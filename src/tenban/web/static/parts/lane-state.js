// What is wrong with a lane, in words. Four things must never go unsaid: camera lost, detector off, till silent,
// and that all is well.
import { clockTime, length, now } from "../times.js";
import { _, told } from "../words.js";

// What is known is put right; more than this is worth a look at the till.
const FAST_MS = 5_000;
// Longer than any pause between two sales while a shop is open.
const SILENT_MS = 30 * 60 * 1000;
const CAMERAS = {
  unknown: () => _("Camera not started"),
  connecting: () => _("Camera connecting"),
  paused: () => _("Recording paused"),
  ended: () => _("Camera picture ended"),
};

/** What a camera does that does not record, in words. */
export function cameraWord(state) {
  return CAMERAS[state]?.() ?? _("Camera lost");
}

// A register without a camera whose till was never heard: nobody has set it up, and nothing is broken.
function isBare({ cameras, till, watched }) {
  return !watched && !cameras.length && !till.connected && !till.last_event_at;
}

/** What is wrong with a lane, worst first: {icon, word, more, off}; empty when all is well, `off` where it is only not in use. */
export function troubles(lane) {
  if (isBare(lane))
    return [{ icon: "unwatched", word: _("Not in use yet"), more: _("no camera and no till connected"), off: true }];
  const found = [];
  for (const camera of lane.cameras) {
    if (camera.state === "recording") continue;
    const word = cameraWord(camera.state);
    const since = camera.since_at ? _("since {time}", { time: clockTime(camera.since_at) }) : "";
    found.push({ icon: "camera", word, more: `${camera.name} ${since}`.trim() });
  }
  // A lane whose camera is gone is not watched either: said once.
  if (!lane.watched && !found.length) {
    const word = lane.cameras.length ? _("Detector off") : _("No camera");
    found.push({ icon: "unwatched", word, more: told(lane.why) });
  }
  const { connected, last_event_at: last, clock_offset_ms } = lane.till;
  // A till that is linked lives, however long nobody has bought anything.
  if (!connected && (!last || now() - Date.parse(last) > SILENT_MS)) {
    const more = last ? _("since {time}", { time: clockTime(last) }) : _("nothing heard yet");
    found.push({ icon: "till", word: _("Till silent"), more });
  }
  const offset_ms = clock_offset_ms ?? 0;
  if (Math.abs(offset_ms) >= FAST_MS) {
    const more =
      offset_ms > 0
        ? _("{length} fast", { length: length(offset_ms) })
        : _("{length} slow", { length: length(-offset_ms) });
    found.push({ icon: "clock", word: _("Till clock off"), more });
  }
  return found;
}
