// Ending the session of this browser.

import { sendJson } from "./api.js";

document.getElementById("sign-out")?.addEventListener("click", async () => {
  try {
    await sendJson("POST", "/sign-out");
    window.location.assign("/sign-in");
  } catch {
    window.location.reload(); // signed out already, in another window, or nobody answers: the page says which
  }
});
