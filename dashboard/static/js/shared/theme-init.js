// Runs before the first paint, so that a page chosen dark never flashes white. Not a module: those wait for the page.
(function () {
  "use strict";
  try {
    const chosen = window.localStorage.getItem("theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  } catch (error) {
    // Storage may be forbidden; the system's preference counts then.
  }
})();
