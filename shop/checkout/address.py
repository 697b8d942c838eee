"""Who it is for and where it goes, as typed by people and programs."""

from typing import Annotated

from pydantic import BaseModel, Field, field_validator

from core.errors import Refused
from core.pii import normalise_phone
from core.text import Block, Line

Place = Annotated[Line, Field(min_length=1, max_length=40)]
Detail = Annotated[Line, Field(max_length=120)]
Name = Annotated[Line, Field(min_length=1, max_length=60)]
Phone = Annotated[str, Field(max_length=40)]
Note = Annotated[Block, Field(max_length=200)]


class Address(BaseModel):
    """A delivery address in the mainland's three steps, then street and door; in the county it may name a station to fetch it from."""

    model_config = {"extra": "forbid"}
    province: Place
    city: Place
    district: Place
    detail: Detail = ""
    station: Annotated[str, Field(max_length=40)] = ""

    @property
    def words(self) -> str:
        """`上海市徐汇区`: a municipality is not said twice."""
        return "".join(dict.fromkeys((self.province, self.city, self.district)))


class FullAddress(Address):
    """An address somebody can be found at."""

    detail: Annotated[Line, Field(min_length=1, max_length=120)]


class Contact(BaseModel):
    """Who receives it. The phone is kept as 11 digits, however it was typed."""

    model_config = {"extra": "forbid"}
    name: Name
    phone: Phone

    @field_validator("phone")
    @classmethod
    def _mainland_mobile(cls, text: str) -> str:
        try:
            return normalise_phone(text)
        except Refused as wrong:  # a fault among the others: the name is judged all the same
            raise ValueError(wrong.detail) from wrong
