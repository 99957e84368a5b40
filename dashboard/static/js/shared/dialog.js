// A dialog that asks and then does: it stays open with the reason while what it asks for is refused.

/** Open `dialog`; `act` is called by its button and may throw an error, whose message is shown. Resolves to what `act` returns, or null. */
export function ask(dialog, act) {
  const confirm = dialog.querySelector("[data-confirm]");
  const problem = dialog.querySelector("[data-problem]");
  const stop = new AbortController();
  problem.hidden = true;
  confirm.disabled = false;
  return new Promise((resolve) => {
    let result = null;
    confirm.addEventListener("click", async () => {
      confirm.disabled = true;
      try {
        result = await act();
        dialog.close();
      } catch (error) {
        problem.textContent = error.message;
        problem.hidden = false;
        confirm.disabled = false;
      }
    }, { signal: stop.signal });
    dialog.querySelector("[data-cancel]").addEventListener("click", () => dialog.close(), { signal: stop.signal });
    dialog.addEventListener("close", () => {
      stop.abort();
      resolve(result);
    }, { once: true });
    dialog.showModal();
  });
}
