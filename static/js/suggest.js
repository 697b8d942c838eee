// The names under a search field go when one turns elsewhere.
export function closeNames() {
  const close = (beside) => {
    for (const names of document.querySelectorAll(".suggest")) if (!beside || !names.parentElement.contains(beside)) names.replaceChildren();
  };
  document.addEventListener("pointerdown", (event) => close(event.target));
  document.addEventListener("focusin", (event) => close(event.target));
  document.addEventListener("keydown", (event) => event.key === "Escape" && close());
}
