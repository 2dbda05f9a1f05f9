// What the page asks the server: tries, uploads, and what went wrong in words.
import { Refused, ask } from "../api.js";
import { tokenFor } from "../token.js";
import { _, told } from "../words.js";

const ROOT = "/api/v1/tries";

export const list = () => ask(ROOT);
export const one = (id) => ask(`${ROOT}/${id}`);
export const pick = (sample) => ask(`${ROOT}/samples`, { method: "POST", body: { sample } });
export const start = (id, order) => ask(`${ROOT}/${id}/start`, { method: "POST", body: order });
export const cancel = (id) => ask(`${ROOT}/${id}/cancel`, { method: "POST" });
export const retry = (id) => ask(`${ROOT}/${id}/retry`, { method: "POST" });
export const remove = (id) => ask(`${ROOT}/${id}`, { method: "DELETE" });

/** What an error says to a person. */
export function sentence(error) {
  return told(error.more?.told) || error.message;
}

/** Send a file; `onprogress` gets 0–1. Returns {done, abort}. */
export function upload(file, onprogress) {
  const request = new XMLHttpRequest();
  const done = new Promise((resolve, reject) => {
    request.open("POST", `${ROOT}?name=${encodeURIComponent(file.name.slice(-200))}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    for (const [name, value] of Object.entries(tokenFor("POST"))) request.setRequestHeader(name, value);
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => onprogress(total ? loaded / total : 0);
    request.onload = () => {
      if (request.status === 201) {
        resolve(request.response);
        return;
      }
      const error = request.response?.error ?? {};
      const known = { 401: _("You have been signed out. Please sign in again.") };
      const message = known[request.status] ?? error.message ?? `HTTP ${request.status}`;
      reject(new Refused(request.status, error.code ?? "error", message, error));
    };
    request.onerror = () =>
      reject(new Refused(0, "unreachable", _("The upload broke off: the server cannot be reached. Nothing was kept.")));
    request.onabort = () => reject(new Refused(0, "aborted", ""));
    request.send(file);
  });
  return { done, abort: () => request.abort() };
}
