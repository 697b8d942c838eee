// Browsers that send neither Sec-Fetch-Site nor Origin are known by the token of their cookie (core/web/origin.py).
export function sendToken() {
  document.addEventListener("htmx:configRequest", ({ detail }) => {
    const token = document.cookie.split("; ").find((cookie) => cookie.startsWith("csrf="));
    if (detail.verb !== "get" && token) detail.headers["X-CSRF-Token"] = token.slice("csrf=".length);
  });
}
