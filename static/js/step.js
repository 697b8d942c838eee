// − and ＋ beside a number, shown by the script that answers them. The field alone works without.
export function enableSteps(root) {
  for (const step of root.querySelectorAll("[data-step]:not([data-ready])")) {
    const field = step.querySelector("input");
    step.dataset.ready = "";
    for (const button of step.querySelectorAll("button")) {
      button.hidden = false;
      button.addEventListener("click", () => {
        const wanted = (parseInt(field.value, 10) || 0) + Number(button.dataset.by);
        field.value = Math.min(Number(field.dataset.most), Math.max(Number(field.dataset.least), wanted));
        field.dispatchEvent(new Event("change", { bubbles: true }));
      });
    }
  }
}
