// What can be saved of a chart: its data as CSV, and what is seen of it as PNG or SVG, drawn here and sent nowhere.

const WIDTH_PX = 1200;
const SCALE = 2;
const TITLE_PX = 44;

/** Make the buttons with `data-save` in a chart's menu work, and close the menu when it has served. */
export function addMenu(chart) {
  const menu = chart.element.querySelector(".chart-menu");
  if (!menu) return;
  for (const button of menu.querySelectorAll("[data-save]")) {
    button.addEventListener("click", () => {
      menu.open = false;
      save(chart, button.dataset.save).catch((error) => chart.say(`This could not be saved: ${error.message}`, false));
    });
  }
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
}

async function save(chart, kind) {
  if (kind === "csv") return handOver(csvAddress(chart), "");
  const picture = await asSvg(chart);
  const blob = kind === "svg" ? new Blob([picture.text], { type: "image/svg+xml" }) : await asPng(picture);
  const address = URL.createObjectURL(blob);
  handOver(address, `${fileName(chart)}.${kind}`);
  // The browser reads the address after this turn; a minute is enough for any disk.
  window.setTimeout(() => URL.revokeObjectURL(address), 60_000);
  return undefined;
}

/** The address of the data of what is shown, as fine as it is kept. */
function csvAddress(chart) {
  const known = Object.entries({ ...chart.query, format: "csv" }).filter(([, value]) => value !== null && value !== undefined);
  const asked = new URLSearchParams(known.map(([key, value]) => [key, String(value)]));
  return `${chart.path}${chart.path.includes("?") ? "&" : "?"}${asked}`;
}

function handOver(address, name) {
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
}

function fileName(chart) {
  const { run, slug } = document.getElementById("run")?.dataset || {};
  return [run, slug, chart.name].filter(Boolean).join("_");
}

/** Draw the chart anew with its title above, in the colours of the page. */
async function asSvg(chart) {
  const { layout, data } = chart.plot;
  const height = chart.plot.clientHeight + TITLE_PX;
  const width = Math.max(WIDTH_PX, chart.plot.clientWidth);
  const title = { text: chart.element.dataset.title || "", x: 0.012, xanchor: "left", y: 1, yanchor: "top", yref: "container", pad: { t: 12 } };
  const margin = { ...layout.margin, t: (layout.margin?.t || 0) + TITLE_PX };
  const drawn = { data, layout: { ...layout, title, margin, width, height, autosize: false }, config: { staticPlot: true } };
  const text = await window.Plotly.toImage(drawn, { format: "svg", imageDataOnly: true, width, height });
  return { text, width, height };
}

/** Paint an SVG on a canvas. It is loaded from a data address: the content policy lets no page show pictures from elsewhere. */
function asPng({ text, width, height }) {
  return new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = () => {
      const canvas = document.createElement("canvas");
      canvas.width = width * SCALE;
      canvas.height = height * SCALE;
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("the browser made no picture of it."))), "image/png");
    };
    image.onerror = () => reject(new Error("the browser cannot draw it."));
    image.src = `data:image/svg+xml,${encodeURIComponent(text)}`;
  });
}
