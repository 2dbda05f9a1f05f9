// How urgent what is open at a lane is: told alike on the map and on the wall.
const RANK = ["open", "urgent", "passed"];

/** By lane how many are open, and how urgent the most urgent of them is. */
export function urgenciesOf(entries) {
  const found = new Map();
  for (const { card } of entries) {
    const known = found.get(card.register) ?? { count: 0, urgency: "open" };
    const unanswered = card.state === "unconfirmed" && !card.owner;
    const urgency = unanswered && card.passed_on_at ? "passed" : card.state === "unconfirmed" ? "urgent" : "open";
    const worse = RANK.indexOf(urgency) > RANK.indexOf(known.urgency) ? urgency : known.urgency;
    found.set(card.register, { count: known.count + 1, urgency: worse });
  }
  return found;
}
