"""/api/v1/partners – what firms carried in a month and are paid for it; finance closes it. A firm sees its own."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from core import clock, i18n
from core.db import Read, Write
from core.errors import Refused
from core.paging import Cursor, Limit, make_cursor, read_cursor
from core.permissions import Actor, allow
from core.web.refusals import refusals
from fulfillment.contracts.queries import read_month

from . import closing, queries, reading
from .api_shapes import LegList, LegShape, PartnerAmount, PartnerMonthDetail, PartnerMonths, PartnerMonthShape
from .closing import LegsUnpriced, MonthNotOver
from .queries import Carried, FirmUnknown, may_see, own_firms
from .reading import Amount, FirmMonth

router = APIRouter(prefix="/api/v1/partners", tags=["income"])
Reader = Annotated[Actor, Depends(allow("finance", "admin", "partner"))]
Finance = Annotated[Actor, Depends(allow("finance"))]
Firm = Annotated[str, Path(max_length=100, description="The firm, as lines name it.")]
MonthPath = Annotated[str, Path(max_length=20, description="A month as `2026-05`.")]
MonthQuery = Annotated[str | None, Query(max_length=20, description="A month as `2026-05`; this one when left out.")]


@router.get("", responses=refusals(Refused))
def read_partners(session: Read, actor: Reader, month: MonthQuery = None) -> PartnerMonths:
    """Every firm that carried something in the month, what it comes to, and what a piece costs."""
    found = reading.county_month(session, actor.tenant_id, read_month(month), own_firms(actor))
    return {
        "month": found.month.text, "items": [_shape(each) for each in found.firms], "total_fen": found.total_fen, "pieces": found.pieces,
        "piece_fen": found.piece_fen, "before_fen": found.before_fen, "now_fen": found.now_fen,
    }  # fmt: skip


@router.get("/{firm}/months/{month}", responses=refusals(FirmUnknown, Refused))
def read_partner_month(firm: Firm, month: MonthPath, session: Read, actor: Reader) -> PartnerMonthDetail:
    """A firm's month: what was agreed, what was carried and what it comes to; as it stands until it is closed."""
    asked = read_month(month)
    may_see(session, actor, firm)
    return _detail(reading.firm_month(session, actor.tenant_id, firm, asked))


@router.get("/{firm}/months/{month}/legs", responses=refusals(FirmUnknown, Refused))
def read_partner_legs(
    firm: Firm, month: MonthPath, session: Read, actor: Reader, cursor: Cursor = None, limit: Limit = 50
) -> LegList:  # fmt: skip
    """Every leg of a firm's month, each with its parcel."""
    asked = read_month(month)
    may_see(session, actor, firm)
    (before,) = read_cursor(cursor, int) or (None,)
    found = queries.legs_in(session, actor.tenant_id, firm, asked, before=before, limit=limit)
    items = found[:limit]
    return {"items": [_leg(leg) for leg in items], "next": make_cursor(items[-1].number) if len(found) > limit else None}


@router.post("/{firm}/months/{month}/closing", responses=refusals(FirmUnknown, MonthNotOver, LegsUnpriced, Refused))
def close_partner_month(firm: Firm, month: MonthPath, session: Write, actor: Finance) -> PartnerMonthDetail:
    """Close a month that is over: its legs are frozen and what they come to is owed. Closing it again changes nothing."""
    asked = read_month(month)
    closing.close(session, actor.tenant_id, firm, asked, by=actor.user_code)
    return _detail(reading.firm_month(session, actor.tenant_id, firm, asked))


def _shape(each: FirmMonth) -> PartnerMonthShape:
    return {
        "firm": each.firm, "month": each.month.text, "status": each.status, "pieces": each.pieces, "total_fen": each.total_fen,
    }  # fmt: skip


def _detail(each: FirmMonth) -> PartnerMonthDetail:
    return {
        **_shape(each), "code": each.closed.code if each.closed else None,
        "closed_at": clock.local(each.closed.closed_at).isoformat() if each.closed else None,
        "lines": [_amount(amount) for amount in each.amounts],
        "unpriced": [{"line": u.line, "name": i18n.retold(u.words), "pieces": u.pieces, "since": u.since} for u in each.unpriced],
        "costs": [
            {
                "covers": i18n.retold(c.what), "pieces": c.pieces, "amount_fen": c.fen, "piece_fen": c.piece_fen,
                "before_fen": c.before_fen,
            }
            for c in each.costs
        ],
    }  # fmt: skip


def _amount(a: Amount) -> PartnerAmount:
    return {
        "kind": a.kind, "month": f"{a.of_month:%Y-%m}", "contract": a.contract, "covers": i18n.retold(a.what), "basis": a.terms.basis,
        "price": a.terms.price, "tiers": [list(tier) for tier in a.terms.tiers], "quantity": a.quantity, "pieces": a.pieces,
        "amount_fen": a.fen, "words": i18n.retold(a.words),
    }  # fmt: skip


def _leg(leg: Carried) -> LegShape:
    return {
        "parcel": leg.parcel, "kind": leg.kind, "line": leg.line, "place": leg.place, "from_node": leg.from_node, "to_node": leg.to_node,
        "day": leg.day, "handed_at": clock.local(leg.handed_at).isoformat(), "grams": leg.grams, "box": leg.box, "contract": leg.contract,
    }  # fmt: skip
