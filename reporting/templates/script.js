"use strict";
(function () {
  const figures = JSON.parse(document.getElementById("figures").textContent);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  function colours(onPaper) {
    const style = getComputedStyle(document.documentElement);
    const ink = onPaper ? "#1f2937" : style.getPropertyValue("--ink").trim();
    const line = onPaper ? "#e2e8f0" : style.getPropertyValue("--line").trim();
    return { ink: ink, line: line };
  }
  function layout(figure, onPaper, sheet) {
    const c = colours(onPaper);
    const axis = { gridcolor: c.line, zerolinecolor: c.line, linecolor: c.line, automargin: true };
    return Object.assign({}, sheet, figure.layout, {
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", font: { color: c.ink, size: onPaper ? 10 : 12 },
      margin: { l: 60, r: 16, t: 12, b: 40 }, legend: { orientation: "h", y: 1.02, yanchor: "bottom" },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: c.line, activecolor: c.ink },
      autosize: !onPaper,
      xaxis: Object.assign({}, axis, figure.layout.xaxis || {}), yaxis: Object.assign({}, axis, figure.layout.yaxis || {})
    });
  }
  // A sheet of paper is narrower than most screens, and charts do not follow: what is printed is drawn for its width (A4, in CSS pixels).
  const PAPER = { whole: { width: 660, height: 280 }, half: { width: 300, height: 220 } };
  function draw(onPaper) {
    document.querySelectorAll("[data-figure]").forEach(function (place) {
      const figure = figures[place.dataset.figure];
      const half = place.classList.contains("half") || place.parentElement.classList.contains("maps");
      const sheet = onPaper ? (half ? PAPER.half : PAPER.whole) : {};
      if (figure) { Plotly.react(place, figure.data, layout(figure, onPaper, sheet), { responsive: true, displaylogo: false }); }
    });
  }
  draw(false);
  dark.addEventListener("change", function () { draw(false); });
  window.addEventListener("beforeprint", function () { draw(true); });
  window.addEventListener("afterprint", function () { draw(false); });

  // Definitions: a title is for a mouse alone. Each becomes a note that also comes with the keyboard's focus and with a tap, and
  // that the whole row shows.
  const tip = document.getElementById("tip");
  let noted = null;
  document.querySelectorAll("[title]").forEach(function (each) {
    each.dataset.tip = each.title;
    each.removeAttribute("title");
  });
  document.querySelectorAll("[data-tip]").forEach(function (each) { each.tabIndex = 0; });
  function noteOf(target) {
    const own = target.closest("[data-tip]"), cell = target.closest("tbody td");
    if (own || !cell) { return own; }
    const heads = cell.closest("table").tHead;
    const head = heads ? heads.rows[heads.rows.length - 1].cells[cell.cellIndex] : null;
    return head && head.dataset.tip ? head : cell.parentElement.querySelector("[data-tip]");
  }
  function show(target) {
    const note = target.closest ? noteOf(target) : null;
    if (!note) { hide(); return; }
    tip.textContent = note.dataset.tip;
    tip.hidden = false;
    note.setAttribute("aria-describedby", "tip");
    noted = target;
    put(target.getBoundingClientRect());
  }
  function put(place) {
    const below = place.bottom + 6 + tip.offsetHeight < window.innerHeight;
    tip.style.top = Math.max(8, below ? place.bottom + 6 : place.top - tip.offsetHeight - 6) + "px";
    tip.style.left = Math.max(8, Math.min(place.left, window.innerWidth - tip.offsetWidth - 8)) + "px";
  }
  // Whoever comes to a cell with the keyboard is scrolled to it, which is heard after the focus: the note goes along.
  function follow() {
    if (!noted) { return; }
    const place = noted.getBoundingClientRect();
    tip.hidden = place.bottom < 0 || place.top > window.innerHeight;
    if (!tip.hidden) { put(place); }
  }
  function hide() {
    tip.hidden = true;
    noted = null;
  }
  document.addEventListener("mouseover", function (event) { show(event.target); });
  document.addEventListener("focusin", function (event) { show(event.target); });
  document.addEventListener("focusout", hide);
  document.addEventListener("scroll", follow, true);
  document.addEventListener("keydown", function (event) { if (event.key === "Escape") { hide(); } });
})();
