// Semi-self: the staff's side and the shopper's side of one register see one sale, through the server.
import { ask, Away, own, Refused } from "./server.js";

const WAIT_S = 20;
const AGAIN_MS = 1_500;

/** Keep telling the till what the server knows of the register's sale; `away(true)` while it cannot be asked. */
export async function follow(till, away) {
  let seen = { sale: null, seq: 0 };
  for (;;) {
    const query = new URLSearchParams({
      seq: seen.seq,
      wait_s: WAIT_S,
      ...(seen.sale ? { sale: seen.sale } : {}),
    });
    try {
      const { body } = await ask(`${own}/sale?${query}`, { patience_ms: (WAIT_S + 5) * 1000 });
      away(false);
      if (body.sale !== null && (body.sale !== seen.sale || body.seq !== seen.seq)) till.see(body);
      seen = { sale: body.sale, seq: body.seq ?? 0 };
    } catch (error) {
      if (!(error instanceof Away || error instanceof Refused)) throw error;
      away(true);
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}
