// Making and showing passkeys: what the server says as JSON, as browsers take it, and back (Web Authentication).
// Browsers of the last years can read the JSON themselves; tablets in shops are older than that.

/** Whether this browser knows passkeys at all. */
export const known = "PublicKeyCredential" in window && "credentials" in navigator;

/** Make a passkey; resolves to what the server is told. Rejects with a DOMException where none was made. */
export async function makePasskey(options) {
  const made = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: (options.excludeCredentials ?? []).map(withBytes),
    },
  });
  return told(made, { transports: made.response.getTransports?.() ?? [] }, ["clientDataJSON", "attestationObject"]);
}

/** Show a passkey; resolves to what the server is told. Rejects with a DOMException where none was shown. */
export async function showPasskey(options, more = {}) {
  const shown = await navigator.credentials.get({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      allowCredentials: (options.allowCredentials ?? []).map(withBytes),
    },
    ...more,
  });
  return told(shown, {}, ["clientDataJSON", "authenticatorData", "signature", "userHandle"]);
}

/** Whether the browser offers passkeys in the name's field by itself. */
export async function offersByItself() {
  return known && Boolean(await window.PublicKeyCredential.isConditionalMediationAvailable?.());
}

function told(credential, more, parts) {
  const response = { ...more };
  for (const part of parts) {
    const value = credential.response[part];
    if (value) response[part] = text(value);
  }
  const { id, rawId, type } = credential;
  return { id, rawId: text(rawId), type, response };
}

function withBytes(one) {
  return { ...one, id: bytes(one.id) };
}

function bytes(base64url) {
  const plain = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
}

function text(buffer) {
  const plain = Array.from(new Uint8Array(buffer), (code) => String.fromCharCode(code)).join("");
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
