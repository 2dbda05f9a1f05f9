// Pictures decoded by the browser (WebCodecs) and painted as they come out: nothing waits for its time.

// More than this waits in the decoder: the page is too slow, and the server is to send no more for now.
const MOST_WAITING = 8;
// While so many wait, what comes out is old already: decoded, since the next ones need it, and not painted.
const CATCHING_UP = 2;
const MOST_FAULTS = 3;
const FAULTS_WITHIN_MS = 10_000;

export class CanvasPlayer {
  // Browsers have it behind HTTPS and on the machine itself only. H.264 they all decode, of others they are asked.
  static possible(info) {
    if (typeof VideoDecoder !== "function") return false;
    return info === null || info.format === "h264" || decodes(info);
  }

  element = document.createElement("canvas");
  #context = this.element.getContext("2d", { alpha: false });
  #told;
  #decoder = null;
  #config = null;
  #waits = null;
  #needs_keyframe = true;
  #faults = [];

  /** Told: `taken(n)`, `shown(captured_us)`, `fault()`. */
  constructor(told) {
    this.#told = told;
  }

  begin(info) {
    this.#config = configOf(info);
    this.#start();
  }

  add(picture) {
    if (!this.#decoder || (this.#needs_keyframe && !picture.is_keyframe)) {
      this.#told.taken(picture.n);
      return;
    }
    this.#needs_keyframe = false;
    const type = picture.is_keyframe ? "key" : "delta";
    try {
      this.#decoder.decode(new EncodedVideoChunk({ type, timestamp: picture.captured_us, data: picture.data }));
    } catch {
      this.#broke(); // Policy: a picture that cannot be taken is as a broken one.
    }
    if ((this.#decoder?.decodeQueueSize ?? 0) <= MOST_WAITING) this.#told.taken(picture.n);
    else this.#waits = picture.n;
  }

  close() {
    if (this.#decoder && this.#decoder.state !== "closed") this.#decoder.close();
    this.#decoder = null;
  }

  #start() {
    this.close();
    this.#needs_keyframe = true;
    const decoder = new VideoDecoder({
      output: (frame) => this.#paint(decoder, frame),
      error: () => decoder === this.#decoder && this.#broke(),
    });
    decoder.addEventListener("dequeue", () => {
      if (this.#waits === null || decoder.decodeQueueSize > MOST_WAITING) return;
      this.#told.taken(this.#waits);
      this.#waits = null;
    });
    this.#decoder = decoder;
    decoder.configure(this.#config);
  }

  #paint(decoder, frame) {
    if (decoder === this.#decoder && decoder.decodeQueueSize <= CATCHING_UP) {
      const { displayWidth: width, displayHeight: height } = frame;
      if (this.element.width !== width || this.element.height !== height)
        Object.assign(this.element, { width, height });
      this.#context.drawImage(frame, 0, 0);
      this.#told.shown(frame.timestamp);
    }
    frame.close();
  }

  // A broken picture costs its group; a decoder that breaks again and again is not the right way here.
  #broke() {
    const now_ms = performance.now();
    this.#faults = [...this.#faults.filter((at_ms) => now_ms - at_ms < FAULTS_WITHIN_MS), now_ms];
    if (this.#waits !== null) this.#told.taken(this.#waits);
    this.#waits = null;
    if (this.#faults.length < MOST_FAULTS) {
      this.#start();
      return;
    }
    this.close();
    this.#told.fault();
  }
}

function configOf({ codec, description, width, height }) {
  return { codec, description, codedWidth: width, codedHeight: height, optimizeForLatency: true };
}

async function decodes(info) {
  try {
    return (await VideoDecoder.isConfigSupported(configOf(info))).supported;
  } catch {
    return false; // Policy: a name the browser does not know is a coding it does not play.
  }
}
