"""The dispatcher's board as its page shows it: which hours, which runs, what the plan came to and what waits for somebody."""

from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

from fastapi import Request
from fastapi.responses import Response
from sqlmodel import Session

from core import clock, i18n
from core.codes import new_token
from core.moments import read_day
from core.web import page
from core.web.templates import localised
from fulfillment.disruptions.service import open_ones
from fulfillment.network.models import Line
from fulfillment.timetable.board import Run, goods_runs, next_goods_run
from fulfillment.timetable.reports import outlook
from fulfillment.whatif.worth import worth_of_days

from . import queries

_ = i18n.gettext
HOURS_SHOWN = 6


class Slip(NamedTuple):
    """A departure on the board."""

    href: str
    leaves_at: object
    state: str
    state_text: str
    weight: int | None
    boxes: int | None
    cold: int | None
    note: str
    worth: int = 0  # fen that a box more could save
    waiting: Mapping[int, int] = MappingProxyType({})  # people who asked it to stop, by position; read for one departure alone


class Row(NamedTuple):
    line: Line
    hours: list[list[Slip]]


def slip_of(run: Run, worth: int = 0) -> Slip:
    row, words = (
        run.departure,
        {"scheduled": _("未开"), "open": _("开放"), "closed": _("装车"), "departed": _("在途"), "arrived": _("到了")},
    )
    state = {"scheduled": "open", "open": "open", "closed": "load", "departed": "go", "arrived": "go"}.get(row.status, "stop")
    text = words.get(row.status, _("停班"))
    if row.status in ("scheduled", "open"):
        if run.fullness > 100:
            state, text = "over", _("超了")
        elif run.fullness >= 90:
            state, text = "full", _("满了")
    if row.delay_min and state != "stop":
        state, text = "late", _("晚 %(n)s 分") % {"n": row.delay_min}
    return Slip(localised(f"/ops/departures/{row.code}"), run.leaves_at, state, text, run.weight, run.boxes, run.cold, row.note, worth)


class Wrong(NamedTuple):
    """A form of the board that was not taken: what was typed, and what is wrong by field. `code` is the disruption's it belongs to."""

    values: dict[str, str]
    errors: dict[str, str]
    code: str = ""


NOTHING_WRONG = Wrong({}, {})


def show(
    request: Request, session: Session, tenant_id: int, *, day: str = "", start: int | None = None, every: bool = False,
    wrong: Wrong = NOTHING_WRONG,
) -> Response:  # fmt: skip
    """The board from the next waves on, or of a `day` and an hour (`start`); `every` shows runs without goods too."""
    now = clock.now()
    shown, first, empty = _window(session, tenant_id, _day(day), start, every)
    begin = clock.on(shown, first * 60)
    runs = goods_runs(session, tenant_id, begin, begin + timedelta(hours=HOURS_SHOWN), empty=empty)
    worth = worth_of_days(session, tenant_id, {run.departure.service_date for run in runs})
    context: dict[str, Any] = {
        "day": shown, "hours": list(range(first, first + HOURS_SHOWN)), "every": empty, "rows": _rows(runs, first, worth),
        "standing": queries.standing(session, tenant_id), "waves": queries.waves(session, tenant_id, shown),
        "trouble": open_ones(session, tenant_id, limit=20), "counts": queries.waiting_counts(session, tenant_id), "now": now,
        "today": clock.today(), "form_key": new_token(), "nothing_placed": empty and not every, "wrong": wrong,
        "yesterday": shown - timedelta(days=1), "tomorrow": shown + timedelta(days=1),
        "weather": outlook(session, tenant_id),
        "this_hour": clock.local(now).hour if shown == clock.today() else None,
    }  # fmt: skip
    return page(request, "fulfillment/ops/index.html", block="ops", status=422 if wrong.errors else 200, **context)


def _window(session: Session, tenant_id: int, day: date | None, start: int | None, every: bool) -> tuple[date, int, bool]:
    """Day and first hour of the board, and whether it shows empty runs.

    Asked for nothing, it shows this hour; late in the evening and before the first bus it goes on to the next waves, to those
    with goods if there are any.
    """
    now = clock.now()
    today = clock.today()
    if start is not None or (day is not None and day < today):
        return day or today, _hour(5 if start is None else start), every
    after = now if day is None or day == today else clock.midnight(day)
    until = clock.midnight(clock.business_date(after) + timedelta(days=1 if day else 2))
    coming = next_goods_run(session, tenant_id, after, until, empty=every)
    if coming is None and day is None:
        every, coming = True, next_goods_run(session, tenant_id, after, until, empty=True)
    if coming is None:
        return day or today, _hour(clock.local(now).hour if day in (None, today) else 5), every
    leaves = clock.local(coming)
    soon = leaves.date() == today and leaves.hour <= clock.local(now).hour + 1
    return leaves.date(), _hour(clock.local(now).hour if soon else leaves.hour), every


def _hour(hour: int) -> int:
    return max(0, min(24 - HOURS_SHOWN, hour))


def _day(text: str) -> date | None:
    try:
        return read_day(text)
    except ValueError:
        return None


def _rows(runs: list[Run], first: int, worth: dict[int, int]) -> list[Row]:
    rows: dict[int, Row] = {}
    for run in runs:
        row = rows.setdefault(run.line.id or 0, Row(run.line, [[] for _ in range(HOURS_SHOWN)]))
        row.hours[clock.local(run.leaves_at).hour - first].append(slip_of(run, worth.get(run.departure.id or 0, 0)))
    return sorted(rows.values(), key=lambda r: (r.line.position, r.line.id))
