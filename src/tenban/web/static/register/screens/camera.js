// Reading barcodes with the browser's camera, where it can (BarcodeDetector); one code at a time.
import { h } from "../../dom.js";
import { _ } from "../../words.js";
import { Sheet } from "../screen.js";

const FORMATS = ["ean_13", "ean_8", "upc_a", "upc_e"];
const EVERY_MS = 120;
const AGAIN_MS = 1_500;

export function cameraSheet(till) {
  const sheet = new Sheet(till, "camera-sheet");
  const film = h("video", { muted: true, playsinline: true, autoplay: true });
  const trouble = h("p", { class: "trouble", role: "alert", hidden: true });
  let stream = null;
  let timer = 0;
  let last = { text: "", ms: 0 };

  async function look(detector) {
    if (stream === null) return;
    const found = film.readyState >= 2 ? await detector.detect(film) : [];
    const text = found[0]?.rawValue;
    const now_ms = performance.now();
    if (text && (text !== last.text || now_ms - last.ms > AGAIN_MS)) {
      last = { text, ms: now_ms };
      till.scan(text);
    }
    timer = setTimeout(() => look(detector), EVERY_MS);
  }

  sheet.enter = async () => {
    trouble.hidden = true;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      film.srcObject = stream;
      look(new BarcodeDetector({ formats: FORMATS }));
    } catch (error) {
      trouble.textContent = `${_("The camera cannot be used.")} (${error.name})`;
      trouble.hidden = false;
    }
  };
  sheet.element.addEventListener("close", () => {
    clearTimeout(timer);
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
  });
  sheet.element.append(
    sheet.head(() => _("Scan with the camera")),
    film,
    trouble,
  );
  return sheet;
}
