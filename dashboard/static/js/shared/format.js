// Numbers and times as the pages write them: UTC, aligned digits, a true minus sign, "n/a" for what is undefined.

export const UNDEFINED = "n/a";

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

export function utc(ms) {
  if (typeof ms !== "number" || !Number.isFinite(ms)) return UNDEFINED;
  return new Date(ms).toISOString().slice(0, 16).replace("T", " ");
}

export function words(name) {
  return name.replaceAll("_", " ");
}
