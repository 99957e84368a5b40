// Tabs that are links: each section has an address of its own, and without this script all of them are simply shown.

export function startTabs(onShow) {
  const tabs = [...document.querySelectorAll('[role="tab"]')];
  const names = tabs.map((tab) => tab.getAttribute("aria-controls"));

  function show(name) {
    const chosen = names.includes(name) ? name : names[0];
    for (const tab of tabs) {
      const mine = tab.getAttribute("aria-controls") === chosen;
      tab.setAttribute("aria-selected", String(mine));
      tab.tabIndex = mine ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).hidden = !mine;
    }
    onShow(chosen);
  }

  function select(tab) {
    // Not location.hash: the browser would scroll to the section.
    window.history.replaceState(null, "", tab.getAttribute("href"));
    show(tab.getAttribute("aria-controls"));
  }

  for (const [index, tab] of tabs.entries()) {
    tab.addEventListener("click", (event) => {
      event.preventDefault();
      select(tab);
    });
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = tabs[(index + step + tabs.length) % tabs.length];
      next.focus();
      select(next);
    });
  }
  window.addEventListener("hashchange", () => show(window.location.hash.slice(1)));
  show(window.location.hash.slice(1));
}
