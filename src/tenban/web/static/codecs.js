// What this browser can play: it is asked, never guessed from its name.
import { asWhom } from "./api.js";

const HEAD_BYTES = 4096;

/** Whether a file of this codec (as RFC 6381 names it) is played here; of an unknown one the file decides. */
export function plays(codec) {
  return !codec || document.createElement("video").canPlayType(`video/mp4; codecs="${codec}"`) !== "";
}

/** Whether a video is coded in H.265: its description stands within the first bytes of ours. */
export async function isH265(url) {
  try {
    // Not from its beginning: that would be written down as a second look.
    const headers = { ...asWhom, Range: `bytes=1-${HEAD_BYTES}` };
    const response = await fetch(url, { headers, cache: "no-store" });
    const head = new Uint8Array(await response.arrayBuffer());
    return new TextDecoder("latin1").decode(head).includes("hvc1");
  } catch {
    return false; // Policy: then it is told as any video that does not play.
  }
}
