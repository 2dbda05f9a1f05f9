// Below an incident's card: the cases it is in, and putting it into one.
import { ask } from "../api.js";
import { h, say } from "../dom.js";
import { clockTime, longDate } from "../times.js";
import { _, laneWord, page, told } from "../words.js";

const NEW = "";

/** A title that may stay as it is: where, what and when, as cases begun from footage have it. */
function titleOf(incident) {
  const at = Date.parse(incident.occurred_at);
  return [laneWord(incident.register_name), told(incident.title), `${longDate(at)} ${clockTime(at)}`].filter(Boolean).join(" · ");
}

/** The part about cases of one incident; it loads what it shows by itself. */
export function makeContained(incident) {
  const list = h("ul", {});
  const place = h("div", { class: "keep-form" });
  const element = h("section", { class: "keeping contained", "aria-label": _("Cases") }, list, place);

  async function load() {
    try {
      const found = await ask(`/api/v1/cases/of-incident/${encodeURIComponent(incident.id)}`);
      list.replaceChildren(
        ...found.map((one) => h("li", {}, h("a", { href: `/cases/${one.id}` }, _("In case {reference}: {title}", one)))),
      );
    } catch (error) {
      // Policy: the card stays usable; what could not be loaded is told in its place.
      list.replaceChildren(h("li", {}, error.message));
    }
    const add = h("button", { type: "button", onclick: openForm }, _("Add to case…"));
    place.replaceChildren(page.may_cases === "edit" ? h("div", { class: "acts" }, add) : "");
  }

  async function openForm() {
    let open = [];
    try {
      open = (await ask(`/api/v1/cases?state=open&shop=${encodeURIComponent(incident.shop)}`)).cases;
    } catch (error) {
      return place.replaceChildren(h("p", { class: "trouble", role: "alert" }, error.message));
    }
    const choice = h(
      "select",
      { name: "case" },
      h("option", { value: NEW }, _("A new case")),
      open.map((one) => h("option", { value: one.id }, `${one.reference} ${one.title}`)),
    );
    const title = h("input", { name: "title", maxlength: 200, autocomplete: "off", value: titleOf(incident) });
    const titleLine = h("label", {}, h("span", {}, _("Title")), title);
    const wrong = h("p", { class: "trouble", role: "alert", hidden: true });
    const submit = h("button", { type: "submit", class: "primary" }, _("Add to the case"));
    choice.addEventListener("change", () => (titleLine.hidden = choice.value !== NEW));
    let made = null; // a case that was opened stays the same one where adding to it is tried again
    place.replaceChildren(
      h(
        "form",
        {
          onsubmit: async (event) => {
            event.preventDefault();
            submit.disabled = true;
            try {
              let into = choice.value;
              if (into === NEW) {
                made ??= await ask("/api/v1/cases", { method: "POST", body: { title: title.value, shop: incident.shop } });
                into = made.id;
              }
              await ask(`/api/v1/cases/${into}/items`, { method: "POST", body: { incident: incident.id } });
              await load();
            } catch (error) {
              // Policy: what was typed stays; what is wrong stands below it.
              wrong.hidden = false;
              say(wrong, error.code === "bad_input" ? _("Enter a title of 1 to 200 characters.") : error.message);
              submit.disabled = false;
            }
          },
        },
        h("p", {}, _("Its pictures, its sale and the footage around it are kept as long as the case exists.")),
        h("label", {}, h("span", {}, _("Case")), choice),
        titleLine,
        wrong,
        h("div", { class: "acts" }, submit, h("button", { type: "button", onclick: load }, _("Cancel"))),
      ),
    );
    choice.focus();
    // The form is longer than what stood here: its button has to be seen, too.
    submit.scrollIntoView({ block: "nearest" });
    return null;
  }

  load();
  return element;
}
