"""What villagers type when they ask for a trip, and what of it can be. Judged field by field, so that nothing typed is lost."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from core import i18n
from core.moments import read_clock, read_day
from core.text import Told
from fulfillment.timetable.stops import LONGEST, Stop
from fulfillment.timetable.travel import place_of

from .models import MOST_SEATS, NOTE_LONGEST, Purpose
from .roads import RideMap
from .service import Wanted, fault_of_time

_ = i18n.gettext
Text = Annotated[str, Field(max_length=2_000)]
FIELDS = ("start", "to", "on", "earliest", "latest", "seats", "purpose", "note", "phone", "otp")
NOTE: TypeAdapter[str] = TypeAdapter(Annotated[Told, Field(max_length=NOTE_LONGEST)])
PURPOSES = i18n.marked({
    Purpose.CLINIC: "看病", Purpose.MARKET: "赶集、办事", Purpose.SCHOOL: "上学、放学", Purpose.FAMILY: "走亲访友", Purpose.OTHER: "别的事",
})  # fmt: skip


class RequestForm(BaseModel):
    """As typed; what each field must be is checked after."""

    model_config = {"extra": "forbid"}
    form_key: Annotated[str, Field(max_length=100)] = ""
    start: Text = ""
    to: Text = ""
    on: Text = ""
    earliest: Text = ""
    latest: Text = ""
    seats: Text = "1"
    purpose: Text = Purpose.OTHER.value
    note: Annotated[str, Field(max_length=20_000)] = ""
    phone: Text = ""
    otp: Annotated[str, Field(max_length=12)] = ""
    step: Literal["ask", "code"] = "ask"

    def typed(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in FIELDS}


def judge(
    typed: Mapping[str, str], stops: Sequence[Stop], rides: RideMap, county_name: str
) -> tuple[Wanted | None, dict[str, str]]:  # fmt: skip
    """What is wanted, or what is wrong by field."""
    errors: dict[str, str] = {}
    ends = {name: _place(stops, typed[name], county_name, name, errors) for name in ("start", "to")}
    day, earliest, latest = _day(typed["on"]), read_clock(typed["earliest"]), read_clock(typed["latest"])
    for name, value, words in (
        ("on", day, _("选一天")),
        ("earliest", earliest, _("写钟点，比如 13:30")),
        ("latest", latest, _("写钟点，比如 14:30")),
    ):
        if value is None:
            errors[name] = words
    seats = _seats(typed["seats"])
    if seats is None:
        errors["seats"] = _("写 1 到 {n} 个人").format(n=MOST_SEATS)
    purpose = next((p for p in Purpose if p.value == typed["purpose"]), None)
    if purpose is None:
        errors["purpose"] = _("选一样")
    note = _note(typed["note"], errors)
    start, goal = ends["start"], ends["to"]
    if start and goal and (fault := _fault_of_way(start, goal, rides)):
        errors["to"] = fault
    if day and earliest is not None and latest is not None and (wrong := fault_of_time(day, earliest, latest)):
        errors[wrong[0]] = wrong[1]
    if errors or not (start and goal and day and seats and purpose) or earliest is None or latest is None:
        return None, errors
    return Wanted(start.id, goal.id, day, earliest, latest, seats, purpose, note), {}


def _fault_of_way(start: Stop, goal: Stop, rides: RideMap) -> str | None:
    if start.id == goal.id:
        return _("起点和终点是同一个地方")
    if rides.road(start.id, goal.id) is None:
        return _("一趟车开不到那里；要换船的，请一段一段地要")
    return None


def _place(stops: Sequence[Stop], words: str, county_name: str, field: str, errors: dict[str, str]) -> Stop | None:
    found = place_of(stops, words[:LONGEST], county_name)
    if len(found) == 1:
        return found[0]
    if found:
        errors[field] = _("叫这个名字的不止一处（{names}），请写全名").format(names=_("、").join(s.name for s in found[:6]))
    else:
        errors[field] = _("没有叫这个名字的站，写村名、站名或镇名")
    return None


def _day(text: str) -> date | None:
    try:
        return read_day(text.strip())
    except ValueError:
        return None


def _seats(text: str) -> int | None:
    digits = text.strip()
    fits = digits.isascii() and digits.isdigit() and len(digits) <= 3 and 1 <= int(digits) <= MOST_SEATS
    return int(digits) if fits else None


def _note(text: str, errors: dict[str, str]) -> str:
    try:
        return NOTE.validate_python(text)
    except ValidationError:
        errors["note"] = _("写得太长了，{n} 个字以内").format(n=NOTE_LONGEST) if len(text) > NOTE_LONGEST else _("请填写看得见的文字")
        return ""
