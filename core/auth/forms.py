"""What the sign-in pages and calls accept, and where they send people afterwards."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, Field

Short = Annotated[str, Field(max_length=200)]
Phone = Annotated[str, Field(max_length=200, description="A mainland mobile number; spaces, dashes and +86 are accepted.")]


class SignInForm(BaseModel):
    """Password or one-time code; the page sends both fields and fills one."""

    model_config = {"extra": "forbid"}
    phone: Short
    password: Short = ""
    otp: Annotated[str, Field(max_length=12)] = ""
    by: Annotated[str, Field(max_length=10)] = ""  # "code" on the page that asks for one
    next: Annotated[str, Field(max_length=500)] = ""


class CodeForm(BaseModel):
    """The sign-in form sent by its second button, the first time or again."""

    model_config = {"extra": "forbid"}
    phone: Short
    password: Short = ""
    otp: Annotated[str, Field(max_length=12)] = ""
    by: Annotated[str, Field(max_length=10)] = ""
    next: Annotated[str, Field(max_length=500)] = ""


class DigitsForm(BaseModel):
    model_config = {"extra": "forbid"}
    digits: Annotated[str, Field(max_length=12)]
    next: Annotated[str, Field(max_length=500)] = ""


class EndSessionForm(BaseModel):
    model_config = {"extra": "forbid"}


class SetUpForm(BaseModel):
    model_config = {"extra": "forbid"}
    next: Annotated[str, Field(max_length=500)] = ""


class PasswordForm(BaseModel):
    """A first password, or a new one beside the old."""

    model_config = {"extra": "forbid"}
    old: Short = ""
    password: Short
    next: Annotated[str, Field(max_length=500)] = ""


class NewSession(BaseModel):
    """A phone with its password, or with the six digits sent to it."""

    model_config = {"extra": "forbid", "strict": True}
    phone: Phone
    password: Short | None = None
    otp: Annotated[str, Field(max_length=12, description="The six digits of `POST /auth/codes`.")] | None = None
    receipt: Annotated[str, Field(max_length=100, description="What `POST /auth/codes` answered, from a client without cookies.")] = ""
    token: Annotated[bool, Field(description="Also return a Bearer for a program.")] = False


class NewCode(BaseModel):
    """Whom to send six digits to."""

    model_config = {"extra": "forbid", "strict": True}
    phone: Phone


def safe_next(address: str, otherwise: str = "/") -> str:
    """A path of ours to go on to; anything that could leave the host is replaced."""
    parts = urlsplit(address)
    own = address.startswith("/") and not address.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    clean = own and "\\" not in address and all(c.isprintable() for c in address)
    return address if clean else otherwise
