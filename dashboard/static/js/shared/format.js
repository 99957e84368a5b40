// Numbers and times as the pages write them: aligned digits, a true minus sign, "n/a" for what is undefined; times in UTC or as the clock
// on the wall, whichever the reader chose.

export const UNDEFINED = "n/a";
const ZONE_KEY = "zone";
const LAST_MS = 253_402_300_799_000;

export function number(value, decimals) {
  if (typeof value !== "number" || !Number.isFinite(value)) return UNDEFINED;
  const text = value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  return /^-[0.,]*$/.test(text) ? text.slice(1) : text.replace("-", "−");
}

/** A price with the decimals that its size calls for. */
export function price(value) {
  if (typeof value !== "number" || !Number.isFinite(value)) return UNDEFINED;
  const size = Math.abs(value);
  const decimals = size >= 1000 ? 2 : size >= 10 ? 3 : size >= 1 ? 4 : size > 0 ? Math.min(10, 4 - Math.floor(Math.log10(size))) : 2;
  return number(value, decimals);
}

/** A quantity as exact as it is. */
export function quantity(value) {
  if (typeof value !== "number" || !Number.isFinite(value)) return UNDEFINED;
  return value.toLocaleString("en-US", { maximumSignificantDigits: 8 });
}

/** The zone in which times are shown: "utc" or "local". */
export function zone() {
  try {
    return window.localStorage.getItem(ZONE_KEY) === "local" ? "local" : "utc";
  } catch (error) {
    return "utc"; // storage may be forbidden
  }
}

/** Choose the zone; whoever shows times hears of it by the event "zonechange" of the document. */
export function chooseZone(chosen) {
  try {
    window.localStorage.setItem(ZONE_KEY, chosen);
  } catch (error) {
    return; // not kept, and so not chosen: every script asks the storage
  }
  document.dispatchEvent(new CustomEvent("zonechange"));
}

/** A time in the chosen zone: to the minute, or to the second, or to the millisecond. */
export function timeText(ms, precision = "minute") {
  return zone() === "utc" ? utc(ms, precision) : local(ms, precision);
}

const LENGTHS = { day: 10, minute: 16, second: 19, millisecond: 23 };

export function utc(ms, precision = "minute") {
  if (typeof ms !== "number" || !Number.isFinite(ms) || Math.abs(ms) > LAST_MS) return UNDEFINED;
  return new Date(ms).toISOString().slice(0, LENGTHS[precision]).replace("T", " ");
}

function local(ms, precision) {
  if (typeof ms !== "number" || !Number.isFinite(ms) || Math.abs(ms) > LAST_MS) return UNDEFINED;
  const moment = new Date(ms);
  // Moved by the offset of that moment (and not of today), the time of the wall stands where UTC would.
  return utc(ms - moment.getTimezoneOffset() * 60_000, precision);
}

export function words(name) {
  return name.replaceAll("_", " ");
}
