// The staff's sheet: how the register does, undoing a sale, the drawer, unpairing; and who serves as this register.
import { h, say } from "../../dom.js";
import { page, _ } from "../../words.js";
import { ask, own, Refused } from "../server.js";
import { each, price, Sheet } from "../screen.js";
import { pad } from "./keypad.js";
import { approval, credentials, shownBy, whyNot } from "./staff.js";

/** The staff's menu: state of this register, signing off, drawer, undoing a sale, pairing. */
export function menuSheet(till, open) {
  const sheet = new Sheet(till, "staff-menu");
  const facts = h("dl", { class: "facts" });
  const off = sheet.button(
    () => _("Sign off"),
    () => {
      till.signOff();
      sheet.close();
    },
    { name: "person" },
  );
  const staffOnly = [
    sheet.button(
      () => _("Refund or void a sale"),
      () => go("undo"),
      { name: "undo", "data-go": "undo" },
    ),
    sheet.button(
      () => _("Open the drawer"),
      () => go("drawer"),
      { name: "drawer", "data-go": "drawer" },
    ),
    off,
  ];
  const unpair = sheet.button(
    () => _("Unpair this browser"),
    () => go("unpair"),
    { name: "close" },
  );

  // Where staff look at the screen, it may show what happened here; the sale goes on behind the window.
  const incidents = sheet.button(
    () => _("Incidents at this register"),
    () => {
      sheet.close();
      window.open(`/watch?register=${encodeURIComponent(page.register.id)}`, "tenban-watch");
    },
    { name: "check", "data-go": "incidents" },
  );

  function go(name) {
    sheet.close();
    open(name, {});
  }

  sheet.also(() => {
    for (const one of staffOnly) one.hidden = !(till.staffed || till.kind === "staffed");
    incidents.hidden = !(page.register.kind === "staffed" || till.side === "staff");
    off.hidden = till.cashier === null || till.sale !== null;
    const { outbox, link, articles } = till;
    const version = _("version {n}", { n: articles.version?.version ?? 0 });
    const server = outbox.unpaired
      ? _("refuses this browser")
      : outbox.away
        ? _("does not answer")
        : _("answers");
    const told_ = [
      [_("Server"), server],
      [_("Events waiting"), String(outbox.waiting)],
      [_("Events refused"), String(outbox.refused)],
      [
        _("Link"),
        link.state === "open"
          ? _("open")
          : link.state === "replaced"
            ? _("taken over by another screen")
            : _("lost"),
      ],
      [_("Articles"), `${articles.all.length} · ${version}`],
      [_("Cashier"), till.cashier ?? "–"],
    ];
    facts.replaceChildren(
      ...told_.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", { class: "figures" }, value))),
    );
  });
  sheet.element.append(
    sheet.head(() => _("Staff")),
    facts,
    h("div", { class: "mend column-wise" }, incidents, staffOnly, unpair),
  );
  return sheet;
}

export function drawerSheet(till, say_) {
  return approval(till, {
    name: "drawer",
    title: () => _("Open the drawer"),
    lead: () => _("Opening without a sale is written down with your name."),
    what: "drawer",
    then: async (given) => {
      till.drawerOpened("no_sale", given);
      if (!page.register.printer) {
        say_(_("Written down. No drawer is attached to this register."));
        return;
      }
      try {
        await ask(`${own}/drawer`, { method: "POST" });
        say_(_("The drawer is open."));
      } catch (error) {
        say_(error.message, { urgent: true });
      }
    },
  });
}

export function unpairSheet(till) {
  return approval(till, {
    name: "unpair",
    title: () => _("Unpair this browser"),
    lead: () =>
      till.outbox.waiting > 0
        ? _("{n} events have not reached the server yet. Unpair only once they have.", {
            n: till.outbox.waiting,
          })
        : _("The register can then be paired with another browser."),
    what: "unpair",
    then: async () => {
      await ask(`${own}/pairing`, { method: "DELETE" });
      location.reload();
    },
  });
}

