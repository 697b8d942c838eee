"""Errors a user can meet: a stable code, an HTTP status and plain words.

They are answered as `application/problem+json` (RFC 9457) to programs and as a page in words to people.
"""

from typing import Any

from core.i18n import gettext


class JishiError(Exception):
    """Base of all refusals. `detail` is read by a person, in the page's language; `more` goes to programs beside the code."""

    code = "error"
    status = 400

    def __init__(self, detail: str = "", **more: Any) -> None:
        super().__init__(detail or self.code)
        self.detail = gettext(detail) if detail else self.code
        self.more = more

    def problem(self) -> dict[str, Any]:
        return {
            "type": f"urn:jishi:{self.code}",
            "title": self.code,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            **self.more,
        }


class NotFound(JishiError):
    """Nothing of that name, or it is not the caller's to see."""

    code, status = "not_found", 404


class Refused(JishiError):
    """The input cannot be accepted; `field` names the one that is wrong."""

    code, status = "invalid", 422


class Conflict(JishiError):
    code, status = "conflict", 409


class SignInNeeded(JishiError):
    """Nobody is signed in, or the session has ended."""

    code, status = "sign_in_needed", 401


class Forbidden(JishiError):
    """Not the work of the caller's roles."""

    code, status = "forbidden", 403


class TooMany(JishiError):
    """Too often; `retry_after_s` says when it may be tried again."""

    code, status = "too_many", 429


class Busy(JishiError):
    """The database or a service is not answering in time; trying again is safe."""

    code, status = "busy", 503
