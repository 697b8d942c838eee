// Countdowns: `data-until` is the deadline, `data-now` the server's time when the page was made, so a wrong phone clock does no harm.
export function refreshClocks(root) {
  for (const clock of root.querySelectorAll("[data-until]")) {
    clock.startedAt ??= performance.now();
    const now = Date.parse(clock.dataset.now) + performance.now() - clock.startedAt;
    const minutes = Math.floor((Date.parse(clock.dataset.until) - now) / 60_000);
    if (minutes < 0) {
      clock.classList.add("clock--over");
      clock.textContent = clock.dataset.over;
      delete clock.dataset.until;
      continue;
    }
    clock.classList.toggle("clock--soon", minutes < 10);
    if (minutes < 1) clock.querySelector("[data-left]").textContent = clock.dataset.last;
    const [days, hours, rest] = ["days", "hours", "minutes"].map((name) => clock.querySelector(`[data-${name}]`));
    if (days) days.textContent = String(Math.floor(minutes / 1440));
    if (hours) hours.textContent = String(Math.floor((days ? minutes % 1440 : minutes) / 60)).padStart(2, "0");
    if (rest) rest.textContent = String(hours ? minutes % 60 : minutes).padStart(2, "0");
  }
}
