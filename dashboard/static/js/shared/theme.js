// Light or dark: the system's preference until the button is used, then the choice, kept in this browser.

const system = window.matchMedia("(prefers-color-scheme: dark)");
const root = document.documentElement;

export function isDark() {
  return root.dataset.theme ? root.dataset.theme === "dark" : system.matches;
}

/** Call `listener` whenever the colours change. */
export function onTheme(listener) {
  document.addEventListener("themechange", listener);
}

function changed() {
  document.dispatchEvent(new CustomEvent("themechange"));
}

function toggle() {
  root.dataset.theme = isDark() ? "light" : "dark";
  try {
    window.localStorage.setItem("theme", root.dataset.theme);
  } catch (error) {
    // Not kept then; the choice still holds for this page.
  }
  changed();
}

document.getElementById("theme").addEventListener("click", toggle);
system.addEventListener("change", changed);
