"""What is typed at the settlement desk."""

from typing import Annotated

from pydantic import Field

from core.web.forms import Plain, Typed


class FreezeForm(Plain):
    until: Typed = ""


class VoidForm(Plain):
    reason: Typed = ""


class PaidForm(Plain):
    reference: Typed = ""


class BankListForm(Plain):
    """The bank's list, pasted."""

    rows: Annotated[str, Field(max_length=400_000)] = ""


class PayeeForm(Plain):
    way: Typed = ""
    holder: Typed = ""
    bank: Typed = ""
    account: Typed = ""


class OwnPayeeForm(PayeeForm):
    """Whose account, as `kind:code`, and the password once more."""

    party: Typed = ""
    password: Typed = ""


class MemberForm(Plain):
    """A member of a co-op of the station."""

    station: Typed = ""
    coop: Typed = ""
    number: Typed = ""
    name: Typed = ""


class DisputeForm(Plain):
    reason: Typed = ""


class AnswerForm(Plain):
    answer: Typed = ""
    granted: Typed = ""
    taken: Typed = ""  # off
