// The page of a register: the lamp's band, the bar, the stage, the sheets, and what listens to keys.
import { h, say } from "../dom.js";
import { language, page, speak, _ } from "../words.js";
import { clockTime, now } from "../times.js";
import { Wedge } from "./core/wedge.js";
import { follow } from "./handover.js";
import { Screen } from "./screen.js";
import { ask, Away, own } from "./server.js";
import { attract, waiting } from "./screens/attract.js";
import { basket } from "./screens/basket.js";
import { cameraSheet } from "./screens/camera.js";
import { done } from "./screens/done.js";
import { hintSheet } from "./screens/hint.js";
import { codeSheet, weigh } from "./screens/keypad.js";
import { lookup, quantity } from "./screens/lookup.js";
import { drawerSheet, menuSheet, replacedSheet, undoSheet, unpairSheet } from "./screens/office.js";
import { pair, sides } from "./screens/pair.js";
import { cash, cashless, elsewhere, methods } from "./screens/pay.js";
import { ageSheet, cancelSheet, releaseSheet, signOnSheet } from "./screens/staff.js";
import { price } from "./screen.js";
import { Till } from "./till.js";

const TOAST_MS = 4_000;
// Long enough to see that the wrong line is gone, and to reach for it.
const UNDO_MS = 8_000;
const NOBODY_MS = 60_000;
const NOT_AGAIN_MS = 10_000;
const main = h("main", { class: "place" });

function begin() {
  if (!page.paired) return alone(pair());
  const side = new URL(location.href).searchParams.get("side");
  if (page.register.kind === "semi_self" && side !== "staff" && side !== "pay") {
    return alone(
      sides((chosen) => {
        location.search = `?side=${chosen}`;
      }),
    );
  }
  keepShell();
  return run(new Till(page.register.kind === "semi_self" ? side : null));
}

/** A screen without a register behind it. */
function alone(screen) {
  document.body.append(h("div", { class: "band", "data-colour": "off" }), barOf(null, null), main);
  main.append(screen.element);
  const paint = () => screen.paint();
  document.addEventListener("language", paint);
  paint();
}

