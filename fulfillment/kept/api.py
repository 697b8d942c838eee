"""/api/v1/promises – how promises were kept, for the dispatcher and the county."""

from datetime import date, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from typing_extensions import TypedDict

from core import clock, i18n
from core.db import Read
from core.errors import Refused
from core.moments import Day
from core.permissions import Actor, allow
from core.web.refusals import refusals
from core.web.shapes import told

from .queries import CAUSES, Kept, kept_by, total

router = APIRouter(prefix="/api/v1", tags=["plans"])
Reader = Annotated[Actor, Depends(allow("dispatcher", "admin"))]
LONGEST = 366  # days


class PromisesKept(TypedDict):
    """How the promises of one lane ended."""

    code: Annotated[str, told("Of the station, zone, trunk or line; empty where it is not known.")]
    name: str
    due: Annotated[int, told("Promises that ended in the span; what was returned or cancelled is not counted.")]
    kept: int
    late: Annotated[int, told("Delivered after what was promised, not delivered yet, or lost.")]
    undelivered: Annotated[int, told("Of the late ones, those not delivered so far.")]
    causes: Annotated[dict[str, int], told("Late ones by cause: " + ", ".join(CAUSES) + ".")]


class PromiseBoard(TypedDict):
    """Every lane of the span, those that kept worst first, and all of them together."""

    items: list[PromisesKept]
    total: PromisesKept


def _as_json(row: Kept) -> PromisesKept:
    return {
        "code": row.code, "name": row.name, "due": row.due, "kept": row.kept, "late": row.late, "undelivered": row.undelivered,
        "causes": row.causes,
    }  # fmt: skip


@router.get("/promises", responses=refusals(Refused))
def promise_board(
    session: Read,
    actor: Reader,
    first: Annotated[Day | None, Query(alias="from", description="The first day; four weeks before the last when left out.")] = None,
    last: Annotated[Day | None, Query(alias="to", description="The last day; today when left out.")] = None,
    by: Annotated[Literal["station", "zone", "trunk", "line"], Query(description="What the lanes are.")] = "station",
) -> PromiseBoard:
    """Promises that ended in a span of at most a year against what the scans prove: kept, late, and why."""
    end: date = last or clock.today()
    begin: date = first or end - timedelta(days=27)
    if not 0 <= (end - begin).days < LONGEST:
        raise Refused(i18n.gettext("一次最多看一年，开始的日子不能晚于结束的日子"), field="from")
    rows = kept_by(session, tenant_id=actor.tenant_id, first=begin, last=end, way=by)
    return {"items": [_as_json(row) for row in rows], "total": _as_json(total(rows))}
