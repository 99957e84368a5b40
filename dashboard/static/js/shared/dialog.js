// A dialog that asks and then does: it stays open while that is done, and with the reason when it is refused.

/** Open `dialog`; `act` is called by its button and may throw an error, whose message is shown. Resolves to what `act` returns, or null. */
export function ask(dialog, act) {
  const confirm = dialog.querySelector("[data-confirm]");
  const cancel = dialog.querySelector("[data-cancel]");
  const problem = dialog.querySelector("[data-problem]");
  const stop = new AbortController();
  const busy = (is) => {
    confirm.disabled = cancel.disabled = is;
  };
  problem.hidden = true;
  busy(false);
  return new Promise((resolve) => {
    const end = (result) => {
      stop.abort();
      resolve(result);
    };
    confirm.addEventListener("click", async () => {
      busy(true);
      try {
        const result = await act();
        dialog.close();
        end(result); // at once: before "close" is heard, what was just changed could be asked for again, as it was
      } catch (error) {
        problem.textContent = error.message;
        problem.hidden = false;
        busy(false);
        confirm.focus();
      }
    }, { signal: stop.signal });
    cancel.addEventListener("click", () => dialog.close(), { signal: stop.signal });
    // What was asked for cannot be called back: whoever presses Escape meanwhile hears of its end all the same.
    const hold = (event) => {
      if (confirm.disabled && (event.type === "cancel" || event.key === "Escape")) event.preventDefault();
    };
    for (const kind of ["cancel", "keydown"]) dialog.addEventListener(kind, hold, { signal: stop.signal });
    dialog.addEventListener("close", () => {
      if (!dialog.open) end(null); // open: that is the question before this one, heard late
    }, { signal: stop.signal });
    dialog.showModal();
  });
}
