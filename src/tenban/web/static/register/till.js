// The register: which stage it is at, the sale in hand, and everything a person can do at it.
// Stages: idle, sale, pay, cash, card, paying (semi-self, staff's side: the shopper pays), done.
import { Articles } from "./articles.js";
import { BadCode, readCode } from "./core/codes.js";
import { sumOf, withPiece } from "./core/money.js";
import * as steps from "./core/sale.js";
import { newId, saleNumber } from "./ids.js";
import { Link } from "./link.js";
import { Outbox } from "./outbox.js";
import { ask, own } from "./server.js";
import { sounds } from "./sounds.js";
import { store } from "./store.js";
import { page } from "../words.js";

const IN_HAND = new Set(["open", "paying"]);

/** Fires `change` after each step, `notice` {kind, …} for what is said once, `hint` when the hints differ. */
export class Till extends EventTarget {
  stage = "idle";
  sale = null;
  suspended = [];
  cashier = null;
  inserted = {};
  method = null;
  held = false;
  lamp = { colour: "off", blink: false };
  hints = [];
  scanning = null;
  last_number = null; // of the sale paid last: what staff most likely undo
  side;
  #sale_less_seq = 0;
  #last_begun = "";
  #writing = Promise.resolve();

  constructor(side) {
    super();
    this.side = side;
    this.articles = new Articles();
    this.outbox = new Outbox();
    this.link = new Link();
  }

  get kind() {
    return page.register.kind;
  }

  /** Whether staff work this screen. */
  get staffed() {
    return this.kind === "staffed" || this.side === "staff";
  }

  get due() {
    return this.sale === null ? 0 : steps.total(this.sale);
  }

  get putIn() {
    return sumOf(this.inserted);
  }

  get ageToCheck() {
    return this.sale === null ? 0 : steps.ageToCheck(this.sale);
  }

