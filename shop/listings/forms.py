"""What a master types to put goods on the shelf. What was typed stays when something is wrong, and every fault is named."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, TypeVar
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError

from core.errors import JishiError, Refused
from core.i18n import gettext
from core.moments import Day, read_day
from core.money import parse_yuan
from core.text import Block, Line
from shop.web.words import words_of
from supply.products.models import Storage

F = TypeVar("F", bound=BaseModel)
Typed = dict[str, Any]
MONTHS = "months"


def _yuan(value: object) -> int:
    try:
        return parse_yuan(value if isinstance(value, str) else "")
    except Refused as wrong:
        raise ValueError(wrong.detail) from wrong


def _optional(value: object) -> object:
    return None if value == "" else value


def _sane(fen: int) -> int:
    if not 1 <= fen <= 100_000_000:
        raise ValueError("价格要在 0.01 元到 100 万元之间")
    return fen


Price = Annotated[int, BeforeValidator(_yuan), AfterValidator(_sane)]
MaybeDay = Annotated[Day | None, BeforeValidator(_optional)]
MaybeUnits = Annotated[Annotated[int, Field(ge=1, le=100_000)] | None, BeforeValidator(_optional)]
FormKey = Annotated[str, Field(max_length=100)]


class NewProductForm(BaseModel):
    """A product with its first spec, price and, if it has come in already, its first lot."""

    model_config = {"extra": "forbid"}
    name: Annotated[Line, Field(min_length=2, max_length=60)]
    category: Annotated[Line, Field(min_length=1, max_length=20)]
    storage: Storage
    story: Annotated[Block, Field(max_length=500)] = ""
    shelf_days: Annotated[int, Field(ge=1, le=3650)]
    months: Annotated[list[Annotated[int, Field(ge=1, le=12)]], Field(min_length=1, max_length=12)]
    grower: Annotated[str, Field(min_length=1, max_length=60)]
    spec: Annotated[Line, Field(min_length=1, max_length=30)]
    net_g: Annotated[int, Field(ge=1, le=500_000)]
    ml: Annotated[int, Field(ge=1, le=1_000_000)]
    price: Price
    units: MaybeUnits = None
    harvested_on: MaybeDay = None
    form_key: FormKey = ""
    station: Annotated[str, Field(max_length=60)] = ""
    then: Annotated[str, Field(pattern="^(publish|draft)$")] = "publish"


class SpecForm(BaseModel):
    """One more spec of a product, with its price."""

    model_config = {"extra": "forbid"}
    spec: Annotated[Line, Field(min_length=1, max_length=30)]
    net_g: Annotated[int, Field(ge=1, le=500_000)]
    ml: Annotated[int, Field(ge=1, le=1_000_000)]
    price: Price
    form_key: FormKey = ""


class LotForm(BaseModel):
    """A weigh-in for one spec."""

    model_config = {"extra": "forbid"}
    sku: Annotated[str, Field(min_length=1, max_length=40)]
    units: Annotated[int, Field(ge=1, le=100_000)]
    harvested_on: Day
    grade: Annotated[Line, Field(max_length=12)] = ""
    member: Annotated[str, Field(max_length=12)] = ""  # of the co-op whose goods they are
    form_key: FormKey = ""


class ActForm(BaseModel):
    """A button."""

    model_config = {"extra": "forbid"}
    form_key: FormKey = ""


async def read_typed(request: Request) -> Typed:
    """The form as typed: one text a field, months as a list. Files are not taken here."""
    form = await request.form(max_fields=100, max_files=0)
    typed: Typed = {name: value for name, value in form.items() if isinstance(value, str)}
    if MONTHS in typed:
        typed[MONTHS] = [value for value in form.getlist(MONTHS) if isinstance(value, str)]
    return typed


TypedForm = Annotated[Typed, Depends(read_typed)]


class Wrong(JishiError):
    """The form's faults by field name, in words."""

    code, status = "invalid", 422

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("；".join(faults.values()), field=next(iter(faults), ""))
        self.faults = dict(faults)


def checked(form: type[F], typed: Typed) -> F:
    """The typed form as its shape. Raises Wrong."""
    try:
        return form.model_validate(typed)
    except ValidationError as error:
        faults: dict[str, str] = {}
        for fault in error.errors():
            faults.setdefault(str(fault["loc"][0]) if fault["loc"] else "", words_of(fault))
        raise Wrong(faults) from error


def checked_prices(typed: Typed, skus: Mapping[str, int]) -> tuple[dict[int, int], date | None, date | None]:
    """Prices of a listing by variant id from fields `price-{sku}`, and its days. An empty price leaves the spec out. Raises Wrong."""
    prices: dict[int, int] = {}
    faults: dict[str, str] = {}
    for name, value in typed.items():
        sku = name.removeprefix("price-")
        if name in ("starts_on", "ends_on", "form_key", "seen"):
            continue
        if not name.startswith("price-") or sku not in skus:
            faults[name[:60]] = gettext("没有这一项")
        elif value.strip():
            try:
                prices[skus[sku]] = _sane(_yuan(value))
            except ValueError as wrong:
                faults[name] = str(wrong)
    days: dict[str, date | None] = {}
    for name in ("starts_on", "ends_on"):
        try:
            days[name] = read_day(typed[name]) if typed.get(name) else None
        except ValueError as wrong:
            faults[name] = gettext(str(wrong))
    if not prices and not faults:
        faults[f"price-{next(iter(skus), '')}"] = gettext("至少给一个规格定价")
    if faults:
        raise Wrong(faults)
    return prices, days["starts_on"], days["ends_on"]


Terms = Mapping[str, str]
"""A listing's terms by field name as its form writes them: `price-{sku}` in yuan, `starts_on`, `ends_on`; "" for none."""


class Stale(Wrong):
    """Somebody changed these terms while the form was open."""

    code, status = "terms_moved", 409


def check_seen(typed: Typed, now: Terms) -> None:
    """The form was filled in over the terms that stand, or over others that say the same. Raises Stale naming what changed.

    `seen` is what the form showed when it was opened; a form without it was not looked at before.
    """
    if not (seen := dict(parse_qsl(str(typed.get("seen", "")), keep_blank_values=True))):
        return
    faults: dict[str, str] = {}
    for name, value in now.items():
        mine = str(typed.get(name, "")).strip()
        if seen.get(name, "") != value and _as_written(name, mine) != value:
            words = gettext("别处刚改成 {now}，你填的是 {mine}；看过再改一次")
            faults[name] = words.format(now=value or gettext("空的"), mine=mine or gettext("空的"))
    if faults:
        raise Stale(faults)


def _as_written(name: str, typed: str) -> str:
    if not name.startswith("price-"):
        return typed
    try:
        return f"{_yuan(typed) / 100:.2f}"
    except ValueError:
        return typed
