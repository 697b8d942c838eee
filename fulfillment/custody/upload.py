"""What a device sends, of parcels and of turnover boxes, and what it is told about each event."""

from datetime import datetime
from typing import Annotated, NamedTuple

from pydantic import BaseModel, Field

from core.codes import is_code, normalise_code
from core.settings import settings

LARGEST_BATCH = 500
LONGEST_CODE = 40


class ScanEvent(BaseModel):
    """One event as the device wrote it down. A time without a zone is read as Beijing time.

    `code` may be anything a camera can read, a parcel's label or a turnover box's; what is none of ours is rejected alone, the
    batch goes on. The scan of a box is the scan of every parcel in it.
    """

    model_config = {"extra": "forbid", "strict": True}

    id: Annotated[str, Field(min_length=1, max_length=80)]
    device: Annotated[str, Field(max_length=80)] = ""
    seq: Annotated[int, Field(ge=0, lt=2**53)] = 0
    at: Annotated[str, Field(max_length=40)]
    action: Annotated[str, Field(max_length=20)]
    code: Annotated[str, Field(max_length=8_000)]
    place: Annotated[str, Field(max_length=80)] = ""
    by: Annotated[str, Field(max_length=80)] = ""
    box: Annotated[str, Field(max_length=8_000, description="Of `stow` only: the turnover box the parcel is put into.")] = ""


def parcel_code(read: str) -> str:
    """The parcel's code in what a camera read: the bare code, or our own tracking address from the label's QR; else empty."""
    return _code(read, "JP")


def box_code(read: str) -> str:
    """A turnover box's code in what a camera read; else empty."""
    return _code(read, "X")


def _code(read: str, prefix: str) -> str:
    text = read.strip().removeprefix(f"{settings.address}/track/")
    code = normalise_code(text) if len(text) <= LONGEST_CODE else ""
    return code if is_code(code, prefix) else ""


def named_in(event: ScanEvent) -> tuple[str, str]:
    """(parcel, box) an event is about; either may be empty."""
    parcel = parcel_code(event.code)
    return parcel, box_code(event.box) if event.box or parcel else box_code(event.code)


class Outcome(NamedTuple):
    """`result` is accepted, duplicate or rejected; a rejection has a stable `code` and words."""

    id: str
    result: str
    code: str = ""
    words: str = ""


class Wrong(Exception):
    """Why one event is rejected."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code, self.words = code, words


class Fact(NamedTuple):
    """An event that was understood and may be kept: of a parcel, of a box, or of a parcel put into a box."""

    event: ScanEvent
    parcel_code: str
    box: str
    at: datetime
    flags: str