  async start() {
    const kept = (await store.get("till")) ?? {};
    this.sale = kept.sale ?? null;
    this.suspended = kept.suspended ?? [];
    this.cashier = kept.cashier ?? null;
    this.held = kept.held ?? false;
    this.#sale_less_seq = kept.sale_less_seq ?? 0;
    this.#last_begun = kept.last_begun ?? "";
    if (this.sale !== null) this.stage = "sale";
    await this.articles.start();
    await this.outbox.start();
    this.link.addEventListener("command", ({ detail }) => this.#obey(detail));
    if (this.side !== "staff") this.link.start();
    this.#changed();
  }

  // Scanning and looking up

  /** Take what a scanner or a camera read; starts a sale where none is in hand. */
  scan(text) {
    if (!this.#mayRegister()) return;
    let code;
    try {
      code = readCode(text);
    } catch (error) {
      if (!(error instanceof BadCode)) throw error;
      this.#notice("unread", { text });
      return;
    }
    // A register that was just set up has no articles yet: what is scanned waits for them, in order.
    if (this.articles.version === null) this.articles.sync().then(() => this.#scanned(code));
    else this.#scanned(code);
  }

  #scanned(code) {
    const article = this.articles.get(code.key);
    if (article === null) this.#notice("unknown", { text: code.text });
    else if (code.weight_g !== null) this.register(article, { weight_g: code.weight_g, entered: "scan" });
    else if (code.price !== null) this.register(article, { amount: code.price, entered: "scan" });
    else if (article.unit === "kg") this.#notice("weigh", { article, entered: "scan" });
    else this.register(article, { entered: "scan" });
  }

  /** Register an article; `how` is {quantity, weight_g, amount, entered}. */
  register(article, how) {
    if (!this.#mayRegister()) return;
    if (article.unit_price === null && how.amount === undefined) {
      this.#notice("priceless", { article });
      return;
    }
    const events = [];
    if (this.sale === null) events.push(...this.#begin());
    // Whoever scans while a hint asks about an item has answered it.
    const asked = this.hints.find((one) => one.rule === "item_not_registered" && one.about);
    if (asked) {
      this.hints = this.hints.filter((one) => one !== asked);
      events.push(...steps.answered(this.sale, asked.about, "scan")[1]);
      this.#hinted();
    }
    const [sale, more] = steps.registered(this.sale, article, how);
    this.sale = sale;
    this.stage = "sale";
    this.scanning = null;
    this.#tell([...events, ...more]);
    sounds.read();
    this.#notice("registered", { article, line: sale.lines.find((line) => line.line === sale.last) });
    if ((article.minimum_age ?? 0) > this.sale.age_approved) this.#notice("age", { article });
  }

  start_sale() {
    if (this.sale !== null || !this.#mayRegister()) return;
    this.#tell(this.#begin());
    this.stage = "sale";
    this.#changed();
  }

  setQuantity(line, quantity) {
    this.#step(steps.counted(this.sale, line, quantity));
  }

  voidLine(line) {
    const was = this.sale.lines.find((one) => one.line === line);
    this.#step(steps.voided(this.sale, line));
    this.#notice("voided", { line: was, undo: () => this.#step(steps.restored(this.sale, was)) });
  }

  // Paying

  toPayment() {
    if (this.sale === null || steps.pieces(this.sale) === 0) return;
    if (this.ageToCheck > 0) {
      this.#notice("age", { article: null });
      return;
    }
    this.#step(steps.toPayment(this.sale));
    this.inserted = {};
    this.stage = this.side === "staff" && this.kind === "semi_self" ? "paying" : "pay";
    this.#changed();
  }

  /** Back from the payment; what was put in comes out again. */
  backToScan() {
    const returned = this.putIn;
    this.inserted = {};
    this.method = null;
    this.stage = "sale";
    if (returned > 0) this.#notice("returned", { amount: returned });
    this.#changed();
  }

  choose(method) {
    if (this.held) return;
    this.method = method;
    this.inserted = {};
    this.stage = method === "cash" ? "cash" : "card";
    this.#changed();
  }

  backToMethods() {
    const returned = this.putIn;
    this.inserted = {};
    this.method = null;
    this.stage = "pay";
    if (returned > 0) this.#notice("returned", { amount: returned });
    this.#changed();
  }

  insert(value) {
    if (this.putIn >= this.due) return;
    this.inserted = withPiece(this.inserted, value);
    this.#changed();
  }

  tender(amount) {
    this.inserted = { [amount]: 1 };
    this.payCash();
  }

  payCash() {
    if (this.held || this.putIn < this.due) return;
    this.#finish(steps.paid(this.sale, { method: "cash", tendered: this.putIn }));
  }

  /** A simulated tender: nothing is charged, and the screen says so. */
  payCashless() {
    if (this.held) return;
    const card = this.method === "card" ? "4242" : null;
    this.#finish(steps.paid(this.sale, { method: this.method, card }));
  }

  #finish(step) {
    this.#step(step);
    this.last_number = this.sale.number;
    this.stage = "done";
    this.hints = [];
    sounds.thanks();
    this.#changed();
    this.#hinted();
  }

  /** Ready for the next one. */
  next() {
    this.sale = null;
    this.stage = "idle";
    this.inserted = {};
    this.method = null;
    this.held = false;
    this.scanning = null;
    this.hints = [];
    this.#keep([]);
    this.#changed();
    this.#hinted();
  }

  cancel(reason = "shopper") {
    if (this.sale === null) return;
    this.#step(steps.cancelled(this.sale, reason));
    this.next();
  }

  suspend() {
    if (this.sale === null || steps.pieces(this.sale) === 0) return;
    const [sale, events] = steps.suspended(this.sale);
    this.sale = sale;
    const numbered = this.#numbered(events);
    this.suspended = [...this.suspended, { ...this.sale, suspended_ms: Date.now(), held: this.held }];
    this.sale = null;
    this.held = false;
    this.stage = "idle";
    this.#keep(numbered);
    this.#changed();
  }

  resume(number) {
    const kept = this.suspended.find((one) => one.number === number);
    if (!kept || this.sale !== null) return;
    this.suspended = this.suspended.filter((one) => one.number !== number);
    // Setting a sale aside does not set it free.
    const { held = false, ...rest } = kept;
    this.held = held;
    this.#step(steps.resumed(rest));
    this.stage = "sale";
    this.#changed();
  }

  // People

  callStaff(note = "") {
    this.#keep([this.#saleLess({ type: "assist_requested", ...(note ? { note } : {}) })]);
    this.#notice("called", {});
  }

  /** Ask the server to check who approves; throws Away or Refused. */
  async approve({ name, what, note = "", ...shown }) {
    const asked = { name, ...shown, what, sale: this.sale?.number ?? null, note };
    const { body } = await ask(`${own}/approvals`, { method: "POST", body: asked });
    return body;
  }

  ageApproved(given) {
    this.sale = steps.ageApproved(this.sale, this.ageToCheck, given.approval);
    this.#keep([]);
    this.#changed();
  }

  signOn(given) {
    this.cashier = given.by_name;
    this.#keep([
      this.#saleLess({ type: "cashier_signed_on", cashier: given.by_name, approval: given.approval }),
    ]);
    this.#changed();
  }

  signOff() {
    const cashier = this.cashier;
    this.cashier = null;
    this.#keep([this.#saleLess({ type: "cashier_signed_off", cashier })]);
    this.#changed();
  }

  drawerOpened(reason, given) {
    this.#keep([this.#saleLess({ type: "drawer_opened", reason, ...this.#by(given) })]);
  }

  /** Undo a finished sale, or give money of it back; `amount` null: all of it. */
  undo(sale, { amount, reason, given }) {
    const whole = amount === null;
    const event = {
      type: whole ? "sale_voided" : "refunded",
      of_sale: sale.sale,
      amount: whole ? sale.total : amount,
      payments: [{ method: "cash", amount: -(whole ? sale.total : amount) }],
      reason,
      ...this.#by(given),
    };
    this.#keep([this.#saleLess(event)]);
  }

  release() {
    this.held = false;
    this.#keep([]);
    this.#changed();
  }

  #by(given) {
    return { approval: given.approval, ...(this.cashier ? { cashier: this.cashier } : {}) };
  }

  // Hints

  answer(hint, answer) {
    this.hints = this.hints.filter((one) => one !== hint);
    if (this.sale !== null && hint.about) {
      this.#step(steps.answered(this.sale, hint.about, answer));
      if (answer === "scan") {
        this.scanning = hint.about;
        if (this.stage !== "sale") this.backToScan();
      }
    }
    this.#hinted();
    this.#changed();
  }

  dismiss(hint) {
    this.hints = this.hints.filter((one) => one !== hint);
    this.#hinted();
  }

  /** Whether the shopper's own word still counts for a hint. */
  mayAnswer(hint) {
    return this.sale !== null && Boolean(hint.about) && this.sale.put_back < (hint.answers ?? 0);
  }

  #obey({ message, done }) {
    const { type } = message;
    if (type === "lamp") this.lamp = { colour: message.colour, blink: message.blink === true };
    else if (type === "hint") this.#hint(message);
    else if (type === "hold_payment" || type === "release") {
      // A command may come late: it holds the sale it is about, and no other shopper's.
      const mine = this.sale !== null && (message.sale ?? this.sale.number) === this.sale.number;
      this.held = type === "hold_payment" && mine;
      this.#keep([]);
    } else if (type === "plu_changed") this.articles.sync();
    else {
      done("refused", `this register knows no command ${type}`);
      return;
    }
    this.#changed();
    // Painted first, acknowledged then: "done" means that somebody could see it.
    requestAnimationFrame(() => done());
    if (document.hidden) done();
  }

