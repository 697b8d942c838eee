"""/api/v1/stations/{code}/cash – takings, closes and payments of a station; /api/v1/cash – what every station holds."""

from collections.abc import Callable
from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Body, Depends, Path, Request
from pydantic import BaseModel, Field
from sqlmodel import Session

from core import clock
from core.db import Read, Write
from core.errors import Refused
from core.idempotency import KeyHeader, KeyReused, once
from core.paging import Cursor, Limit
from core.permissions import Actor, allow
from core.text import Told
from core.web.refusals import refusals
from supply.stations.desk import station_of
from supply.stations.service import StationUnknown

from . import queries, service
from .api_shapes import CashCloseShape, CashPaidInShape, CashTakingShape, CountyCash, StationCash
from .models import CashClose, CashPaidIn, CashTaking

router = APIRouter(prefix="/api/v1", tags=["income"])
Keeper = Annotated[Actor, Depends(allow("master", "helper"))]
Reader = Annotated[Actor, Depends(allow("master", "helper", "finance", "admin"))]
Overseer = Annotated[Actor, Depends(allow("finance", "admin"))]
Finance = Annotated[Actor, Depends(allow("finance"))]
Code = Annotated[str, Path(description="The station's code.")]
Amount = Annotated[int, Field(ge=1, le=100 * service.MOST_FEN, strict=True)]


class NewTaking(BaseModel):
    """Cash that was taken."""

    model_config = {"extra": "forbid"}
    purpose: Annotated[Literal["service", "send", "collected"], Field(description="Whose it is.")]
    amount_fen: Annotated[Amount, Field(description="In fen.")]
    what: Annotated[Told, Field(max_length=100, description="What for; numbers of people are masked.")] = ""


class NewClose(BaseModel):
    """What was counted, and why it is not what the books say."""

    model_config = {"extra": "forbid"}
    counted_fen: Annotated[int, Field(ge=0, le=100 * service.MOST_FEN, strict=True, description="In fen.")]
    reason: Annotated[Told, Field(max_length=200, description="Needed where it differs.")] = ""


class NewPaidIn(BaseModel):
    """What finance took over."""

    model_config = {"extra": "forbid"}
    amount_fen: Annotated[Amount, Field(description="In fen, no more than the station holds.")]
    reference: Annotated[Told, Field(max_length=100, description="The receipt's number.")] = ""


@router.get("/cash")
def read_county_cash(session: Read, actor: Overseer) -> CountyCash:
    """What every station holds of the county's."""
    tills = queries.tills(session, tenant_id=actor.tenant_id)
    return {
        "items": [
            {
                "station": t.station.code, "name": t.station.name, "held_fen": t.held_fen,
                "last_close": t.last.business_date if t.last else None,
            }
            for t in tills
        ],
        "held_fen": sum(t.held_fen for t in tills),
    }  # fmt: skip


@router.get("/stations/{code}/cash", responses=refusals(StationUnknown))
def read_station_cash(code: Code, session: Read, actor: Reader, cursor: Cursor = None, limit: Limit = 50) -> StationCash:
    """What a station took, counted and paid in, and what it holds."""
    here = station_of(session, actor, code, "finance", "admin")
    found, following = queries.takings(session, here, cursor=cursor, limit=limit)
    return {
        "station": code, "held_fen": service.held_at(session, here), "closes": [_close(c) for c in queries.closes(session, here)],
        "paid_in": [_paid_in(p) for p in queries.paid_in(session, here)], "items": [_taking(t) for t in found], "next": following,
    }  # fmt: skip


@router.post("/stations/{code}/cash", status_code=201, responses=refusals(StationUnknown, Refused, KeyReused))
def create_taking(
    request: Request, code: Code, body: Annotated[NewTaking, Body()], session: Write, actor: Keeper, key: KeyHeader = None
) -> CashTakingShape:
    """Cash was taken: the master's debt at once, a service's also their income."""
    here = station_of(session, actor, code)

    def work() -> Any:
        return _taking(service.take_cash(session, here, body.purpose, body.amount_fen, what=body.what, by=actor.user_code))

    return cast(CashTakingShape, _once(session, actor, request, key, body, work))


@router.post("/stations/{code}/cash/closes", status_code=201, responses=refusals(StationUnknown, Refused, service.ClosedAlready, KeyReused))
def create_close(
    request: Request, code: Code, body: Annotated[NewClose, Body()], session: Write, actor: Keeper, key: KeyHeader = None
) -> CashCloseShape:
    """The day's count, once a day; a difference needs a reason."""
    here = station_of(session, actor, code)

    def work() -> Any:
        return _close(service.close_day(session, here, body.counted_fen, reason=body.reason, by=actor.user_code))

    return cast(CashCloseShape, _once(session, actor, request, key, body, work))


@router.post("/stations/{code}/cash/payments", status_code=201, responses=refusals(StationUnknown, service.MoreThanHeld, KeyReused))
def create_paid_in(
    request: Request, code: Code, body: Annotated[NewPaidIn, Body()], session: Write, actor: Finance, key: KeyHeader = None
) -> CashPaidInShape:
    """Finance took cash over from a station."""
    here = station_of(session, actor, code, "finance")

    def work() -> Any:
        return _paid_in(service.pay_in(session, here, body.amount_fen, reference=body.reference, by=actor.user_code))

    return cast(CashPaidInShape, _once(session, actor, request, key, body, work))


@router.post("/stations/{code}/cash/{taking}/undoing", responses=refusals(StationUnknown, service.TakingUnknown, service.ClosedAlready))
def undo_taking(
    code: Code, taking: Annotated[str, Path(description="The taking's code.")], session: Write, actor: Keeper
) -> CashTakingShape:  # fmt: skip
    """What was typed wrongly never was, before a close counted it. Again changes nothing."""
    return _taking(service.undo_taking(session, station_of(session, actor, code), taking, by=actor.user_code))


def _once(session: Session, actor: Actor, request: Request, key: str | None, body: BaseModel, work: Callable[[], Any]) -> Any:
    def kept() -> tuple[int, dict[str, Any]]:
        return 201, {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in work().items()}

    route, asked = f"POST {request.url.path}", body.model_dump_json().encode()
    return once(session, tenant_id=actor.tenant_id, actor=actor.key, route=route, key=key, body=asked, work=kept)[1]


def _taking(t: CashTaking) -> CashTakingShape:
    return {
        "code": t.code, "purpose": t.purpose, "what": t.what, "amount_fen": t.amount_fen, "date": t.business_date,
        "taken_at": clock.local(t.taken_at).isoformat(), "undone_at": clock.local(t.undone_at).isoformat() if t.undone_at else None,
    }  # fmt: skip


def _close(c: CashClose) -> CashCloseShape:
    return {
        "code": c.code, "date": c.business_date, "expected_fen": c.expected_fen, "counted_fen": c.counted_fen, "reason": c.reason,
    }  # fmt: skip


def _paid_in(p: CashPaidIn) -> CashPaidInShape:
    return {
        "code": p.code, "amount_fen": p.amount_fen, "reference": p.reference, "received_at": clock.local(p.received_at).isoformat(),
    }  # fmt: skip
