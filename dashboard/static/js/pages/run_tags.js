// The dialog with the tags of a run: add, remove, save.

import { sendJson } from "../shared/api.js";
import { ask } from "../shared/dialog.js";

const dialog = document.getElementById("tags-dialog");
const list = dialog.querySelector("[data-list]");
const field = document.getElementById("tag-name");
let tags = [];

function show() {
  const items = tags.map((tag) => {
    const item = document.createElement("li");
    const remove = document.createElement("button");
    item.className = "chip tag";
    item.append(tag);
    remove.type = "button";
    remove.className = "remove";
    remove.textContent = "×";
    remove.setAttribute("aria-label", `Remove ${tag}`);
    remove.addEventListener("click", () => {
      tags = tags.filter((each) => each !== tag);
      show();
      field.focus();
    });
    item.append(remove);
    return item;
  });
  list.replaceChildren(...items);
}

function add() {
  const tag = field.value.trim().replace(/\s+/g, " ");
  if (tag && !tags.includes(tag)) tags = [...tags, tag];
  field.value = "";
  show();
}

dialog.querySelector("[data-add]").addEventListener("submit", (event) => {
  event.preventDefault();
  add();
});

/** Let the tags of the run called `name` be changed; `onSaved` hears what they are then. */
export async function editTags(name, current, onSaved) {
  tags = [...current];
  field.value = "";
  dialog.querySelector("[data-name]").textContent = name;
  show();
  const answer = await ask(dialog, () => {
    add(); // what was written and not added yet is meant too
    return sendJson("PATCH", `/api/v1/runs/${encodeURIComponent(name)}`, { tags, was: current });
  });
  if (answer) onSaved(answer.tags);
}