  #hint(message) {
    const known = this.hints.find((one) => one.about && one.about === message.about);
    if (known) {
      this.hints = this.hints.map((one) => (one === known ? { ...one, ...message } : one));
    } else if (message.about && message.still && this.sale === null) {
      return; // the picture of a hint whose sale is over
    } else {
      this.hints = [message, ...this.hints];
      sounds.hint();
    }
    this.#hinted();
  }

  // Semi-self: two screens, one sale

  /** Take in what the server knows of the register's sale. */
  see(told) {
    if (this.side === "pay") this.#seeAsShopper(told);
    else if (this.stage === "paying" && told.sale === this.sale?.number && told.state === "paid") {
      this.sale = { ...this.sale, state: "paid", payments: told.payments, ...told.paid };
      this.stage = "done";
      this.#keep([]);
      this.#changed();
    }
  }

  #seeAsShopper(told) {
    if (this.stage === "done" && told.sale === this.sale?.number) return;
    const running = ["started", "paying"].includes(told.state);
    if (!running) {
      if (this.stage === "done") return;
      this.sale = null;
      this.stage = "idle";
    } else if (this.sale?.number !== told.sale || this.sale.seq < told.seq) {
      this.sale = { ...steps.newSale(told.sale), seq: told.seq, lines: told.lines, cashier: told.cashier };
      this.inserted = {};
      this.stage = told.state === "paying" ? "pay" : "watch";
    }
    this.#changed();
  }

  // Underneath

  #mayRegister() {
    if (this.stage === "done") this.next();
    if (this.side === "pay" && this.kind === "semi_self") return false;
    if (this.staffed && this.cashier === null) {
      this.#notice("sign_on", {});
      return false;
    }
    if (["cash", "card", "paying"].includes(this.stage)) {
      this.#notice("paying", {});
      return false;
    }
    return true;
  }

  #begin() {
    const number = saleNumber(new Date(), page.shop.timezone, this.#last_begun);
    this.#last_begun = number;
    const [sale, events] = steps.started(steps.newSale(number, { cashier: this.cashier }));
    this.sale = sale;
    this.held = false;
    return events;
  }

  #step([sale, events]) {
    this.sale = sale;
    this.#tell(events);
  }

  #tell(events) {
    this.#keep(this.#numbered(events));
    this.#changed();
  }

  #numbered(events) {
    const how = { register: page.register.id, now: () => new Date(), id: () => newId() };
    const [sale, numbered] = steps.told(this.sale, events, how);
    this.sale = sale;
    return numbered;
  }

  #saleLess(event) {
    this.#sale_less_seq += 1;
    return {
      event_id: newId(),
      register: page.register.id,
      sale: null,
      seq: this.#sale_less_seq,
      rung_at: new Date().toISOString(),
      ...event,
    };
  }

  #keep(events) {
    const state = {
      sale: this.sale !== null && IN_HAND.has(this.sale.state) ? this.sale : null,
      suspended: this.suspended,
      cashier: this.cashier,
      held: this.held,
      sale_less_seq: this.#sale_less_seq,
      last_begun: this.#last_begun,
    };
    // One after the other, in the order of the steps; a step that cannot be kept is told at once.
    this.#writing = this.#writing
      .then(() => store.record(events, state))
      .then(() => events.length > 0 && this.outbox.hurry())
      .catch((error) => this.#notice("unkept", { error }));
  }

  #notice(kind, detail) {
    if (["unread", "unknown", "priceless"].includes(kind)) sounds.unread();
    this.dispatchEvent(new CustomEvent("notice", { detail: { kind, ...detail } }));
  }

  #hinted() {
    this.dispatchEvent(new Event("hint"));
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
