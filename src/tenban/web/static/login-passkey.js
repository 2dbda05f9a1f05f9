// Signing in by passkey: by a button, and where the browser offers passkeys in the field of the name.
import { known, offersByItself, showPasskey } from "./passkeys.js";

const RENEW_MS = 240_000; // what is asked holds for five minutes
const button = document.getElementById("passkey");
const trouble = document.getElementById("passkey-trouble");
const words = button.dataset;
let offering = new AbortController();

async function post(path, body) {
  const response = await fetch(`/api/v1/session/passkey${path}`, {
    method: "POST",
    headers: body ? { "Content-Type": "application/json" } : {},
    body: body && JSON.stringify(body),
    cache: "no-store",
  });
  if (response.status === 204) return null;
  const answer = await response.json();
  if (response.ok) return answer;
  throw new Error(answer.error?.told?.[document.documentElement.lang] ?? words.refused);
}

async function signIn(more) {
  const credential = await showPasskey(await post("/options"), more);
  trouble.hidden = true;
  await post("", { credential });
  location.assign(words.next);
}

function say(error) {
  trouble.hidden = false;
  // What browsers say of themselves is English and for developers.
  trouble.textContent = error instanceof DOMException ? words.none : error instanceof TypeError ? words.lost : error.message;
}

async function offer() {
  offering = new AbortController();
  const { signal } = offering;
  const renew = setTimeout(() => offering.abort("renew"), RENEW_MS);
  try {
    await signIn({ mediation: "conditional", signal });
  } catch (error) {
    if (signal.reason === "renew") return offer();
    // Policy: an offer nobody took says nothing; what was shown and refused does, and the button stays.
    if (!signal.aborted && !(error instanceof DOMException) && !(error instanceof TypeError)) say(error);
  } finally {
    clearTimeout(renew);
  }
  return null;
}

button.addEventListener("click", async () => {
  offering.abort("button");
  button.disabled = true;
  trouble.hidden = true;
  try {
    await signIn();
  } catch (error) {
    say(error);
    if (await offersByItself()) offer();
  } finally {
    button.disabled = false;
  }
});

if (known) {
  button.hidden = false;
  if (await offersByItself()) offer();
}
