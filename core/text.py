"""Text that people type: stored as sent, minus what no screen can show.

NFC, control characters and direction overrides removed, ends trimmed. Names in any script and emoji are accepted as
plain text and escaped wherever they are shown.
"""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from core.pii import mask_numbers

UNSEEN = {"Cf", "Mn", "Me", "Zs", "Zl", "Zp"}
FILLERS = {*"\u115f\u1160\u3164\uffa0\u2800"}
FORBIDDEN = {*"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"}


def clean(text: str, *, newlines: bool = False) -> str:
    """The text without control characters, direction overrides and lone surrogates."""
    kept = "".join(
        c for c in unicodedata.normalize("NFC", text)
        if (c == "\n" and newlines) or (unicodedata.category(c) not in {"Cc", "Cs"} and c not in FORBIDDEN)
    )  # fmt: skip
    return kept.strip()


def shows(text: str) -> bool:
    """Whether anything of it can be seen: joiners, fillers and tags alone cannot."""
    return any(unicodedata.category(c) not in UNSEEN and c not in FILLERS for c in text)


def _seen(text: str) -> str:
    if text and not shows(text):
        raise ValueError("请填写看得见的文字")
    return text


def _clean_line(value: object) -> object:
    return clean(value) if isinstance(value, str) else value


def _clean_block(value: object) -> object:
    return clean(value.replace("\r\n", "\n"), newlines=True) if isinstance(value, str) else value


def _few_marks(text: str) -> str:
    marks = sum(1 for c in unicodedata.normalize("NFD", text) if unicodedata.combining(c))
    if marks > len(text) // 2 + 4:
        raise ValueError("文字里的附加符号太多")
    return text


Line = Annotated[str, BeforeValidator(_clean_line), AfterValidator(_few_marks), AfterValidator(_seen)]
"""One line of plain text; add length limits with `Field`."""

Block = Annotated[str, BeforeValidator(_clean_block), AfterValidator(_few_marks), AfterValidator(_seen)]
"""Several lines of plain text."""

Told = Annotated[Line, AfterValidator(mask_numbers)]
"""One line that others read and history keeps, such as a reason: a phone number in it is masked."""
