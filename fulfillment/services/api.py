"""/api/v1/stations/{code}/services/done – village services as a program records and counts them."""

from datetime import timedelta
from typing import Annotated, Any, cast

from fastapi import APIRouter, Body, Depends, Path, Query, Request
from pydantic import BaseModel, Field

from core import clock
from core.db import Read, Write
from core.errors import Refused
from core.idempotency import KeyHeader, KeyReused, once
from core.moments import Day
from core.paging import Cursor, Limit
from core.permissions import Actor, allow
from core.web.refusals import refusals
from fulfillment.cash.service import ClosedAlready
from supply.stations.desk import station_of
from supply.stations.service import StationUnknown

from . import queries, service
from .api_shapes import DoneService, StationServices
from .models import ServiceDone

router = APIRouter(prefix="/api/v1", tags=["stations"])
Keeper = Annotated[Actor, Depends(allow("master", "helper"))]
Reader = Annotated[Actor, Depends(allow("master", "helper", "admin", "finance"))]
Code = Annotated[str, Path(description="The station's code.")]
TOO_LATE = (service.CountedAlready, ClosedAlready)
LONGEST = timedelta(days=366 * 5)


class NewDone(BaseModel):
    """Which service, how often, and whether it was paid in cash at the listed fee."""

    model_config = {"extra": "forbid", "strict": True}
    service: Annotated[str, Field(max_length=80, description="The service's code in the county's registry.")]
    quantity: Annotated[int, Field(ge=1, le=service.MOST, description="How many.")] = 1
    in_cash: Annotated[bool, Field(description="Paid over the counter; else the villager had it for nothing.")] = False


@router.get("/stations/{code}/services/done", responses=refusals(StationUnknown, Refused))
def read_done(
    code: Code,
    session: Read,
    actor: Reader,
    first: Annotated[Day | None, Query(alias="from", description="The first day counted; the first of the month without it.")] = None,
    last: Annotated[Day | None, Query(alias="to", description="The last day counted; today without it. Five years at most.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> StationServices:
    """What a station did for its villagers: counts by service of some days, and every record, newest first."""
    last = last or clock.today()
    first = first or last.replace(day=1)
    if first > last or last - first > LONGEST:
        raise Refused("起止日期不对：先早后晚，最长五年", field="from")
    here = station_of(session, actor, code, "admin", "finance")
    rows, following = queries.done_at(session, here, cursor=cursor, limit=limit)
    counted = queries.counts(session, tenant_id=actor.tenant_id, first=first, last=last, station=code)
    return {
        "station": code, "from": first, "to": last, "counts": [cast(Any, each._asdict()) for each in counted],
        "items": [_row(row) for row in rows], "next": following,
    }  # fmt: skip


@router.post(
    "/stations/{code}/services/done", status_code=201, responses=refusals(StationUnknown, service.ServiceUnknown, Refused, KeyReused)
)  # fmt: skip
def create_done(
    request: Request, code: Code, body: Annotated[NewDone, Body()], session: Write, actor: Keeper, key: KeyHeader = None
) -> DoneService:
    """Record one: in cash it is the master's debt and income at once; what the county pays is income by the record."""
    here = station_of(session, actor, code)

    def work() -> tuple[int, dict[str, Any]]:
        done = service.do_service(session, here, body.service, quantity=body.quantity, in_cash=body.in_cash, by=actor.user_code)
        return 201, dict(_row(done))

    route = f"POST {request.url.path}"
    asked = body.model_dump_json().encode()
    return cast(DoneService, once(session, tenant_id=actor.tenant_id, actor=actor.key, route=route, key=key, body=asked, work=work)[1])


@router.post("/stations/{code}/services/done/{record}/undoing", responses=refusals(StationUnknown, service.ServiceUnknown, *TOO_LATE))
def undo_done(
    code: Code, record: Annotated[str, Path(description="The record's code.")], session: Write, actor: Keeper
) -> DoneService:  # fmt: skip
    """It never was: on the same day, before its cash is counted or its income is in a statement. Again changes nothing."""
    return _row(service.undo_service(session, station_of(session, actor, code), record, by=actor.user_code))


def _row(done: ServiceDone) -> DoneService:
    return {
        "code": done.code, "service": done.service_code, "name": done.name, "quantity": done.quantity, "payer": done.paid_by,
        "fee_fen": done.fee_fen, "done_at": clock.local(done.done_at).isoformat(),
        "undone_at": clock.local(done.undone_at).isoformat() if done.undone_at else None,
    }  # fmt: skip
