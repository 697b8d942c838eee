"""/api/v1/contract-zones – which firm serves which zone, what it came to in a month, and each piece of it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from core import clock
from core.db import Read
from core.errors import Refused
from core.paging import Cursor, Limit, make_cursor, read_cursor
from core.permissions import Actor, allow
from core.web.refusals import refusals

from . import queries
from .api_shapes import ContractMonth, ContractZoneMonth, CountedPieces
from .queries import ZoneMonth, ZoneUnknown

router = APIRouter(prefix="/api/v1", tags=["plans"])
Reader = Annotated[Actor, Depends(allow("dispatcher", "admin", "finance", "partner"))]
MonthText = Annotated[str | None, Query(max_length=20, description="A month as `2026-05`; this one when left out.")]


@router.get("/contract-zones", responses=refusals(Refused))
def contract_zones(session: Read, actor: Reader, month: MonthText = None) -> ContractMonth:
    """Every zone in force in the month with its pieces out and in; a firm sees its own."""
    asked = queries.read_month(month)
    zones = queries.zones_of(session, actor.tenant_id, asked, firms=queries.firms_of(actor))
    firms = queries.by_firm(zones)
    return {
        "month": asked.text, "items": [_as_json(zone) for zone in zones],
        "firms": [{"operator": f.operator, "pieces_out": f.out, "pieces_in": f.inward, "fee_fen": f.fee_fen} for f in firms],
    }  # fmt: skip


@router.get("/contract-zones/{code}/pieces", responses=refusals(ZoneUnknown, Refused))
def contract_zone_pieces(
    code: Annotated[str, Path(description="The zone's code.")],
    session: Read,
    actor: Reader,
    month: MonthText = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> CountedPieces:
    """The pieces of a zone in a month, each with its parcel, last counted first."""
    asked, zone = queries.read_month(month), queries.find_zone(session, actor, code)
    (before,) = read_cursor(cursor, int) or (None,)
    found = queries.pieces_in(session, zone, asked, before=before, limit=limit)
    items = found[:limit]
    return {
        "items": [
            {
                "parcel": p.parcel, "direction": p.direction, "node": p.node, "day": p.day,
                "handed_at": clock.local(p.handed_at).isoformat(), "fee_fen": p.fee_fen,
            }
            for p in items
        ],
        "next": make_cursor(items[-1].number) if len(found) > limit else None,
    }  # fmt: skip


def _as_json(z: ZoneMonth) -> ContractZoneMonth:
    return {
        "code": z.zone.code, "name": z.zone.name, "operator": z.zone.operator, "starts_on": z.zone.starts_on, "ends_on": z.zone.ends_on,
        "per_piece_fen": z.zone.per_piece_fen, "nodes": [{"code": c, "name": n, "township": t} for c, n, t in z.nodes],
        "pieces_out": z.out, "pieces_in": z.inward, "fee_fen": z.fee_fen,
    }  # fmt: skip
