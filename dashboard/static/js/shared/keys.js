// Keys of every page: "/" goes to its search, "?" says which keys there are. Nothing happens while somebody writes.

function writing(target) {
  return target.closest("input, textarea, select, [contenteditable]") !== null;
}

export function startKeys(help) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || writing(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "/") {
      const field = [...document.querySelectorAll("[data-search]")].find((each) => each.offsetParent !== null);
      if (!field) return;
      event.preventDefault();
      field.focus();
      field.select?.();
    } else if (event.key === "?") {
      event.preventDefault();
      help.showModal();
    }
  });
}
