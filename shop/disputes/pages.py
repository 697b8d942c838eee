"""/finance/disputed – payments a bank is looking at: until when evidence is due, what to send, and how the others ended."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session, col, select

from core import i18n
from core.db import Read
from core.permissions import Actor, allow
from core.web import page
from core.web.nav import Entry, register
from fulfillment.consignments.models import Consignment, Parcel
from shop.orders.models import Order

from .models import LIVE, PaymentDispute
from .words import dispute_reason, dispute_standing, evidence_words

router = APIRouter()
Reader = Annotated[Actor, Depends(allow("finance", "admin"))]
MOST = 50
register("finance", Entry(6, "/finance/disputed", i18n.marked("拒付"), "warn"))


@dataclass(frozen=True, slots=True)
class DisputeView:
    dispute: PaymentDispute
    order: Order
    parcels: list[str]


@router.get("/finance/disputed")
def index(request: Request, session: Read, actor: Reader) -> Response:
    answer = page(
        request, "disputes/index.html", block="disputes", live=_views(session, actor.tenant_id, is_live=True),
        ended=_views(session, actor.tenant_id, is_live=False), reason=dispute_reason, standing=dispute_standing, evidence=evidence_words,
    )  # fmt: skip
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _views(session: Session, tenant_id: int, *, is_live: bool) -> list[DisputeView]:
    """Those that live by the day evidence is due; those that ended, the latest first."""
    query = select(PaymentDispute, Order).join(Order, col(Order.id) == col(PaymentDispute.order_id))
    lives = col(PaymentDispute.status).in_(LIVE)
    query = query.where(PaymentDispute.tenant_id == tenant_id, lives if is_live else ~lives)
    order_by = (col(PaymentDispute.evidence_by), col(PaymentDispute.id)) if is_live else (col(PaymentDispute.id).desc(),)
    rows = session.exec(query.order_by(*order_by).limit(MOST)).all()
    sent: dict[str, list[str]] = {}
    parcels = select(Consignment.source_code, Parcel.code).join(Parcel, col(Parcel.consignment_id) == col(Consignment.id))
    mine = parcels.where(Consignment.tenant_id == tenant_id, col(Consignment.source_code).in_([order.number for _dispute, order in rows]))
    for number, code in session.exec(mine.order_by(col(Parcel.id))):
        sent.setdefault(number, []).append(code)
    return [DisputeView(dispute, order, sent.get(order.number, [])) for dispute, order in rows]
