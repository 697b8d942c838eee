"""Claims as their buyer and the office see them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from core import clock
from core.paging import make_cursor, read_cursor
from core.status import StatusEvent
from fulfillment.consignments.models import Consignment, ConsignmentLine
from shop.orders.models import Order, OrderLine
from shop.payments.giving import Left, left_of
from shop.payments.models import Refund
from supply.counties.models import County
from supply.counties.policy import policy_of
from supply.counties.profile_rules import ClaimRule
from supply.products.models import Product
from supply.stations.models import Station

from .models import CLAIM, LIVE, Claim, ClaimPhoto, Reason
from .photos import address_of
from .service import why_not


@dataclass(frozen=True, slots=True)
class ClaimView:
    """One claim with what it is about; `photos` are addresses."""

    claim: Claim
    line: OrderLine
    order: Order
    station: Station
    refund: Refund | None
    photos: list[str] = field(default_factory=list)
    events: list[StatusEvent] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Claimable:
    """A line of an order and what can be claimed for it: `why_not` says in words why nothing can, empty when it can."""

    line: OrderLine
    rule: ClaimRule
    left: Left
    reasons: list[Reason]
    closes_at: datetime | None
    why_not: str


def of_order(session: Session, order: Order) -> list[ClaimView]:
    """The order's claims, the first one first."""
    return _views(session, _ROWS.where(Claim.order_id == order.id).order_by(col(Claim.id)))


def one(session: Session, code: str, *, tenant_id: int) -> ClaimView | None:
    found = _views(session, _ROWS.where(Claim.tenant_id == tenant_id, Claim.code == code))
    return found[0] if found else None


def desk(
    session: Session, *, tenant_id: int, status: str = "", cursor: str | None = None, limit: int = 30
) -> tuple[list[ClaimView], str | None]:  # fmt: skip
    """The office's claims and where the next page begins: those that live the oldest first, of a `status` the newest first."""
    query = _ROWS.where(Claim.tenant_id == tenant_id)
    after = read_cursor(cursor, int)
    if status:
        query = query.where(Claim.status == status).order_by(col(Claim.id).desc())
        query = query.where(col(Claim.id) < after[0]) if after else query
    else:
        query = query.where(col(Claim.status).in_(LIVE)).order_by(col(Claim.id))
        query = query.where(col(Claim.id) > after[0]) if after else query
    rows = _views(session, query.limit(limit + 1))
    return rows[:limit], make_cursor(rows[limit - 1].claim.id) if len(rows) > limit else None


def claimable(session: Session, order: Order) -> list[Claimable]:
    """Every line of an order with what its buyer can claim for it now; one query and two small ones."""
    rows = session.exec(
        select(OrderLine, Product.category, Consignment)
        .join(Product, col(Product.code) == col(OrderLine.product_code))
        .outerjoin(ConsignmentLine, col(ConsignmentLine.line_code) == col(OrderLine.code))
        .outerjoin(Consignment, col(Consignment.id) == col(ConsignmentLine.consignment_id))
        .where(OrderLine.order_id == order.id)
        .order_by(col(OrderLine.position))
    ).all()
    policy, now = policy_of(session.get_one(County, order.tenant_id)), clock.now()
    left = left_of(session, [line for line, *_ in rows])
    claimed = set(session.exec(select(Claim.line_id).where(Claim.order_id == order.id, col(Claim.status).in_(LIVE))))
    found = []
    for line, category, sent in rows:
        rule, rest = policy.claim_rule(category), left[line.id or 0]
        closes_at = sent.delivered_at + timedelta(hours=rule.window_h) if sent and sent.delivered_at else None
        over = closes_at is not None and now > closes_at
        said = {reason: why_not(order, sent, reason, closes_at_over=over, left=rest) for reason in Reason}
        open_to = [reason for reason, words in said.items() if not words]
        why = said[Reason.SPOILED] if not open_to else ""
        found.append(Claimable(line, rule, rest, [] if line.id in claimed else open_to, closes_at, why))
    return found


_ROWS = (
    select(Claim, OrderLine, Order, Station, Refund)  # type: ignore[call-overload]
    .join(OrderLine, col(OrderLine.id) == col(Claim.line_id))
    .join(Order, col(Order.id) == col(Claim.order_id))
    .join(Station, col(Station.node_id) == col(OrderLine.station_id))
    .outerjoin(Refund, col(Refund.id) == col(Claim.refund_id))
)


def _views(session: Session, query: Any) -> list[ClaimView]:
    rows: Sequence[Any] = session.exec(query).all()
    if not rows:
        return []
    photos: dict[int, list[str]] = defaultdict(list)
    shown = select(ClaimPhoto).where(col(ClaimPhoto.claim_id).in_([row[0].id for row in rows])).order_by(col(ClaimPhoto.id))
    for photo in session.exec(shown):
        photos[photo.claim_id or 0].append(address_of(photo))
    events: dict[str, list[StatusEvent]] = defaultdict(list)
    told = select(StatusEvent).where(
        StatusEvent.tenant_id == rows[0][0].tenant_id, StatusEvent.kind == CLAIM.kind,
        col(StatusEvent.subject).in_([row[0].code for row in rows]),
    )  # fmt: skip
    for event in session.exec(told.order_by(col(StatusEvent.id))):
        events[event.subject].append(event)
    return [
        ClaimView(claim, line, order, station, refund, photos[claim.id or 0], events[claim.code])
        for claim, line, order, station, refund in rows
    ]
