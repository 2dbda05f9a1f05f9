// A USB scanner types like a keyboard, only faster, and ends with Enter or Tab. Pure: keys and times in, codes out.

const USUAL_GAP_MS = 60;
const LONGEST_GAP_MS = 400;
const SHORTEST = 4;

/**
 * Collects keys until Enter; what came at a scanner's pace on the whole is a code. On the whole, because a busy
 * machine may hold one key back, and half a code could be another article's.
 */
export class Wedge {
  #typed = "";
  #first_ms = 0;
  #last_ms = -Infinity;

  /** Take one key press; returns the code that it ended, or null. */
  press({ key, code = "", time_ms }) {
    if (time_ms - this.#last_ms > LONGEST_GAP_MS) this.#typed = "";
    this.#last_ms = time_ms;
    if (key === "Enter" || key === "Tab") {
      const typed = this.#typed;
      this.#typed = "";
      const pace_ms = (time_ms - this.#first_ms) / typed.length;
      return typed.length >= SHORTEST && pace_ms <= USUAL_GAP_MS ? typed : null;
    }
    const sign = signOf(key, code);
    if (sign === null) return null;
    if (this.#typed === "") this.#first_ms = time_ms;
    this.#typed += sign;
    return null;
  }
}

// With an input method switched on, keys arrive as "Process": the place of the key still says which digit it was.
function signOf(key, code) {
  if (key.length === 1) return key.normalize("NFKC");
  if (key === "Process" || key === "Unidentified") return /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1] ?? null;
  return null;
}
