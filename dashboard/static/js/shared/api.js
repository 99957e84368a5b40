// Everything a page fetches goes through here: same origin, JSON, and an error with the server's own words.

const run = document.getElementById("run");

/** An answer that is no success: `message` in words, `status`, `code`, and `field`, the setting that it is about or null. */
export class ApiError extends Error {
  constructor(status, content) {
    const error = content?.error || {};
    super(error.message || content?.reason || `The dashboard answered ${status}.`);
    this.name = "ApiError";
    this.status = status;
    this.code = error.code || null;
    this.field = error.field ?? null;
    this.details = error.details ?? [];
  }
}

async function answerOf(response) {
  let content = null;
  try {
    content = response.status === 204 ? null : await response.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(response.status, null);
  }
  if (!response.ok) throw new ApiError(response.status, content);
  return content;
}

function addressOf(path, query) {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value === null || value === undefined || value === "") continue;
    for (const each of Array.isArray(value) ? value : [value]) search.append(key, String(each));
  }
  const text = search.toString();
  return text ? `${path}${path.includes("?") ? "&" : "?"}${text}` : path;
}

/** Return what `path` answers; a list in `query` is a key several times, null and "" are left out. Throws ApiError. */
export async function getJson(path, query = {}, signal = undefined) {
  return answerOf(await fetch(addressOf(path, query), { signal, headers: { Accept: "application/json" } }));
}

/** Ask for a change and return the answer, null for none. Throws ApiError. */
export async function sendJson(method, path, body = {}) {
  const token = document.querySelector('meta[name="csrf"]')?.content || "";
  const headers = { Accept: "application/json", "Content-Type": "application/json", "X-CSRF-Token": token };
  return answerOf(await fetch(path, { method, headers, body: JSON.stringify(body) }));
}

export function runPath(rest) {
  return `/api/v1/runs/${encodeURIComponent(run.dataset.run)}/${rest}`;
}

export function marketPath(rest) {
  return runPath(`markets/${encodeURIComponent(run.dataset.slug)}/${rest}`);
}
