"""What every answer carries, and what no request may carry."""

from core.settings import settings

GATEWAYS = "https://checkout.stripe.com https://openapi.alipay.com"
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
    f"img-src 'self' blob: data:; connect-src 'self'; form-action 'self' {GATEWAYS}"
)
FIXED = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(self), geolocation=(), microphone=()"),
)
HSTS = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


def secure(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers with ours added; a page's own policy and caching are kept, everything else is not stored."""
    named = {name.lower() for name, _ in headers}
    added = [pair for pair in FIXED if pair[0] not in named]
    if settings.is_https:
        added.append(HSTS)
    if b"cache-control" not in named:
        added.append((b"cache-control", b"no-store"))
    return [*headers, *added]
