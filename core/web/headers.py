"""What every answer carries, and what no request may carry."""

from collections.abc import Iterable

from core.settings import settings

GATEWAYS = ("https://checkout.stripe.com", "https://openapi.alipay.com")


def policy(
    *, scripts: Iterable[str] = (), frames: Iterable[str] = (), connects: Iterable[str] = (), forms: Iterable[str] = GATEWAYS
) -> str:
    """The content policy of a page; a pay page names what its gateway needs beyond our own."""
    parts = [
        "default-src 'self'", " ".join(["script-src 'self'", *scripts]), "style-src 'self'", "object-src 'none'", "base-uri 'none'",
        "frame-ancestors 'none'", "img-src 'self' blob: data:", " ".join(["connect-src 'self'", *connects]),
        " ".join(["form-action 'self'", *forms]),
    ]  # fmt: skip
    return "; ".join([*parts, " ".join(["frame-src", *frames])] if frames else parts)


FIXED = (
    (b"content-security-policy", policy().encode()),
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
