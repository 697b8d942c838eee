// A print button is hidden until there is script to answer it: <button data-print hidden>.
export function offerPrint(root) {
  for (const button of root.querySelectorAll("button[data-print][hidden]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
}
