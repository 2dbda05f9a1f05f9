// The keyboard of /watch; listed under "?".

const TYPED = new Set(["INPUT", "TEXTAREA", "SELECT"]);

/** Listen to keys; `cards` gives the cards in the order they stand. */
export function listenToKeys({ cards, dialogCard, undo, shortcuts, sound, live, handOver }) {
  const current = () => dialogCard() ?? document.activeElement?.closest?.("incident-card") ?? null;

  function move(by) {
    const all = cards();
    const at = all.indexOf(current());
    const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)];
    next?.article.focus();
    next?.article.scrollIntoView({ block: "nearest" });
  }

  const acts = {
    j: () => move(1),
    ArrowDown: () => move(1),
    k: () => move(-1),
    ArrowUp: () => move(-1),
    Enter: () => current()?.togglePlay(),
    ",": () => current()?.player?.step(-1),
    ".": () => current()?.player?.step(1),
    1: () => current()?.label("true"),
    2: () => current()?.label("false_alarm"),
    3: () => current()?.label("unclear"),
    m: () => current()?.own(),
    p: () => current()?.hold(),
    u: undo,
    s: sound,
    l: live,
    h: handOver,
    "?": shortcuts,
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
    const { target, key } = event;
    if (TYPED.has(target.tagName)) return;
    // A focused button keeps its own Enter.
    if (key === "Enter" && target.closest("button, a, summary")) return;
    if (document.querySelector("dialog[open]") && !dialogCard()) return;
    const act = acts[key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  // Escape leaves a clip before it does anything else.
  document.addEventListener("keydown", (event) => {
    const card = current();
    if (event.key !== "Escape" || !card?.player || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    card.close();
  });
}