async function run(till) {
  const band = h("div", { class: "band", "data-colour": "off" });
  const bandWord = h("p", { class: "unseen", role: "status" });
  const polite = h("p", { class: "unseen", role: "status" });
  const toast = h("div", { class: "toast", role: "alert", popover: "manual" });
  let toastTimer = 0;

  function tell(text, { urgent = false, undo = null } = {}) {
    const act = undo && h("button", { type: "button", onclick: () => (undo(), untell()) }, _("Undo"));
    toast.replaceChildren(h("p", {}, text), ...(act ? [act] : []));
    toast.dataset.urgent = String(urgent);
    raise();
    clearTimeout(toastTimer);
    toastTimer = setTimeout(untell, undo ? UNDO_MS : TOAST_MS);
  }

  function untell() {
    if (toast.matches(":popover-open")) toast.hidePopover();
  }

  // A sheet that opened later would lie over it.
  function raise() {
    untell();
    toast.showPopover();
  }

  const sheets = {};
  const open = (name, detail) => {
    sheets[name].enter?.(detail);
    sheets[name].show();
    if (toast.matches(":popover-open")) raise();
  };
  Object.assign(sheets, {
    lookup: lookup(till, open),
    quantity: quantity(till),
    code: codeSheet(till),
    weigh: weigh(till),
    camera: cameraSheet(till),
    cancel: cancelSheet(till),
    age: ageSheet(till),
    release: releaseSheet(till),
    sign_on: signOnSheet(till),
    menu: menuSheet(till, open),
    undo: undoSheet(till, tell),
    drawer: drawerSheet(till, tell),
    unpair: unpairSheet(till),
    hint: hintSheet(till),
    replaced: replacedSheet(till),
  });

  const print = async (number) => {
    if (!(await till.outbox.empty(3_000)))
      return _("The server does not answer: the receipt can be printed from the browser.");
    try {
      await ask(`${own}/receipts`, {
        method: "POST",
        body: { sale: number, language: language() },
        patience_ms: 15_000,
      });
      tell(_("The receipt is being printed."));
      return null;
    } catch (error) {
      return error instanceof Away
        ? _("The server does not answer: the receipt can be printed from the browser.")
        : `${_("The receipt was not printed. Print it from the browser, or call staff.")} (${error.message})`;
    }
  };

  const reading = page.register.kind === "semi_self" && till.side === "pay";
  const stages = {
    idle: reading ? waiting(till) : attract(till),
    sale: basket(till, open),
    pay: methods(till, open),
    cash: cash(till, open),
    card: cashless(till, open),
    paying: elsewhere(till),
    done: done(till, print),
  };
  stages.watch = stages.sale;
  let shown = null;

  function paint() {
    const next = stages[till.stage];
    if (next !== shown) {
      shown?.leave?.();
      main.replaceChildren(next.element);
      shown = next;
      next.enter?.();
      next.paint();
      // A screen reader starts at the new screen; a keyboard goes on from its beginning.
      if (!document.querySelector("dialog[open]")) next.element.focus({ preventScroll: true });
    } else next.paint();
    document.body.dataset.stage = till.stage;
    band.dataset.colour = till.lamp.colour;
    band.classList.toggle("blink", till.lamp.blink);
    const words = {
      red: _("Please check"),
      amber: _("Please check"),
      blue: _("Staff are coming"),
      green: "",
      off: "",
    };
    say(bandWord, words[till.lamp.colour] ?? "");
    for (const sheet of Object.values(sheets)) if (sheet.open) sheet.paint();
    bar.paint();
  }

  function hinted() {
    if (till.hints.length === 0) sheets.hint.close();
    else {
      sheets.lookup.close();
      sheets.hint.show();
    }
  }

  const notices = {
    unread: () => tell(_("The code could not be read. Please try once more."), { urgent: true }),
    unknown: ({ text }) =>
      tell(_("This item is not known ({code}). Please find it by name or call staff.", { code: text }), {
        urgent: true,
      }),
    priceless: ({ article }) =>
      tell(_("{name} has no price. Please call staff.", { name: article.name }), { urgent: true }),
    weigh: (detail) => open("weigh", detail),
    age: ({ article }) => {
      if (!sheets.age.open) open("age", { line: article === null ? null : till.sale.last });
    },
    registered: ({ article, line }) =>
      say(polite, `${article.name} ${price(line.amount)}. ${_("Total (tax included)")} ${price(till.due)}`),
    voided: ({ line, undo }) => {
      const { number } = till.sale;
      const back = () => till.stage === "sale" && till.sale?.number === number && undo();
      tell(_("{name} removed", { name: line.name }), { undo: back });
    },
    returned: ({ amount }) => tell(_("{amount} was returned.", { amount: price(amount) })),
    called: () => tell(_("Staff have been called. Please wait a moment.")),
    paying: () => tell(_("Payment has begun. Go back to add more items.")),
    sign_on: () => open("sign_on", {}),
    unkept: ({ error }) =>
      tell(`${_("This browser cannot store the sale. Please call staff.")} (${error?.name})`, {
        urgent: true,
      }),
  };

  const bar = barOf(till, open);
  document.body.append(
    band,
    bar.element,
    main,
    bandWord,
    polite,
    toast,
    ...Object.values(sheets).map((sheet) => sheet.element),
  );
  till.addEventListener("change", paint);
  till.addEventListener("hint", hinted);
  till.addEventListener("notice", ({ detail }) => notices[detail.kind]?.(detail));
  till.outbox.addEventListener("change", () => bar.paint());
  till.link.addEventListener("change", () => {
    bar.paint();
    if (till.link.state === "replaced") sheets.replaced.show();
    if (till.link.state === "unpaired") setUpAgain();
  });
  // Nothing is shown and no key is heard before the sale in hand is back: what came earlier would be lost with it.
  await till.start();
  till.articles.addEventListener("change", paint);
  document.addEventListener("language", paint);
  comeHome(till);
  letGo(till);
  listen(till, open);
  paint();
  if (page.register.kind === "semi_self") {
    follow(till, (away) => {
      bar.away = away;
      bar.paint();
    });
  }
}

