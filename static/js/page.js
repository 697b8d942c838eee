// What HTML cannot do by itself, for every page. Each module looks for its own marks and does nothing without them.
import { refreshClocks } from "./clock.js";
import { watchKeys } from "./keys.js";
import { offerPrint } from "./print.js";
import { keepQueue, showQueue } from "./queue.js";
import { enableSteps } from "./step.js";
import { closeNames } from "./suggest.js";
import { sendToken } from "./token.js";

function prepare(root) {
  refreshClocks(root);
  offerPrint(root);
  enableSteps(root);
  showQueue();
  root.querySelector("[data-focus]")?.focus();
}

prepare(document);
watchKeys();
sendToken();
closeNames();
keepQueue();
setInterval(() => refreshClocks(document), 15_000);
document.addEventListener("htmx:load", (event) => prepare(event.detail.elt));
