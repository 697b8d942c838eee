// A form marked data-queue that finds no network is kept on the phone and sent when there is one, with the key it was filled in with:
// the shop takes a key once, so trying again is safe. What the form says of it stands in its [data-queued] and [data-refused].
const SHELF = "queued";

const read = () => JSON.parse(localStorage.getItem(SHELF) || "[]");
const write = (rows) => localStorage.setItem(SHELF, JSON.stringify(rows));

function keep(form) {
  const fields = [...new FormData(form)].map(([name, value]) => [name, String(value)]);
  write([...read(), { to: form.action, fields }]);
  form.elements.form_key.value = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;
  tell("[data-queued]");
}

function tell(mark, shown = true) {
  for (const words of document.querySelectorAll(mark)) words.hidden = !shown;
}

let sending = false;

async function send() {
  if (sending) return;
  sending = true;
  let sent = 0, refused = 0;
  try {
    for (let next = read()[0]; next; next = read()[0]) {
      const token = document.cookie.split("; ").find((cookie) => cookie.startsWith("csrf="));
      const headers = token ? { "X-CSRF-Token": token.slice("csrf=".length) } : {};
      const answer = await fetch(next.to, { method: "POST", body: new URLSearchParams(next.fields), headers });
      if (answer.status >= 500 || answer.status === 401 || answer.status === 429) break; // later, or after signing in
      answer.ok ? (sent += 1) : (refused += 1);
      write(read().slice(1));
    }
  } catch {
    // still no network
  }
  sending = false;
  tell("[data-queued]", read().length > 0);
  if (refused) tell("[data-refused]");
  else if (sent) location.reload();
}

export function keepQueue() {
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-queue]") || navigator.onLine) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    keep(event.target);
  }, true);
  document.addEventListener("htmx:sendError", ({ detail }) => {
    if (detail.elt.matches?.("form[data-queue]")) keep(detail.elt);
  });
  window.addEventListener("online", send);
  if (read().length) send();
}

export function showQueue() {
  if (read().length) tell("[data-queued]");
}
