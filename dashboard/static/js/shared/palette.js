// Charts name their colours by role ("@c-blue"); the stylesheet gives the roles their values, one set for light and one for dark.

function valueOf(name, styles, cache) {
  if (!cache.has(name)) cache.set(name, styles.getPropertyValue(`--${name}`).trim());
  return cache.get(name);
}

/** Return a deep copy of `value` with every "@role" replaced by the colour (or font) of the current theme. */
export function painted(value) {
  const styles = getComputedStyle(document.documentElement);
  const cache = new Map();
  const paint = (item) => {
    if (typeof item === "string") return /^@[a-z-]+$/.test(item) ? valueOf(item.slice(1), styles, cache) : item;
    if (Array.isArray(item)) return item.map(paint);
    if (item !== null && typeof item === "object") return Object.fromEntries(Object.entries(item).map(([key, inner]) => [key, paint(inner)]));
    return item;
  };
  return paint(value);
}
