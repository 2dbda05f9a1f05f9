// Before one's own ways of signing in are changed: the password, unless one signed in a moment ago.
import { h } from "../dom.js";
import { _, told } from "../words.js";
import { makeField } from "./form.js";

/** What a form asks so that it is oneself: {element, password, refused(error)}. */
export function makeSure(known, name) {
  const field =
    known.fresh || !known.has_password
      ? null
      : makeField({ name, label: _("Present password"), kind: "password", autocomplete: "current-password" });
  const wrong = h("p", { class: "trouble", role: "alert", hidden: true });
  const anew =
    known.fresh || known.has_password
      ? null
      : h("p", {}, _("You have no password here."), " ", h("a", { href: "/login?switch&next=/account" }, _("Sign in once more to change this.")));
  return {
    element: field?.element ?? h("div", {}, anew, wrong),
    possible: !anew,
    get password() {
      return field ? field.value : null;
    },
    clear() {
      field?.trouble(null);
      wrong.hidden = true;
    },
    /** Say why it was refused; resolves to nothing. */
    refused(error) {
      const word =
        error.code === "password_needed"
          ? _("You signed in a while ago: reload this page to be asked for your password.")
          : error.code === "last_factor"
            ? _("Without it you could not sign in as your role asks. Set up another way first.")
            : error.status === 403
              ? _("This is not your present password.")
              : told(error.more?.told) || error.message;
      if (field) {
        field.trouble(word);
        field.input.focus();
      } else {
        wrong.textContent = word;
        wrong.hidden = false;
      }
    },
  };
}
