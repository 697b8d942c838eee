"""Every router of the installation, by module: each has a `router`. A test fails when an api.py or pages.py is missing here."""

ROUTERS = (
    "core.auth.api",
    "core.auth.pages",
    "core.files",
    "fulfillment.income.api",
    "fulfillment.income.pages",
    "shop.boards.pages",
    "shop.web.documents",
    "shop.web.health",
)
