"""What a seller types to make a link, and what a viewer types to order through one."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from core.moments import Here
from core.text import Block, Line
from shop.listings.forms import FormKey, Price


class LinkForm(BaseModel):
    """One variant, its live price, how many, when, and the commission in percent."""

    model_config = {"extra": "forbid"}
    sku: Annotated[str, Field(min_length=1, max_length=40)]
    price: Price
    quota: Annotated[int, Field(ge=1, le=100_000)]
    commission: Annotated[int, Field(ge=0, le=20)]
    session_name: Annotated[Line, Field(max_length=40)] = ""
    starts_at: Here
    minutes: Annotated[int, Field(ge=10, le=20_160)]
    form_key: FormKey = ""

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)


class ReckonForm(BaseModel):
    """The landing page's two fields, besides what and how many; `step` choose shows another of the link's goods first."""

    model_config = {"extra": "forbid"}
    sku: Annotated[str, Field(min_length=1, max_length=40)]
    qty: Annotated[int, Field(ge=1, le=999)] = 1
    phone: Annotated[str, Field(max_length=40)] = ""
    pasted: Annotated[Block, Field(max_length=400)] = ""
    step: Literal["reckon", "choose"] = "reckon"


class OrderForm(BaseModel):
    """The confirmed order, with the total the buyer saw; `step` reckon asks for freight again after a correction."""

    model_config = {"extra": "forbid"}
    sku: Annotated[str, Field(min_length=1, max_length=40)]
    qty: Annotated[int, Field(ge=1, le=999)] = 1
    name: Annotated[str, Field(max_length=200)] = ""
    phone: Annotated[str, Field(max_length=40)] = ""
    province: Annotated[str, Field(max_length=100)] = ""
    city: Annotated[str, Field(max_length=100)] = ""
    district: Annotated[str, Field(max_length=100)] = ""
    detail: Annotated[str, Field(max_length=400)] = ""
    expected_total_fen: Annotated[int, Field(ge=0, le=10**13)] = 0
    form_key: FormKey = ""
    step: Literal["reckon", "place"] = "place"
