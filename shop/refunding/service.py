"""Staff give money back: at once up to a limit, above it when a second person agrees.

Of one order a station's master gives `master_fen` in all alone, out of what the station earned by it; the office `second_fen`, whoever
bears it. Beyond that the request waits for another person: of the office, above `second_fen` of finance or an administrator. Nobody
gives back on their own order. The asker says what was left of the line on their screen: of two people who refund the same line at the
same time the second is refused and told the figure that holds now.
"""

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlmodel import Session, col, func, select

from core import audit, clock, i18n
from core.codes import new_code
from core.errors import Conflict, Forbidden, NotFound, Refused
from core.failpoints import failpoint
from core.money import format_fen
from core.notify import tell
from core.permissions import Actor
from core.pii import unseal
from core.status import began, move
from shop.claims.deciding import DECIDERS, SECONDS
from shop.claims.models import LIVE, Claim
from shop.claims.rules import desk_rules
from shop.claims.service import LineUnknown, lock
from shop.orders.access import OrderUnknown
from shop.orders.models import Order, OrderLine, OrderStatus
from shop.payments.giving import Left, NotRefundable, Part, RefundTooMuch, give_back, left_of
from supply.counties.models import County

from .models import REQUEST, AskedAs, RefundRequest, RequestStatus

_ = i18n.gettext
WHY = i18n.kept("驿站退款：{why}")
TOLD = i18n.marked("订单 {number} 退你 {sum} 元，原路退回。{why}")


class RefundMoved(Conflict):
    """Somebody gave back of the line meanwhile; `left_fen` says what is left of it now."""

    code = "refund_moved"


class RequestUnknown(NotFound):
    """No such request for a refund, or not one of the caller's county."""

    code = "refund_request_unknown"


class RequestDecided(Conflict):
    """Somebody decided it already."""

    code = "refund_request_decided"


class LineBusy(Conflict):
    """The buyer claims for this line, or a refund of it waits for a second person."""

    code = "line_busy"


class OwnRefund(Forbidden):
    """The caller's own order."""

    code = "own_refund"


class SecondPersonNeeded(Forbidden):
    """The caller asked for it, bought it, or may not decide so much: somebody else has to."""

    code = "second_person_needed"


class Wanted(NamedTuple):
    """What to give back of a line: so many fen, else so many units, else all that is left. `left_fen`: what the asker saw left."""

    line: str
    left_fen: int
    reason: str
    quantity: int = 0
    amount_fen: int | None = None
    bearer: str = ""


def order_at_desk(session: Session, actor: Actor, number: str, stations: Collection[int]) -> tuple[Order, list[OrderLine]]:
    """A paid order with the lines the caller looks after: all of them at the office, a master's those of their `stations` (node ids).

    Raises OrderUnknown, for a foreign order as for none.
    """
    order = session.exec(select(Order).where(Order.tenant_id == actor.tenant_id, Order.number == number)).first()
    lines = select(OrderLine).where(OrderLine.order_id == (order.id if order else 0)).order_by(col(OrderLine.position))
    if not actor.has(*DECIDERS):
        lines = lines.where(col(OrderLine.station_id).in_(stations))
    found = list(session.exec(lines))
    if order is None or not found:
        raise OrderUnknown(_("没有这张订单，或者不是你这里发的"))
    return order, found


