// What every page has around its content: theme, time zone, keys, help.

import { startKeys } from "./keys.js";
import { startScrolling } from "./scrolling.js";
import "./theme.js";
import { startZone } from "./zone.js";

const help = document.getElementById("help");
document.getElementById("help-open").addEventListener("click", () => help.showModal());
startKeys(help);
startZone(document.getElementById("zone"));
startScrolling();
