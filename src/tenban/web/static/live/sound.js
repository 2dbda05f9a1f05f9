// A camera's sound now: decoded by the browser (WebCodecs) and played a moment after it came.
import { LiveLink } from "./link.js";

// So much is held before it is played: networks deliver unevenly. More than LATEST_S is let go.
const HELD_S = 0.12;
const LATEST_S = 0.6;

export class LiveSound {
  // As for pictures, browsers have it behind HTTPS and on the machine itself only.
  static possible() {
    return typeof AudioDecoder === "function" && typeof AudioContext === "function";
  }

  #link;
  #context = null;
  #decoder = null;
  #next_s = 0;
  #ended;

  /** `ended` is called when no sound comes any more: the viewing is over, or it was refused. */
  constructor(viewing, camera, ended) {
    this.#ended = ended;
    this.#link = new LiveLink(viewing, camera, false, { sound: true });
  }

  /** Begin; called out of a touch or key, or browsers stay silent. */
  start() {
    this.#context = new AudioContext({ latencyHint: "interactive" });
    this.#link.addEventListener("begin", ({ detail }) => this.#begin(detail));
    this.#link.addEventListener("picture", ({ detail }) => this.#take(detail));
    this.#link.addEventListener("over", () => this.#ended());
    this.#link.addEventListener("closed", ({ detail }) => {
      if (detail.tries >= 3) this.#ended();
    });
    this.#link.open();
  }

  stop() {
    this.#link.close();
    if (this.#decoder && this.#decoder.state !== "closed") this.#decoder.close();
    this.#decoder = null;
    this.#context?.close();
    this.#context = null;
  }

  #begin({ codec, rate, channels, description }) {
    if (this.#decoder && this.#decoder.state !== "closed") this.#decoder.close();
    const decoder = new AudioDecoder({
      output: (data) => this.#play(decoder, data),
      error: () => decoder === this.#decoder && this.#ended(),
    });
    this.#decoder = decoder;
    // Opus says all by itself; AAC needs its configuration.
    const more = codec === "opus" ? {} : { description };
    decoder.configure({ codec, sampleRate: rate, numberOfChannels: channels, ...more });
  }

  #take({ n, captured_us, data }) {
    this.#link.have(n);
    if (this.#decoder?.state !== "configured") return;
    this.#decoder.decode(new EncodedAudioChunk({ type: "key", timestamp: captured_us, data }));
  }

  #play(decoder, data) {
    const context = this.#context;
    if (decoder === this.#decoder && context !== null) {
      const { numberOfChannels, numberOfFrames, sampleRate } = data;
      const now_s = context.currentTime;
      if (this.#next_s < now_s + 0.01) this.#next_s = now_s + HELD_S;
      if (this.#next_s < now_s + LATEST_S) {
        const buffer = context.createBuffer(numberOfChannels, numberOfFrames, sampleRate);
        for (let plane = 0; plane < numberOfChannels; plane += 1)
          data.copyTo(buffer.getChannelData(plane), { planeIndex: plane, format: "f32-planar" });
        const source = new AudioBufferSourceNode(context, { buffer });
        source.connect(context.destination);
        source.start(this.#next_s);
        this.#next_s += numberOfFrames / sampleRate;
      }
    }
    data.close();
  }
}