/** Refund money of a finished sale, or void all of it. */
export function undoSheet(till, say_) {
  const sheet = new Sheet(till, "undo-sheet");
  let found = null;
  const number = h("input", {
    id: "undo-number",
    class: "figures",
    autocomplete: "off",
    maxlength: "64",
    required: true,
  });
  const trouble = h("p", { class: "trouble", role: "alert", hidden: true });
  const lines = h("ol", { class: "undo-lines" });
  const sum = h("p", { class: "figures undo-sum" });
  // For whoever is signed in on this browser: anybody else is asked to sign in first.
  const video = sheet.text("a", { class: "button", target: "_blank", rel: "noopener", hidden: true }, () => _("Footage of the sale"));
  const amount = h("input", {
    id: "undo-amount",
    class: "figures big-field",
    inputmode: "numeric",
    autocomplete: "off",
    maxlength: "8",
    oninput: () => sheet.paint(),
  });
  const reason = h("input", { id: "undo-reason", autocomplete: "off", maxlength: "200", required: true });
  const whole = h("input", { type: "checkbox", id: "undo-whole", onchange: () => sheet.paint() });
  const form = credentials(sheet, {
    id: "undo",
    go: () => (whole.checked ? _("Void the sale") : _("Refund {amount}", { amount: price(given()) })),
    pin: true,
    onanswer: async (name, typed) => {
      if (!whole.checked && (given() < 1 || given() > left()))
        throw new Refused(400, "bad_input", _("Enter an amount from 1 to {most}.", { most: price(left()) }));
      if (!reason.value.trim()) throw new Refused(400, "bad_input", _("Enter the reason."));
      const what = whole.checked ? "sale_void" : "refund";
      const approved = await till.approve({ name, ...shownBy(typed), what, note: `${found.sale} ${reason.value}` });
      till.undo(found, {
        amount: whole.checked ? null : given(),
        reason: reason.value.trim(),
        given: approved,
      });
      sheet.close();
      say_(
        whole.checked
          ? _("The sale is void. Give back {amount}.", { amount: price(found.total) })
          : _("Give back {amount}.", { amount: price(given()) }),
      );
    },
  });
  const body = h(
    "div",
    { class: "undo-body", hidden: true },
    h(
      "div",
      { class: "undo-part" },
      lines,
      sum,
      video,
      h(
        "div",
        { class: "check" },
        whole,
        sheet.text("label", { for: "undo-whole" }, () => _("Void the whole sale")),
      ),
      sheet.text("label", { for: "undo-reason" }, () => _("Reason")),
      reason,
    ),
    h(
      "div",
      { class: "undo-part" },
      h(
        "div",
        { class: "undo-amount" },
        sheet.text("label", { for: "undo-amount" }, () => _("Amount to give back")),
        amount,
        pad(amount, () => sheet.paint()),
      ),
      form,
    ),
  );

  function given() {
    const text = amount.value.normalize("NFKC").trim();
    return /^\d+$/.test(text) ? Number(text) : 0;
  }

  function left() {
    return found === null ? 0 : found.total - found.refunded;
  }

  async function look(event) {
    event.preventDefault();
    trouble.hidden = true;
    found = null;
    try {
      const { body: told } = await ask(`${own}/sales/${encodeURIComponent(number.value.trim())}`);
      if (told.state !== "paid" || told.voided)
        throw new Refused(
          409,
          "conflict",
          told.voided ? _("This sale is void already.") : _("This sale was not paid."),
        );
      found = told;
    } catch (error) {
      trouble.textContent =
        error instanceof Refused && error.status === 404
          ? _("This register has no such sale.")
          : whyNot(error);
      trouble.hidden = false;
    }
    sheet.paint();
  }

  sheet.also(() => {
    body.hidden = found === null;
    if (found === null) return;
    each(
      lines,
      found.lines,
      (line) => line.line,
      (line) =>
        h(
          "li",
          {},
          h("span", {}, line.name ?? line.plu),
          h("span", { class: "figures" }, `× ${line.quantity}`),
          h("span", { class: "figures" }, price(line.amount)),
        ),
    );
    say(
      sum,
      `${_("Total")} ${price(found.total)}${found.refunded ? ` · ${_("given back")} ${price(found.refunded)}` : ""}`,
    );
    video.hidden = !found.footage;
    video.href = found.footage ?? "#";
    amount.closest(".undo-amount").hidden = whole.checked;
  });
  sheet.enter = () => {
    found = null;
    number.value = till.last_number ?? "";
    amount.value = "";
    reason.value = "";
    whole.checked = false;
    trouble.hidden = true;
    form.reset_all();
  };
  sheet.element.append(
    sheet.head(() => _("Refund or void a sale")),
    h(
      "form",
      { class: "search-row", onsubmit: look },
      sheet.text("label", { for: "undo-number" }, () => _("Number on the receipt")),
      number,
      sheet.text("button", { type: "submit" }, () => _("Find")),
    ),
    trouble,
    body,
  );
  return sheet;
}

/** Another screen serves as this register now; two at once would ring two sales under one number. */
export function replacedSheet(till) {
  const sheet = new Sheet(till, "replaced-sheet");
  sheet.closable = false;
  sheet.element.append(
    sheet.title(() => _("Open on another screen")),
    sheet.text("p", { class: "lead" }, () =>
      _("This register has been opened elsewhere. Only one screen can serve as it."),
    ),
    sheet.button(
      () => _("Use this screen"),
      () => location.reload(),
      { class: "primary huge" },
    ),
  );
  return sheet;
}