def worth(line: OrderLine, left: Left, wanted: Wanted) -> int:
    """Fen it asks for. Whole units are worth their part of the goods, at most what is left of them. Raises Refused, RefundTooMuch."""
    if wanted.amount_fen is not None:
        fen = wanted.amount_fen
    elif wanted.quantity:
        fen = min((line.goods_fen - line.discount_fen) * wanted.quantity // line.quantity, left.goods_fen)
    else:
        fen = left.fen
    if wanted.quantity > line.quantity:
        raise Refused(_("一共买了 {n} 件").format(n=line.quantity), field="quantity")
    if not 0 < fen <= left.fen:
        raise RefundTooMuch(_("这一行最多还能退 {sum} 元").format(sum=format_fen(left.fen)), left_fen=left.fen)
    return fen


def checked(session: Session, actor: Actor, order: Order, lines: Collection[OrderLine], wanted: Wanted) -> tuple[OrderLine, int, bool]:
    """The line, its fen and whether the caller may give it alone. Raises what `ask_refund` raises; writes nothing."""
    if order.user_id is not None and order.user_id == actor.user_id:
        raise OwnRefund(_("自己的订单，请别的同事来处理"))
    if order.paid_at is None or order.status == OrderStatus.CANCELLED:
        raise NotRefundable(_("这张订单没有可以退的钱"))
    line = next((each for each in lines if each.code == wanted.line), None)
    if line is None:
        raise LineUnknown(_("这张订单里没有这一样"), field="line")
    if not wanted.reason:
        raise Refused(_("写明为什么退，买家看得到"), field="reason")
    left = left_of(session, [line])[line.id or 0]
    if left.fen != wanted.left_fen:
        raise RefundMoved(
            _("刚才有人退过这一样，现在最多还能退 {sum} 元；看清楚再退").format(sum=format_fen(left.fen)), left_fen=left.fen
        )  # fmt: skip
    if session.exec(select(Claim.id).where(Claim.line_id == line.id, col(Claim.status).in_(LIVE))).first():
        raise LineBusy(_("买家正在申请售后，请在售后里处理"))
    waits = select(RefundRequest.id).where(RefundRequest.line_id == line.id, RefundRequest.status == RequestStatus.WAITING)
    if session.exec(waits).first():
        raise LineBusy(_("这一样的退款在等第二个人，先等那一笔"))
    fen = worth(line, left, wanted)
    return line, fen, _alone(session, actor, order, fen, wanted.bearer)


def ask_refund(session: Session, actor: Actor, number: str, wanted: Wanted, *, stations: Collection[int]) -> RefundRequest:
    """Give back of a line, or ask for a second person's yes. Raises OrderUnknown, LineUnknown, RefundMoved, LineBusy, OwnRefund,
    RefundTooMuch, NotRefundable, Refused; nothing is changed then.
    """
    order, lines = order_at_desk(session, actor, number, stations)
    order = lock(session, order.id or 0)
    line, fen, alone = checked(session, actor, order, lines, wanted)
    request = RefundRequest(
        tenant_id=order.tenant_id, code=new_code("RQ"), order_id=order.id or 0, line_id=line.id or 0, quantity=wanted.quantity,
        amount_fen=fen, bearer=wanted.bearer, reason=wanted.reason, status=RequestStatus.GIVEN if alone else RequestStatus.WAITING,
        asked_as=_as(actor), asked_by=actor.key, asked_at=clock.now(),
    )  # fmt: skip
    session.add(request)
    session.flush()
    failpoint("refund_request.asked")
    if alone:
        _give(session, order, request)
    began(session, REQUEST, request.status, tenant_id=request.tenant_id, subject=request.code, by=actor.key)
    _note(session, request, request.status, actor, order=order.number, line=line.code, asked_as=request.asked_as)
    return request


def decide_refund(session: Session, actor: Actor, code: str, *, approves: bool, note: str = "") -> RefundRequest:
    """The second person says yes or no. Raises RequestUnknown, RequestDecided, SecondPersonNeeded, RefundTooMuch, NotRefundable, Refused;
    nothing is changed then.
    """
    found = session.exec(select(RefundRequest).where(RefundRequest.code == code, RefundRequest.tenant_id == actor.tenant_id)).first()
    if found is None:
        raise RequestUnknown(_("没有这个退款申请"))
    order = lock(session, found.order_id)
    request = session.exec(select(RefundRequest).where(RefundRequest.id == found.id).execution_options(populate_existing=True)).one()
    if request.status != RequestStatus.WAITING:
        raise RequestDecided(_("这笔退款已经有结果了"))
    if why := may_not(session, actor, order, request):
        raise SecondPersonNeeded(why)
    if not approves and not note:
        raise Refused(_("写明为什么不退"), field="note")
    request.decided_by, request.decided_at, request.note = actor.key, clock.now(), note
    if approves:
        _give(session, order, request)
    session.add(request)
    session.flush()
    target = RequestStatus.GIVEN if approves else RequestStatus.REFUSED
    move(
        session, RefundRequest, request.id or 0, "status", REQUEST, RequestStatus.WAITING, target, tenant_id=request.tenant_id,
        subject=request.code, by=actor.key, note=note,
    )  # fmt: skip
    _note(session, request, target, actor, order=order.number)
    return request


def may_not(session: Session, actor: Actor, order: Order, request: RefundRequest) -> str:
    """In words, why this colleague cannot be its second person; empty when they can."""
    if order.user_id is not None and order.user_id == actor.user_id:
        return _("自己的订单，请别的同事来处理")
    if request.asked_by == actor.key:
        return _("你自己提的退款，要别的同事来看")
    over = _alone_of(session, order, AskedAs.OFFICE) + request.amount_fen > _desk(session, order).second_fen
    if over and not actor.has(*SECONDS):
        return _("金额大，等财务或者县管理员复核")
    return "" if actor.has(*DECIDERS) else _("等县里的同事来看")


def _as(actor: Actor) -> AskedAs:
    return AskedAs.OFFICE if actor.has(*DECIDERS) else AskedAs.MASTER


def _desk(session: Session, order: Order) -> Any:
    return desk_rules(session.get_one(County, order.tenant_id))


def _alone(session: Session, actor: Actor, order: Order, fen: int, bearer: str) -> bool:
    """A master gives alone only what the own station bears: other people's money takes a second look."""
    desk, role = _desk(session, order), _as(actor)
    if role == AskedAs.MASTER and bearer != "master":
        return False
    return bool(_alone_of(session, order, role) + fen <= (desk.second_fen if role == AskedAs.OFFICE else desk.master_fen))


def _alone_of(session: Session, order: Order, role: AskedAs) -> int:
    """What was given back of an order so far by single people of this standing."""
    given = select(func.coalesce(func.sum(col(RefundRequest.amount_fen)), 0)).where(
        RefundRequest.order_id == order.id, RefundRequest.asked_as == role, RefundRequest.status == RequestStatus.GIVEN,
        RefundRequest.decided_by == "", col(RefundRequest.refund_id).is_not(None),
    )  # fmt: skip
    return int(session.exec(given).one())


def _give(session: Session, order: Order, request: RefundRequest) -> None:
    """Queue its refund, once, and tell the buyer; the order is locked."""
    refund = give_back(
        session, order, [Part(request.line_id, request.amount_fen, request.quantity)], key=f"staff:{request.code}",
        reason=WHY.format(why=request.reason), asked_by=request.asked_by, bearer=request.bearer,
    )  # fmt: skip
    failpoint("refund_request.given")
    request.refund_id = refund.id
    session.add(request)
    session.flush()
    phone = unseal(order.phone_sealed, f"orders.phone:{order.number}")
    with i18n.speaking("zh"):
        words = _(TOLD).format(number=order.number, sum=format_fen(request.amount_fen), why=request.reason)
    tell(session, phone, words, tenant_id=order.tenant_id, key=f"refund:{request.code}")


def _note(session: Session, request: RefundRequest, act: str, actor: Actor, **facts: Any) -> None:
    audit.record(
        session, f"refund_request.{act}", tenant_id=request.tenant_id, actor=actor.key, subject=request.code,
        reason=request.note or request.reason, amount_fen=request.amount_fen, bearer=request.bearer, **facts,
    )  # fmt: skip
