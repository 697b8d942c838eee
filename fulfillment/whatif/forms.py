"""What a dispatcher types to change a timetable: kilograms, litres and minutes, turned into the data of a change."""

from typing import Annotated, Any, Final

from pydantic import BaseModel, Field

from core import i18n
from core.moments import Day
from core.text import clean

from .changes import ChangeRefused

_ = i18n.gettext
Typed = Annotated[str, Field(max_length=200)]  # judged here, so that the form can be drawn again
Key = Annotated[str, Field(max_length=100)]
MOST: Final = 100_000  # kilograms, litres, boxes
FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "drop_run": ("run",), "shift_run": ("run", "minutes"), "add_run": ("run", "minutes", "vehicle"),
    "change_bay": ("run", "vehicle", "boxes", "kg", "litres", "chilled"), "extra_stop": ("run", "after", "node", "detour_min"),
    "close_node": ("node", "instead"), "open_node": ("node", "like", "share_pct"),
}  # fmt: skip
NUMBERS: Final = {
    "minutes": (-720, 720),
    "detour_min": (0, 720),
    "share_pct": (1, 100),
    "boxes": (0, MOST),
    "kg": (0, MOST),
    "litres": (0, MOST),
    "chilled": (0, MOST),
}
KEPT_AS: Final = {"kg": "g", "litres": "ml", "chilled": "chilled_ml"}


class ScenarioForm(BaseModel):
    model_config = {"extra": "forbid"}

    form_key: Key = ""
    date: Day
    title: Typed = ""


class ChangeForm(BaseModel):
    model_config = {"extra": "forbid"}

    form_key: Key = ""
    kind: Typed = ""
    line: Typed = ""
    run: Typed = ""
    minutes: Typed = ""
    node: Typed = ""
    after: Typed = ""
    detour_min: Typed = ""
    instead: Typed = ""
    like: Typed = ""
    share_pct: Typed = ""
    vehicle: Typed = ""
    boxes: Typed = ""
    kg: Typed = ""
    litres: Typed = ""
    chilled: Typed = ""


class PositionForm(BaseModel):
    model_config = {"extra": "forbid"}

    form_key: Key = ""
    position: Annotated[int, Field(ge=0, le=100)]


class ActForm(BaseModel):
    model_config = {"extra": "forbid"}

    form_key: Key = ""


def data_of(form: ChangeForm) -> dict[str, Any]:
    """The change's data, as `changes_data.change_of` reads it. Raises ChangeRefused, naming the field as the form calls it."""
    data: dict[str, Any] = {"kind": form.kind}
    for name in FIELDS.get(form.kind, ()):
        typed = clean(getattr(form, name))
        if typed and name in NUMBERS:
            data[KEPT_AS.get(name, name)] = _number(name, typed) * (1000 if name in KEPT_AS else 1)
        elif typed:
            data[name] = typed
    return data


def _number(name: str, typed: str) -> int:
    least, most = NUMBERS[name]
    digits = typed.replace("−", "-").removeprefix("-")
    number = int(typed.replace("−", "-")) if digits.isascii() and digits.isdigit() and len(digits) <= 6 else most + 1
    if not least <= number <= most:
        raise ChangeRefused(_("请填 {least} 到 {most} 之间的整数").format(least=least, most=most), field=name)
    return number
