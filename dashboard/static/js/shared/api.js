// Everything a page fetches goes through here: same origin, JSON, and an error with the server's own words.

const run = document.getElementById("run");

export async function fetchJson(path, query = {}, signal = undefined) {
  const known = Object.entries(query).filter(([, value]) => value !== null && value !== undefined);
  const text = new URLSearchParams(known.map(([key, value]) => [key, String(value)])).toString();
  const response = await fetch(text ? `${path}?${text}` : path, { signal, headers: { Accept: "application/json" } });
  const content = await response.json();
  if (!response.ok) throw new Error(content.reason || `The dashboard answered ${response.status}.`);
  return content;
}

export function runPath(rest) {
  return `/api/v1/runs/${encodeURIComponent(run.dataset.run)}/${rest}`;
}

export function marketPath(rest) {
  return runPath(`markets/${encodeURIComponent(run.dataset.slug)}/${rest}`);
}
