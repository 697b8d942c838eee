"""A claim is opened by the buyer, withdrawn by them, or approved by the rule itself; people decide in `deciding`.

The order's row is locked first, as for refunds. While a claim lives its line's income waits, whatever its window says.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlmodel import Session, col, func, select

from core import audit, clock, i18n
from core.codes import new_code
from core.errors import Conflict, NotFound, Refused
from core.failpoints import failpoint
from core.money import format_fen
from core.notify import tell
from core.pii import unseal
from core.status import began, move
from fulfillment.consignments.models import Consignment, ConsignmentLine, ConsignmentStatus
from fulfillment.income.adjusting import hold
from fulfillment.income.service import start_windows
from shop.disputes.models import is_disputed
from shop.orders.models import Order, OrderLine, OrderStatus
from shop.payments.giving import Left, Part, give_back, left_of
from shop.payments.models import RefundLine
from supply.counties.models import County
from supply.counties.policy import policy_of
from supply.counties.profile_rules import ClaimRule
from supply.products.models import Product

from . import rules
from .models import CLAIM, LIVE, REASONS, Claim, ClaimStatus, Reason
from .photos import waiting_photos
from .rules import Said

_ = i18n.gettext
RULE = "rule"  # who decides what the rule approves alone
WHY = i18n.kept("售后退款：{what}")
APPROVED = i18n.marked("订单 {number} 的售后通过了，退 {sum} 元，原路退回。")
REFUSED = i18n.marked("订单 {number} 的售后没有通过：{why}")
GONE = (ConsignmentStatus.LOST, ConsignmentStatus.RETURNED)


class LineUnknown(Refused):
    """The order has no such line."""

    code = "line_unknown"


class ClaimUnknown(NotFound):
    """No such claim, or it is not the caller's."""

    code = "claim_unknown"


class NotClaimable(Conflict):
    """Not delivered yet, its window is over, it is claimed already, or nothing is left of it."""

    code = "not_claimable"


class ClaimDecided(Conflict):
    """It lives no more: somebody decided it, or its buyer took it back."""

    code = "claim_decided"


def open_claim(
    session: Session, order: Order, line_code: str, said: Said, *, words: str = "", photos: Sequence[str] = (), by: str,
    vouched: bool = False,
) -> Claim:  # fmt: skip
    """Claim for a line; below the county's limit the rule approves it at once and the money is on its way.

    `photos` are codes of `keep_photos`. `vouched`: a colleague opens it for a buyer on the phone; then no photo is asked for, and people
    decide it, however little it is. Raises LineUnknown, NotClaimable, Refused; nothing is changed then.
    """
    order = lock(session, order.id or 0)
    county = session.get_one(County, order.tenant_id)
    line, category, sent = _sold(session, order, line_code)
    rule = policy_of(county).claim_rule(category)
    closes_at = sent.delivered_at + timedelta(hours=rule.window_h) if sent and sent.delivered_at else None
    left = left_of(session, [line])[line.id or 0]
    if why := why_not(order, sent, said.reason, closes_at_over=closes_at is not None and clock.now() > closes_at, left=left):
        raise NotClaimable(why)
    if session.exec(select(Claim.id).where(Claim.line_id == line.id, col(Claim.status).in_(LIVE))).first():
        raise NotClaimable(_("这一样已经申请过了，正在处理"))
    shown = waiting_photos(session, order, photos)
    given = _checked(rule, line, left, said, rule.photos if vouched else len(shown))
    claim = Claim(
        tenant_id=order.tenant_id, code=new_code("CL"), order_id=order.id or 0, line_id=line.id or 0, reason=said.reason,
        quantity=said.quantity, damaged_pct=said.damaged_pct, words=words, rule=rules.frozen(rule),
        bearer=rules.bearer_of(rule, said.reason), award_fen=given, opened_by=by, opened_at=clock.now(),
        vouched_by=by if vouched else "",
        closes_at=closes_at if said.reason != Reason.NOT_ARRIVED else None,
    )  # fmt: skip
    session.add(claim)
    session.flush()
    for photo in shown:
        photo.claim_id = claim.id
        session.add(photo)
    began(session, CLAIM, ClaimStatus.OPEN, tenant_id=claim.tenant_id, subject=claim.code, by=by)
    note(session, "claim.open", claim, actor=by, order=order.number, award_fen=given, **({"vouched": True} if vouched else {}))
    failpoint("claim.opened")
    hold(session, _causes(session, line), tenant_id=order.tenant_id)
    if not vouched and given + _by_rule(session, order) <= rules.desk_rules(county).auto_fen:
        claim.amount_fen, claim.decided_by, claim.decided_at = given, RULE, clock.now()
        approve(session, order, claim, by=RULE)
    return claim


