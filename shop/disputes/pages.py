"""/finance/disputed – payments a bank is looking at: until when evidence is due, what to send, and how the others ended.

All that live stand on the first page, because a day that evidence is due must not hide behind a pager; those that ended are turned over.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session, col, select

from core import i18n
from core.batches import batches
from core.db import Read
from core.paging import Cursor, make_cursor, read_cursor
from core.permissions import Actor, allow
from core.web import page
from core.web.nav import Entry, register
from fulfillment.consignments.models import Consignment, Parcel
from shop.orders.models import Order

from .models import LIVE, DisputeStatus, PaymentDispute
from .words import dispute_reason, dispute_standing, evidence_words

router = APIRouter()
Reader = Annotated[Actor, Depends(allow("finance", "admin"))]
ENDED = 30  # of a page
register("finance", Entry(6, "/finance/disputed", i18n.marked("拒付"), "warn"))
_DISPUTES = select(PaymentDispute, Order).join(Order, col(Order.id) == col(PaymentDispute.order_id))


class LiveDispute(NamedTuple):
    """With the parcels its order was sent in."""

    dispute: PaymentDispute
    order: Order
    parcels: list[str]


@router.get("/finance/disputed")
def index(request: Request, session: Read, actor: Reader, cursor: Cursor = None) -> Response:
    after = read_cursor(cursor, int)
    ended, following = _ended(session, actor.tenant_id, before=after[0] if after else None)
    answer = page(
        request, "disputes/index.html", block="disputes", live=[] if after else _live(session, actor.tenant_id), ended=ended,
        following=following, is_first=not after, reason=dispute_reason, standing=dispute_standing, evidence=evidence_words,
    )  # fmt: skip
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _live(session: Session, tenant_id: int) -> list[LiveDispute]:
    """Those that wait for our evidence first, by the day it is due; a day that nobody has named comes last."""
    query = _DISPUTES.where(PaymentDispute.tenant_id == tenant_id, col(PaymentDispute.status).in_(LIVE))
    is_with_bank = col(PaymentDispute.status) == DisputeStatus.UNDER_REVIEW
    rows = session.exec(query.order_by(is_with_bank, col(PaymentDispute.evidence_by).nulls_last(), col(PaymentDispute.id))).all()
    sent: dict[str, list[str]] = defaultdict(list)
    parcels = select(Consignment.source_code, Parcel.code).join(Parcel, col(Parcel.consignment_id) == col(Consignment.id))
    for numbers in batches(order.number for _dispute, order in rows):
        mine = parcels.where(Consignment.tenant_id == tenant_id, col(Consignment.source_code).in_(numbers))
        for number, code in session.exec(mine.order_by(col(Parcel.id))):
            sent[number].append(code)
    return [LiveDispute(dispute, order, sent[order.number]) for dispute, order in rows]


def _ended(session: Session, tenant_id: int, *, before: int | None) -> tuple[Sequence[tuple[PaymentDispute, Order]], str | None]:
    """The latest first, those before a dispute's id; and where the next page begins."""
    query = _DISPUTES.where(PaymentDispute.tenant_id == tenant_id, col(PaymentDispute.status).not_in(LIVE))
    if before is not None:
        query = query.where(col(PaymentDispute.id) < before)
    rows = session.exec(query.order_by(col(PaymentDispute.id).desc()).limit(ENDED + 1)).all()
    return rows[:ENDED], make_cursor(rows[ENDED - 1][0].id) if len(rows) > ENDED else None
