// What is pressed stays where it is: between pressing and letting go, nothing is painted that could move it, or the
// click would go to whatever slid under the finger, or to nothing.

// A tap's click comes some time after the finger has gone.
const CLICK_MS = 400;
// Whoever keeps pressing (a slider, say) must not miss what comes.
const LONGEST_MS = 1_000;

/** Make a painter that waits while something in the room is pressed, and then paints once. */
export function unpressed(room, paint) {
  let pressed = false;
  let waits = false;
  let timer = 0;

  function letGo() {
    clearTimeout(timer);
    pressed = false;
    if (waits) paint();
    waits = false;
  }

  function letGoIn(ms) {
    if (!pressed) return;
    clearTimeout(timer);
    timer = setTimeout(letGo, ms);
  }

  room.addEventListener(
    "pointerdown",
    () => {
      pressed = true;
      letGoIn(LONGEST_MS);
    },
    { capture: true },
  );
  addEventListener("pointerup", () => letGoIn(CLICK_MS), { capture: true });
  addEventListener("pointercancel", () => letGoIn(0), { capture: true });
  addEventListener("click", () => letGoIn(0), { capture: true });

  return () => {
    if (pressed) waits = true;
    else paint();
  };
}
