"""Cross-site request forgery: an unsafe call that carries our cookie must come from our own pages.

First Sec-Fetch-Site, else Origin against Host; where a browser sends neither, the double-submit token decides
(header `X-CSRF-Token` = cookie `csrf`). Bearer and cookie-less calls carry no ambient authority and pass; webhooks are
known by their signature. A form of another site is refused even without a cookie, for it could plant a sign-in; programs
send JSON, which no form can.
"""

import hmac
from collections.abc import Mapping
from urllib.parse import urlsplit

SAFE = {"GET", "HEAD", "OPTIONS"}


def same_origin(method: str, path: str, headers: Mapping[str, str], cookies: Mapping[str, str], session_cookie: str) -> bool:
    """Whether this call may change anything in the name of its cookie."""
    if method in SAFE or path.startswith(("/webhooks/", "/api/v1/webhooks/")):
        return True
    if headers.get("authorization", "").lower().startswith("bearer "):
        return True  # the cookie beside it is not looked at (core.auth.current)
    if session_cookie not in cookies and (path.startswith("/api/") or "sec-fetch-site" not in headers):
        return path.startswith("/api/") or _origin_fits(headers)
    if site := headers.get("sec-fetch-site"):
        return site in ("same-origin", "none")
    if "origin" in headers:
        return _origin_fits(headers)
    token = cookies.get("csrf", "")
    return bool(token) and hmac.compare_digest(headers.get("x-csrf-token", "").encode(), token.encode())


def _origin_fits(headers: Mapping[str, str]) -> bool:
    """No Origin is nobody's browser; another site's Origin is refused even without a cookie (a sign-in could be planted)."""
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host", "")
