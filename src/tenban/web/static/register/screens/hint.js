// A neutral hint: what to check, and how the shopper can mend it without waiting for anybody.
import { h, say } from "../../dom.js";
import { language, told, _ } from "../../words.js";
import { ask, own } from "../server.js";
import { Sheet } from "../screen.js";

export function hintSheet(till) {
  const sheet = new Sheet(till, "hint-sheet");
  const text = h("p", { class: "hint-text" });
  const still = h("img", { alt: "", hidden: true });
  const mend = h(
    "div",
    { class: "mend" },
    sheet.button(
      () => _("I will scan it now"),
      () => till.answer(hint(), "scan"),
      { name: "scan", class: "primary huge", "data-answer": "scan" },
    ),
    sheet.button(
      () => _("I put it back"),
      () => till.answer(hint(), "put_back"),
      { name: "undo", class: "huge", "data-answer": "put_back" },
    ),
  );
  const coming = sheet.text("p", { class: "banner info" }, () =>
    _("Staff are coming to help you. You can go on scanning."),
  );
  const understood = sheet.button(
    () => _("I have checked"),
    () => till.dismiss(hint()),
    { name: "check", class: "huge" },
  );
  const call = sheet.button(
    () => _("Call staff"),
    () => {
      till.callStaff("hint");
      till.dismiss(hint());
    },
    { name: "staff", class: "huge" },
  );

  function hint() {
    return till.hints[0];
  }

  sheet.also(() => {
    const shown = hint();
    if (!shown) return;
    text.lang = language();
    say(text, told(shown.text));
    const about = shown.rule === "item_not_registered" || shown.rule === "scan_omission";
    mend.hidden = !(about && till.mayAnswer(shown));
    coming.hidden = !(about && !till.mayAnswer(shown));
    understood.hidden = about && till.mayAnswer(shown);
    const url = `${own}/hints/${encodeURIComponent(shown.command_id)}/still`;
    if (!shown.still) still.hidden = true;
    else if (still.dataset.url !== url) loadStill(still, url);
  });
  sheet.element.setAttribute("role", "alertdialog");
  sheet.element.setAttribute("aria-describedby", "hint-text");
  text.id = "hint-text";
  sheet.element.append(
    sheet.title(() => _("Please check")),
    text,
    still,
    mend,
    coming,
    h("div", { class: "mend" }, understood, call),
  );
  sheet.closable = false;
  return sheet;
}

// An <img> cannot say which register asks: the picture is fetched as the page's other questions are.
async function loadStill(image, url) {
  image.dataset.url = url;
  try {
    const { body } = await ask(url, { as: "blob" });
    image.src = URL.createObjectURL(body);
    image.hidden = false;
  } catch {
    image.hidden = true; // Policy: the hint says all that matters without its picture.
  }
}
