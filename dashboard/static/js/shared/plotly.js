// Plotly, run when the first chart has something to draw: reading it takes the browser a second in which nothing else is painted.

const ADDRESS = document.getElementById("plotly-script");
let coming = null;

/** Return Plotly once it is there. The page has asked for the file already; only running it has waited. */
export function plotly() {
  if (window.Plotly) return Promise.resolve(window.Plotly);
  coming ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = ADDRESS.href;
    script.addEventListener("load", () => resolve(window.Plotly));
    script.addEventListener("error", () => {
      coming = null;
      script.remove();
      reject(new Error("What draws the charts could not be loaded. Reload the page."));
    });
    document.head.append(script);
  });
  return coming;
}