def withdraw(session: Session, order: Order, code: str, *, by: str) -> Claim:
    """The buyer takes a claim back before it is decided; taken back twice is taken back once. Raises ClaimUnknown, ClaimDecided."""
    order = lock(session, order.id or 0)
    claim = session.exec(select(Claim).where(Claim.code == code, Claim.order_id == order.id)).first()
    if claim is None:
        raise ClaimUnknown(_("没有这个售后申请"))
    if claim.status not in (*LIVE, ClaimStatus.WITHDRAWN):
        raise ClaimDecided(_("这个申请已经有结果了"))
    if claim.status != ClaimStatus.WITHDRAWN:
        end(session, order, claim, ClaimStatus.WITHDRAWN, by=by)
    return claim


def approve(session: Session, order: Order, claim: Claim, *, by: str) -> None:
    """Queue the claim's refund, once, and tell the buyer; the caller has locked the order and set what was decided."""
    units = claim.quantity if claim.reason in rules.BY_UNITS else 0
    refund = give_back(
        session, order, [Part(claim.line_id, claim.amount_fen, units)], key=f"claim:{claim.code}",
        reason=WHY.format(what=REASONS[Reason(claim.reason)]), asked_by=by, bearer=claim.bearer,
    )  # fmt: skip
    failpoint("claim.given")
    claim.refund_id = refund.id
    end(session, order, claim, ClaimStatus.APPROVED, by=by)
    _tell(session, order, claim, APPROVED, sum=format_fen(claim.amount_fen))


def refuse(session: Session, order: Order, claim: Claim, *, by: str) -> None:
    """Say no, and tell the buyer why; the caller has locked the order."""
    claim.amount_fen = 0
    end(session, order, claim, ClaimStatus.REFUSED, by=by)
    _tell(session, order, claim, REFUSED, why=claim.note)


def end(session: Session, order: Order, claim: Claim, target: ClaimStatus, *, by: str) -> None:
    """The claim lives no more: its line's income goes on to be payable when the window ends, now at the soonest."""
    session.add(claim)
    session.flush()
    move(
        session, Claim, claim.id or 0, "status", CLAIM, claim.status, target, tenant_id=claim.tenant_id, subject=claim.code, by=by,
        note=claim.note,
    )  # fmt: skip
    note(session, f"claim.{target}", claim, actor=by, order=order.number, amount_fen=claim.amount_fen, bearer=claim.bearer)
    line = session.get_one(OrderLine, claim.line_id)
    if is_disputed(session, claim.order_id) or not left_of(session, [line])[claim.line_id].fen:
        return  # a bank decides when it goes on; of a line given back whole nothing waits any more
    lasts = timedelta(hours=claim.rule.get("window_h", 0))  # what never arrived and is not made good waits as if it came now
    ends = max(claim.closes_at, clock.now()) if claim.closes_at else clock.now() + lasts
    if claim.closes_at or target == ClaimStatus.REFUSED:
        start_windows(session, dict.fromkeys(_causes(session, line), ends), tenant_id=claim.tenant_id)


