// The reference at /docs: Swagger UI on our own OpenAPI document.
window.SwaggerUIBundle({ url: "/openapi.json", dom_id: "#docs", deepLinking: true, syntaxHighlight: false });
