// Setting up: pairing this browser with the register, and choosing a side of a semi-self register.
import { h } from "../../dom.js";
import { page, _ } from "../../words.js";
import { ask, own } from "../server.js";
import { Screen } from "../screen.js";
import { credentials } from "./staff.js";

export function pair() {
  const screen = new Screen(null);
  const form = credentials(screen, {
    id: "pair",
    go: () => _("Pair this browser"),
    onanswer: async (name, password) => {
      await ask(`${own}/pairing`, { method: "POST", body: { name, password } });
      location.reload();
    },
  });
  screen.element = h(
    "section",
    { class: "stage pair", tabindex: "-1", "aria-labelledby": "pair-title" },
    h(
      "div",
      { class: "card" },
      screen.text("p", { class: "shop-name" }, () => page.shop.name),
      screen.text("h1", { id: "pair-title" }, () =>
        _("Set up register {name}", { name: page.register.name }),
      ),
      screen.text("p", { class: "lead" }, () =>
        _(
          "A supervisor or administrator signs in once. This browser then serves as this register until it is unpaired; nobody stays signed in.",
        ),
      ),
      form,
    ),
  );
  return screen;
}

export function sides(choose) {
  const screen = new Screen(null);
  screen.element = h(
    "section",
    { class: "stage pair", tabindex: "-1", "aria-labelledby": "side-title" },
    h(
      "div",
      { class: "card" },
      screen.text("h1", { id: "side-title" }, () => _("Which side of the register is this?")),
      h(
        "div",
        { class: "begin" },
        screen.button(
          () => _("Staff register items"),
          () => choose("staff"),
          { class: "primary huge", name: "scan", "data-side": "staff" },
        ),
        screen.button(
          () => _("The customer pays"),
          () => choose("pay"),
          { class: "huge", name: "cash", "data-side": "pay" },
        ),
      ),
    ),
  );
  return screen;
}
