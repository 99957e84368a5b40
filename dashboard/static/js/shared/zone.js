// Times on the page in UTC or in the reader's own zone: what the server wrote is rewritten, and the choice is kept in this browser.

import { chooseZone, timeText, zone } from "./format.js";

/** The name of the zone in which times are shown. */
export function zoneName() {
  return zone() === "utc" ? "UTC" : Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Rewrite the times inside `root`; the server wrote them in UTC. */
export function writeTimes(root = document) {
  for (const element of root.querySelectorAll("time[data-ms]")) element.textContent = timeText(Number(element.dataset.ms), element.dataset.precision || "minute");
  for (const element of root.querySelectorAll("[data-zone-name]")) element.textContent = zoneName();
}

export function startZone(button) {
  const show = () => {
    button.textContent = zone() === "utc" ? "UTC" : "Local";
    button.title = `Times are shown in ${zoneName()}. Press to change.`;
    button.setAttribute("aria-pressed", String(zone() === "local"));
    writeTimes();
  };
  button.addEventListener("click", () => chooseZone(zone() === "utc" ? "local" : "utc"));
  document.addEventListener("zonechange", show);
  show();
}
