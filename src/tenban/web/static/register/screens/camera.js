// Reading barcodes with the browser's camera, where it can (BarcodeDetector); one code at a time.
import { h, say } from "../../dom.js";
import { _ } from "../../words.js";
import { price, Sheet } from "../screen.js";

const FORMATS = ["ean_13", "ean_8", "upc_a", "upc_e"];
const EVERY_MS = 120;
// A code counts again once it has been out of the picture for this long: held still it is one item.
const AWAY_MS = 1_500;

/** Whether this browser can read barcodes with a camera. */
export function canScan() {
  return "BarcodeDetector" in globalThis && Boolean(navigator.mediaDevices?.getUserMedia);
}

export function cameraSheet(till) {
  const sheet = new Sheet(till, "camera-sheet");
  const film = h("video", { playsinline: true, autoplay: true, "aria-hidden": "true" });
  film.muted = true;
  const trouble = h("p", { class: "trouble", role: "alert", hidden: true });
  // The sheet covers the basket: what was read is said here.
  const read = h("p", { class: "read", role: "status" });
  const seen = new Map();
  // Each opening is a round; what a former one began must not outlive its sheet.
  let round = 0;
  let stream = null;
  let timer = 0;

  async function look(detector, mine) {
    if (mine !== round) return;
    let found = [];
    try {
      if (film.readyState >= 2) found = await detector.detect(film);
    } catch {
      // Policy: a picture that cannot be read is one of many; the next one is looked at.
    }
    if (mine !== round) return;
    const now_ms = performance.now();
    const text = found[0]?.rawValue;
    const fresh = Boolean(text) && !(now_ms - seen.get(text) < AWAY_MS);
    for (const { rawValue } of found) if (seen.has(rawValue)) seen.set(rawValue, now_ms);
    if (fresh) {
      seen.set(text, now_ms);
      till.scan(text);
    }
    timer = setTimeout(() => look(detector, mine), EVERY_MS);
  }

  function stop() {
    round += 1;
    clearTimeout(timer);
    release(stream);
    stream = null;
    film.srcObject = null;
    seen.clear();
  }

  function release(one) {
    for (const track of one?.getTracks() ?? []) track.stop();
  }

  sheet.enter = async () => {
    stop();
    const mine = round;
    trouble.hidden = true;
    say(read, _("Hold the barcode in front of the camera."));
    film.hidden = false;
    try {
      const detector = new BarcodeDetector({ formats: FORMATS });
      const come = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      if (mine !== round) {
        release(come); // closed before the camera was there
        return;
      }
      stream = come;
      film.srcObject = stream;
      look(detector, mine);
    } catch (error) {
      if (mine !== round) return;
      const why = {
        NotAllowedError: () => _("This browser may not use the camera. Please use the scanner, or call staff."),
        NotFoundError: () => _("This device has no camera. Please use the scanner, or find the item by name."),
      };
      trouble.textContent = why[error.name]?.() ?? `${_("The camera cannot be used.")} (${error.name})`;
      trouble.hidden = false;
      film.hidden = true;
      say(read, "");
    }
  };
  till.addEventListener("notice", ({ detail: { kind, article, line, text } }) => {
    if (!sheet.open) return;
    if (kind === "registered") say(read, `${article.name} ${price(line.amount)}`);
    if (kind === "unread") say(read, _("The code could not be read. Please try once more."));
    if (kind === "unknown")
      say(read, _("This item is not known ({code}). Please find it by name or call staff.", { code: text }));
  });
  sheet.element.addEventListener("close", stop);
  sheet.element.append(
    sheet.head(() => _("Scan with the camera")),
    film,
    read,
    trouble,
  );
  return sheet;
}
