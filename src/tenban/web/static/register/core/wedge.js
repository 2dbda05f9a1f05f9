// A USB scanner types like a keyboard, only faster, and ends with Enter or Tab. Pure: keys and times in, codes out.

const LONGEST_GAP_MS = 50;
const SHORTEST = 4;

export class Wedge {
  #typed = "";
  #last_ms = -Infinity;

  /** Take one key press; returns the code that it ended, or null. */
  press({ key, code = "", time_ms }) {
    const fast = time_ms - this.#last_ms <= LONGEST_GAP_MS;
    this.#last_ms = time_ms;
    if (key === "Enter" || key === "Tab") {
      const typed = fast && this.#typed.length >= SHORTEST ? this.#typed : null;
      this.#typed = "";
      return typed;
    }
    const sign = signOf(key, code);
    if (sign === null) return null;
    this.#typed = fast ? this.#typed + sign : sign;
    return null;
  }

  /** What has been typed at a scanner's pace so far. */
  get typed() {
    return this.#typed;
  }
}

// With an input method switched on, keys arrive as "Process": the place of the key still says which digit it was.
function signOf(key, code) {
  if (key.length === 1) return key.normalize("NFKC");
  if (key === "Process" || key === "Unidentified") return /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1] ?? null;
  return null;
}
