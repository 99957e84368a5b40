// Ending the session of this browser.

import { sendJson } from "./api.js";

document.getElementById("sign-out")?.addEventListener("click", async () => {
  await sendJson("POST", "/sign-out");
  location.assign("/sign-in");
});
