// Six digits by large keys, or by the keyboard; sends itself with the sixth.
import { h } from "../dom.js";
import { _ } from "../words.js";

const DIGITS = 6;

/** A form that hands over the typed PIN to `send`, which may take its time; then it is empty again. */
export function makePinPad(send) {
  const input = h("input", {
    type: "password",
    class: "pin settings-input",
    inputmode: "none",
    autocomplete: "off",
    maxlength: String(DIGITS),
    "aria-label": _("PIN"),
  });
  const keys = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "", "0", "⌫"].map((key) =>
    key
      ? h(
          "button",
          {
            type: "button",
            class: "key",
            "aria-label": key === "⌫" ? _("Delete the last digit") : key,
            onclick: () => press(key),
          },
          key,
        )
      : h("span"),
  );
  const form = h("form", { class: "pin-pad", novalidate: true }, input, h("div", { class: "keys" }, keys));
  let busy = false;

  async function go() {
    if (busy || input.value.length < DIGITS) return;
    busy = true;
    await send(input.value);
    input.value = "";
    busy = false;
  }

  function press(key) {
    if (busy) return;
    input.value = key === "⌫" ? input.value.slice(0, -1) : (input.value + key).slice(0, DIGITS);
    go();
  }

  input.addEventListener("input", () => {
    // Full width as half width: what a Japanese keyboard types is the same digit.
    input.value = input.value.normalize("NFKC").replace(/\D/g, "").slice(0, DIGITS);
    go();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    go();
  });
  return form;
}
