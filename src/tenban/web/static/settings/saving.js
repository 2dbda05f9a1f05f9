// What follows a saved form, on every page that has some: what was done, the way back, and when it is in force.
import { _, told } from "../words.js";
import { load, putBack, save, settings } from "./desk.js";
import { toasts } from "./room.js";

/** Return what carries out an edit and says what came of it, with a way back. */
export function makeSaving(paint, applied, after = () => {}) {
  async function edit(run) {
    const done = await run();
    paint();
    if (!done) return;
    if (!done.revision) {
      toasts.show(_("Nothing was changed."));
      return;
    }
    toasts.show(_("Saved: {what}", { what: done.what.map(told).join(" · ") }), {
      word: _("Undo"),
      act: () => edit(() => undo(done.before.n)),
    });
    await applied.follow(done.effects);
    after();
  }

  async function undo(n) {
    try {
      const before = settings().revision;
      return { ...(await putBack(n)), before };
    } catch (error) {
      // Policy: what could not be undone is told; nothing was changed.
      toasts.show(error.message, { trouble: true });
      await load();
      return null;
    }
  }

  return edit;
}

/**
 * What a page saves that is drawn on a picture: `store` makes the change and says what came of it, with a way back.
 * `change` gives what to save, `clear` takes away what was told before, `take` takes over what the file says now,
 * `refused` tells what is wrong; what is drawn stays then.
 */
export function makeDrawing({ change, clear, take, refused, paint, applied, button, after = () => {} }) {
  async function undo(n) {
    try {
      const done = await putBack(n);
      take();
      toasts.show(_("Undone."));
      await applied.follow(done.effects);
    } catch (error) {
      // Policy: what could not be undone is told; nothing was changed.
      toasts.show(error.message, { trouble: true });
    }
    paint();
  }

  return async function store(...how) {
    button.disabled = true;
    try {
      const done = await save(change(...how));
      clear();
      take();
      if (done.revision) {
        toasts.show(_("Saved: {what}", { what: done.what.map(told).join(" · ") }), {
          word: _("Undo"),
          act: () => undo(done.before.n),
        });
        await applied.follow(done.effects);
        after();
      }
    } catch (error) {
      // Policy: the drawing stays; what is wrong or new is told above the button.
      refused(error);
    }
    paint();
  };
}