function barOf(till, open) {
  const screen = new Screen(till);
  const time = h("time", { class: "figures" });
  const state = h("p", { class: "state", role: "status" });
  const languages = [
    ["ja", "日本語"],
    ["en", "English"],
  ].map(([code, name]) => h("button", { type: "button", lang: code, onclick: () => choose(code) }, name));

  function choose(code) {
    if (till === null || till.stage === "idle") localStorage.setItem("tenban-register-language", code);
    speak(code);
  }

  const cashier = h("p", { class: "cashier" });
  screen.away = false;
  screen.also(() => {
    for (const button of languages) button.setAttribute("aria-pressed", String(language() === button.lang));
    say(time, clockTime(now()).slice(0, 5));
    if (till === null) return;
    say(cashier, till.cashier ?? "");
    // The shopper is not told that the server is away: nothing changes for them. Staff see it in a word.
    const away = till.outbox.away || screen.away;
    const parts = [
      till.outbox.unpaired ? _("Not paired: call staff") : "",
      till.link.state === "replaced" ? _("Open on another screen") : "",
      away && (till.staffed || screen.away) ? _("Offline, {n} waiting", { n: till.outbox.waiting }) : "",
      till.outbox.refused > 0 && till.staffed ? _("{n} events refused", { n: till.outbox.refused }) : "",
    ];
    say(state, parts.filter(Boolean).join(" · "));
    state.dataset.waiting = String(till.outbox.waiting);
  });
  screen.element = h(
    "header",
    { class: "bar" },
    h(
      "p",
      { class: "brand" },
      h("b", { lang: "ja" }, "店番"),
      h("span", { class: "shop" }, page.shop.name),
      screen.text("span", { class: "lane" }, () => `${_("Register")} ${page.register.name}`),
    ),
    cashier,
    state,
    time,
    h("div", { class: "choice", role: "group", "aria-label": "Language / 言語" }, languages),
    till === null
      ? null
      : screen.button(
          () => _("Staff"),
          () => open("menu", {}),
          { name: "menu", class: "quiet staff-button" },
        ),
    till === null
      ? null
      : screen.button(
          () => _("Call staff"),
          () => till.callStaff(),
          { name: "staff", class: "call" },
        ),
  );
  setInterval(() => screen.paint(), 5_000);
  document.addEventListener("language", () => screen.paint());
  screen.paint();
  if (till === null) return screen.element;
  return screen;
}

/** The shop's own language is back for the next shopper; pressing a language while nobody is here sets it. */
function comeHome(till) {
  const wanted = /(?:^|; )tenban_lang=(ja|en)/.exec(document.cookie)?.[1];
  const kept = localStorage.getItem("tenban-register-language");
  if (kept ?? wanted) speak(kept ?? wanted); // the kept page may be in another language
  let stage = "idle";
  till.addEventListener("change", () => {
    const left = stage !== "idle" && till.stage === "idle";
    stage = till.stage;
    const home = localStorage.getItem("tenban-register-language");
    if (left && home !== null && home !== language()) speak(home);
  });
}

/** A sale that somebody began and left without an item ends by itself. */
function letGo(till) {
  let timer = 0;
  till.addEventListener("change", () => {
    clearTimeout(timer);
    if (till.stage === "sale" && till.due === 0 && till.sale?.lines.length === 0) {
      timer = setTimeout(() => till.cancel("nobody"), NOBODY_MS);
    }
  });
}

/** Keys: a scanner's burst wherever the focus is, and a few shortcuts. */
function listen(till, open) {
  const wedge = new Wedge();
  document.addEventListener(
    "keydown",
    (event) => {
      const field = event.target.closest?.("input");
      if (field?.closest(".credentials")) return;
      const code = wedge.press({ key: event.key, code: event.code, time_ms: event.timeStamp });
      if (code !== null) {
        event.preventDefault();
        event.stopPropagation();
        if (field) field.value = field.value.slice(0, Math.max(0, field.value.length - code.length));
        for (const sheet of document.querySelectorAll("dialog.lookup[open], dialog.code-sheet[open]"))
          sheet.close();
        till.scan(code);
        return;
      }
      if (
        event.ctrlKey ||
        event.altKey ||
        event.metaKey ||
        event.isComposing ||
        document.querySelector("dialog[open]")
      )
        return;
      const shortcuts = {
        F2: () => till.stage === "sale" && open("lookup", {}),
        F3: () => till.stage === "sale" && open("code", {}),
        F12: () => till.stage === "sale" && till.toPayment(),
      };
      if (shortcuts[event.key]) {
        event.preventDefault();
        shortcuts[event.key]();
      }
    },
    { capture: true },
  );
}

/** The pairing was ended elsewhere: the server's page asks for a new one; the sale in hand waits in this browser. */
function setUpAgain() {
  const last_ms = Number(sessionStorage.getItem("tenban-set-up") ?? 0);
  // A kept page that comes instead of the server's must not turn in circles.
  if (Date.now() - last_ms < NOT_AGAIN_MS) return;
  sessionStorage.setItem("tenban-set-up", String(Date.now()));
  location.reload();
}

/** Keep this page's files for when the server is away; needs HTTPS (or localhost), and goes on without it. */
async function keepShell() {
  if (!("serviceWorker" in navigator)) return;
  try {
    await navigator.serviceWorker.register("/register/worker.js", { scope: "/register/" });
    const { active } = await navigator.serviceWorker.ready;
    active.postMessage({ keep: page.shell, page: location.pathname });
  } catch (error) {
    console.warn("the page is not kept for offline starts:", error.message);
  }
}

begin();