def lock(session: Session, order_id: int) -> Order:
    query = select(Order).where(Order.id == order_id).with_for_update(key_share=True)
    return session.exec(query.execution_options(populate_existing=True)).one()


def note(session: Session, act: str, claim: Claim, *, actor: str, **facts: Any) -> None:
    """The step's row of the audit trail."""
    audit.record(session, act, tenant_id=claim.tenant_id, actor=actor, subject=claim.code, reason=claim.note, **facts)


def why_not(order: Order, sent: Consignment | None, reason: Reason, *, closes_at_over: bool, left: Left) -> str:
    """In words, why nothing can be claimed for a line; empty when it can."""
    if order.paid_at is None or order.status == OrderStatus.CANCELLED or sent is None:
        return _("这张订单没有付款，或者已经取消")
    if not left.fen:
        return _("这一样的钱已经全退了")
    if reason == Reason.NOT_ARRIVED:
        return "" if sent.status in GONE else _("货还在路上；要是丢了或者退回了，这里就可以申请")
    if sent.delivered_at is None:
        return _("货送到以后才能申请售后")
    return _("过了售后的时间；有难处请打驿站的电话") if closes_at_over else ""


def _sold(session: Session, order: Order, line_code: str) -> tuple[OrderLine, str, Consignment | None]:
    """A line of the order, its category, and what carries it."""
    row = session.exec(
        select(OrderLine, Product.category, Consignment)
        .join(Product, col(Product.code) == col(OrderLine.product_code))
        .outerjoin(ConsignmentLine, col(ConsignmentLine.line_code) == col(OrderLine.code))
        .outerjoin(Consignment, col(Consignment.id) == col(ConsignmentLine.consignment_id))
        .where(OrderLine.order_id == order.id, OrderLine.code == line_code)
    ).first()
    if row is None:
        raise LineUnknown(_("这张订单里没有这一样"), field="line")
    return row[0], row[1], row[2]


def _checked(rule: ClaimRule, line: OrderLine, left: Left, said: Said, photos: int) -> int:
    """What the rule gives. Raises Refused where it gives nothing, or asks for more."""
    if said.reason == Reason.NOT_ARRIVED:
        return left.fen
    if said.quantity > line.quantity:
        raise Refused(_("一共买了 {n} 件").format(n=line.quantity), field="quantity")
    if said.reason in rules.BY_UNITS and not said.quantity:
        raise Refused(_("写几件"), field="quantity")
    if not said.quantity and not said.damaged_pct:
        raise Refused(_("选一选坏了多少"), field="damaged_pct")
    if photos < rule.photos:
        raise Refused(_("照规则要 {n} 张照片，还差 {left} 张").format(n=rule.photos, left=rule.photos - photos), field="photos")
    given = rules.award(rule, line, left, said)
    if not given:
        least = min(tier.damaged_pct for tier in rule.tiers)
        raise Refused(_("坏了 {n}% 以上才退，照规则这次退不了").format(n=least), field="damaged_pct")
    return given


def _by_rule(session: Session, order: Order) -> int:
    """What the rule alone approved of an order so far."""
    done = select(func.coalesce(func.sum(col(Claim.amount_fen)), 0))
    return int(session.exec(done.where(Claim.order_id == order.id, Claim.decided_by == RULE)).one())


def _causes(session: Session, line: OrderLine) -> list[str]:
    """What its incomes are caused by: the line, and what was given back of it."""
    return [line.code, *session.exec(select(RefundLine.code).where(RefundLine.line_id == line.id))]


def _tell(session: Session, order: Order, claim: Claim, message: str, **values: str) -> None:
    """The buyer's message, in Chinese whoever decided."""
    phone = unseal(order.phone_sealed, f"orders.phone:{order.number}")
    with i18n.speaking("zh"):
        words = _(message).format(number=order.number, **values)
    tell(session, phone, words, tenant_id=order.tenant_id, key=f"claim:{claim.code}")
