// What scrolls sideways can be scrolled with the keys too: wide tables take the focus while they are wider than their place.

function headingOf(element) {
  const section = element.closest("section, details, dialog, main");
  return section?.querySelector("h1, h2, h3, summary")?.textContent.trim() || "Table";
}

function update(element) {
  if (element.scrollWidth > element.clientWidth + 1) {
    element.tabIndex = 0;
    element.setAttribute("role", "region");
    element.setAttribute("aria-label", `${headingOf(element)}, scrolls sideways`);
  } else {
    element.removeAttribute("tabindex");
    element.removeAttribute("role");
    element.removeAttribute("aria-label");
  }
}

export function startScrolling() {
  const watch = new ResizeObserver((entries) => {
    for (const { target } of entries) update(target.matches(".table-wrap, pre") ? target : target.parentElement);
  });
  for (const element of document.querySelectorAll(".table-wrap, pre")) {
    watch.observe(element);
    if (element.firstElementChild) watch.observe(element.firstElementChild);
  }
}
