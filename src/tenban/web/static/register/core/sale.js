// The arithmetic of one sale. Pure: each step takes a sale and returns the next one with the events that tell it.
// An event here has a type and its fields; number, seq and clock are put on by `told`.

/** A sale before its first event. */
export function newSale(number, { cashier = null } = {}) {
  return {
    number,
    seq: 0,
    state: "open",
    lines: [],
    touches: 0,
    cashier,
    age_approved: 0,
    approval: null,
    put_back: 0,
    payments: [],
    tendered: null,
    change: null,
  };
}

export function total(sale) {
  return sale.lines.reduce((sum, line) => sum + line.amount, 0);
}

/** Pieces that count; a weighed article is one. */
export function pieces(sale) {
  return sale.lines.reduce((sum, line) => sum + line.quantity, 0);
}

/** The age that has to be checked before payment; 0 where none is left to check. */
export function ageToCheck(sale) {
  const needed = Math.max(
    0,
    ...sale.lines.filter((line) => line.quantity > 0).map((line) => line.minimum_age ?? 0),
  );
  return needed > sale.age_approved ? needed : 0;
}

/** What a weight costs: the price of a kilogram, rounded half up to the minor unit. */
export function priceOf(unit_price, weight_g) {
  return Math.floor((unit_price * weight_g + 500) / 1000);
}

/** Number, order and time for events of a sale; returns [sale, events]. */
export function told(sale, events, { register, now, id }) {
  const numbered = events.map((event, place) => ({
    event_id: id(),
    register,
    sale: sale.number,
    seq: sale.seq + place + 1,
    rung_at: now().toISOString(),
    ...event,
  }));
  return [{ ...sale, seq: sale.seq + events.length }, numbered];
}

export function started(sale) {
  return [sale, [{ type: "sale_started", ...(sale.cashier ? { cashier: sale.cashier } : {}) }]];
}

/**
 * Register an article; `how` is {quantity, weight_g, amount, entered}. Pieces of one article at one price share a
 * line; what was weighed or carries its own price has a line of its own.
 */
export function registered(sale, article, how = {}) {
  const { quantity = 1, weight_g = null, amount = null, entered = "scan" } = how;
  const own = weight_g !== null || amount !== null;
  const unit_price = own && amount !== null && weight_g === null ? amount : article.unit_price;
  const paid = amount ?? (weight_g === null ? unit_price * quantity : priceOf(unit_price, weight_g));
  const known = own
    ? undefined
    : sale.lines.find(
        (line) =>
          line.plu === article.code && !line.own && line.quantity > 0 && line.unit_price === unit_price,
      );
  const line = known?.line ?? String(sale.lines.length + 1);
  const item = {
    line,
    plu: article.code,
    name: article.name,
    quantity,
    weight_g,
    unit_price,
    amount: paid,
    entered,
  };
  const next = known
    ? {
        ...known,
        quantity: known.quantity + quantity,
        amount: known.amount + paid,
        touched: sale.touches + 1,
      }
    : {
        ...item,
        own,
        touched: sale.touches + 1,
        unit: article.unit,
        category: article.category ?? null,
        minimum_age: article.minimum_age ?? null,
      };
  const others = sale.lines.filter((one) => one.line !== line);
  const lines = [...others, next].sort((a, b) => Number(a.line) - Number(b.line));
  const next_sale = { ...sale, state: "open", lines, last: line, touches: sale.touches + 1 };
  return [next_sale, [{ type: "item_registered", item }]];
}

/** Lines that count, the one registered last first. */
export function shownLines(sale) {
  return sale.lines.filter((line) => line.quantity > 0).sort((a, b) => (b.touched ?? 0) - (a.touched ?? 0));
}

/** Take pieces of a line back; all of them where no number is given. */
export function voided(sale, number, quantity = null) {
  const line = sale.lines.find((one) => one.line === number);
  if (!line || line.quantity === 0) return [sale, []];
  const taken = Math.min(quantity ?? line.quantity, line.quantity);
  const left = line.quantity - taken;
  const amount = left === 0 ? 0 : line.unit_price * left;
  const lines = sale.lines.map((one) => (one.line === number ? { ...one, quantity: left, amount } : one));
  const item = { line: number, plu: line.plu, name: line.name, quantity: taken };
  return [{ ...sale, state: "open", lines, last: null }, [{ type: "item_voided", item }]];
}

/** Register again what was taken back as a whole; `was` is the line as it stood before. */
export function restored(sale, was) {
  const how = was.own ? { weight_g: was.weight_g, amount: was.amount } : { quantity: was.quantity };
  return registered(sale, { ...was, code: was.plu }, { ...how, entered: was.entered });
}

/** Bring a line to a number of pieces. */
export function counted(sale, number, quantity) {
  const line = sale.lines.find((one) => one.line === number);
  if (!line || line.own || quantity === line.quantity || quantity < 0) return [sale, []];
  if (quantity < line.quantity) return voided(sale, number, line.quantity - quantity);
  const more = quantity - line.quantity;
  const item = {
    line: number,
    plu: line.plu,
    name: line.name,
    quantity: more,
    weight_g: null,
    unit_price: line.unit_price,
    amount: line.unit_price * more,
    entered: "key",
  };
  const next = { ...line, quantity, amount: line.amount + item.amount };
  const lines = sale.lines.map((one) => (one.line === number ? next : one));
  return [{ ...sale, state: "open", lines, last: number }, [{ type: "item_registered", item }]];
}

export function toPayment(sale) {
  const checked = sale.age_approved > 0 ? { age_checked: sale.age_approved } : {};
  const approval = { ...checked, ...(sale.approval ? { approval: sale.approval } : {}) };
  return [{ ...sale, state: "paying" }, [{ type: "payment_started", total: total(sale), ...approval }]];
}

/** Pay; `payment` is {method, card?} and, for cash, {tendered}. */
export function paid(sale, { method, card = null, tendered = null }) {
  const due = total(sale);
  const payment = { method, amount: due, ...(card ? { card } : {}) };
  const change = tendered === null ? null : tendered - due;
  if (change !== null && change < 0) throw new RangeError(`expected at least ${due}, got ${tendered}`);
  const cash = tendered === null ? {} : { tendered, change };
  const event = { type: "paid", total: due, payments: [payment], ...cash };
  return [{ ...sale, state: "paid", payments: [payment], tendered, change }, [event]];
}

export function cancelled(sale, reason) {
  return [{ ...sale, state: "cancelled" }, [{ type: "sale_cancelled", reason }]];
}

export function suspended(sale) {
  return [{ ...sale, state: "suspended" }, [{ type: "sale_suspended" }]];
}

export function resumed(sale) {
  return [{ ...sale, state: "open" }, [{ type: "sale_resumed" }]];
}

/** The shopper's answer to a hint: "scan" or "put_back". */
export function answered(sale, about, answer) {
  const put_back = sale.put_back + (answer === "put_back" ? 1 : 0);
  return [{ ...sale, put_back }, [{ type: "hint_answered", answer, about }]];
}

export function ageApproved(sale, age, approval) {
  return { ...sale, age_approved: Math.max(sale.age_approved, age), approval };
}
