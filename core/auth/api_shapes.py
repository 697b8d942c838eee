"""What /api/v1/auth answers."""

from typing import Annotated, NotRequired

from typing_extensions import TypedDict

from core.web.shapes import MomentText, told


class SignedInUser(TypedDict):
    """Who is signed in."""

    code: str
    name: str
    roles: Annotated[list[str], told("Every role held in this county.")]


class SessionStarted(TypedDict):
    """A session that has just begun. The cookie is set beside it."""

    user: SignedInUser
    expires_at: MomentText
    needs_second_factor: Annotated[bool, told("Staff roles count only once the second factor is proved on the account's page.")]
    token: NotRequired[Annotated[str, told("The Bearer, only if it was asked for. Shown once.")]]


class CodeSent(TypedDict):
    """The answer is the same whether the phone is known or not."""

    expires_in_s: Annotated[int, told("How long the six digits work, in seconds.")]
    receipt: Annotated[str, told("Goes with the digits; the cookie that is set beside it does the same for a browser.")]
