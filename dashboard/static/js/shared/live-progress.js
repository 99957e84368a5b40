// The panel that shows how far a run at work is.

const NUMBER = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 3 });
const WHOLE = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 });

const decimal = (value) => NUMBER.format(value).replace("-", "−");

function duration(seconds) {
  if (!Number.isFinite(seconds)) return "";
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.ceil(whole / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function rate(data) {
  const parts = [];
  if (data.per_second) parts.push(`${(data.per_second >= 10 ? WHOLE : NUMBER).format(data.per_second)} steps/s`);
  if (data.bars_per_second) parts.push(`${WHOLE.format(data.bars_per_second)} bars/s`);
  return parts.join(", ");
}

export class ProgressPanel {
  constructor(element) {
    this.element = element;
    this.heard = 0;
  }

  /** Show a `progress` event: it is newer than what was asked for before it. */
  hear(data) {
    this.heard += 1;
    this.show(data);
  }

  /** Return what shows the content that is being fetched, unless the run says something meanwhile. */
  asking() {
    const before = this.heard;
    return (content) => {
      if (this.heard === before) this.show(content);
    };
  }

  set(name, text) {
    this.element.querySelector(`[data-live="${name}"]`).textContent = text;
  }

  /** Show a `progress` event, or the same content fetched; null or an ended run hides the panel. */
  show(data) {
    this.element.hidden = !data || data.state !== "running";
    if (this.element.hidden) return;
    this.set("stage", data.stage ? `Stage ${data.stage} of 10: ${data.title}` : "Starting");
    this.set("what", [data.name, data.market, data.window === null ? "" : data.note].filter(Boolean).join(" · "));
    this.element.querySelector("dl").hidden = !data.total;
    const bar = this.element.querySelector('[data-live="bar"]');
    if (data.total) bar.value = data.done / data.total;
    else bar.removeAttribute("value");
    this.set("done", data.total ? `${WHOLE.format(data.done)} of ${WHOLE.format(data.total)}` : "–");
    this.set("best", data.best === null ? "–" : `${decimal(data.best)}${data.objective ? ` ${data.objective}` : ""}`);
    this.set("rate", rate(data) || "–");
    this.set("eta", data.eta_seconds === null ? "–" : duration(data.eta_seconds));
  }

  /** Say which trial came last. */
  trial(data) {
    const score = data.score === null ? "" : `, score ${decimal(data.score)}`;
    const window = data.window === null ? "" : ` of window ${data.window}`;
    this.set("trial", `Latest trial: ${data.trial}${window} in ${data.stage}, ${String(data.state).replace("_", " ")}${score}.`);
  }
}
