"""Starting a payment: the attempt is a committed row before any gateway hears of it."""

from datetime import timedelta

from sqlalchemy import bindparam, insert
from sqlmodel import Session, col, select, update

from core import clock, db, i18n
from core.codes import new_token
from core.errors import Conflict, NotFound, TooMany
from core.status import began, move
from shop.orders.models import Order, OrderStatus, PaymentStatus

from .models import ATTEMPT, LIVE, AttemptStatus, PaymentAttempt
from .provider import Action, Bill, MethodUnknown
from .providers import provider_named

_ = i18n.gettext
MOST_ATTEMPTS = 20
FIRST_QUERY = timedelta(minutes=1)
_TRY = insert(PaymentAttempt.__table__)  # type: ignore[attr-defined]
_BOTH = (
    select(PaymentAttempt, Order)
    .join(Order, col(Order.id) == col(PaymentAttempt.order_id))
    .where(col(PaymentAttempt.code) == bindparam("payment"))
)


class PaymentUnknown(NotFound):
    """No payment of this id in this county."""

    code = "payment_unknown"


class NotPayable(Conflict):
    """The order is paid, cancelled, or its time to pay is over."""

    code = "not_payable"


class StillAsking(NotPayable):
    """An earlier payment of the order has no answer yet; `payments` are the ones to ask about before another is begun."""

    code = "still_asking"

    def __init__(self, payments: list[str]) -> None:
        super().__init__(_("上一次付款还没有回音，正在问；过一会儿再试，钱不会扣两次"))
        self.payments = payments


def start_payment(session: Session, order: Order, *, provider: str, method: str) -> PaymentAttempt:
    """A new attempt at an unpaid order's total. Raises NotPayable, StillAsking, ProviderUnknown, MethodUnknown, TooMany.

    Several attempts may live side by side (two tabs, two gateways): the first capture pays the order, any other is
    given back by itself.
    """
    _check(provider, method)
    check_payable(order)
    before = session.exec(select(PaymentAttempt.code, PaymentAttempt.status).where(PaymentAttempt.order_id == order.id)).all()
    if len(before) >= MOST_ATTEMPTS:
        raise TooMany(_("付款试了太多次，请重新下单"))
    if unknown := [code for code, status in before if status == AttemptStatus.UNKNOWN]:
        raise StillAsking(unknown)
    code = _try(session, order.id or 0, order.total_fen, order.currency, tenant_id=order.tenant_id, provider=provider, method=method)
    return session.exec(select(PaymentAttempt).where(PaymentAttempt.code == code)).one()


def check_payable(order: Order) -> None:
    """Raises NotPayable once the order is paid, cancelled, or its time to pay is over."""
    if order.status != OrderStatus.OPEN or order.payment_status != PaymentStatus.UNPAID or order.pay_by <= clock.now():
        raise NotPayable(_("这张订单不能再付款了"), payment_status=order.payment_status)


def start_first(session: Session, order_id: int, total_fen: int, *, tenant_id: int, provider: str, method: str) -> str:
    """`start_payment` for an order placed in this very transaction, of which nothing need be asked; returns the attempt's code."""
    _check(provider, method)
    return _try(session, order_id, total_fen, "CNY", tenant_id=tenant_id, provider=provider, method=method)


def _check(provider: str, method: str) -> None:
    if method not in provider_named(provider).methods:
        raise MethodUnknown(_("这种付款方式没有这个用法"), field="method")


def _try(session: Session, order_id: int, total_fen: int, currency: str, *, tenant_id: int, provider: str, method: str) -> str:
    now, code = clock.now(), new_token()
    row = {
        "tenant_id": tenant_id, "code": code, "order_id": order_id, "provider": provider, "method": method,
        "status": AttemptStatus.CREATED, "amount_fen": total_fen, "currency": currency, "gateway_ref": "", "created_at": now,
        "next_query_at": now + FIRST_QUERY, "queries": 0,
    }  # fmt: skip
    session.connection().execute(_TRY, row)
    began(session, ATTEMPT, AttemptStatus.CREATED, tenant_id=tenant_id, subject=code, at=now)
    return code


def attempt_of(session: Session, code: str, *, tenant_id: int | None = None) -> tuple[PaymentAttempt, Order]:
    """An attempt and its order by the attempt's unguessable code, of one county when a visitor asks. Raises PaymentUnknown."""
    row = session.execute(_BOTH, {"payment": code}).first()
    if row is None or tenant_id not in (None, row[0].tenant_id):
        raise PaymentUnknown(_("没有这笔付款"))
    return row[0], row[1]


def bill_of(attempt: PaymentAttempt, order: Order) -> Bill:
    return Bill(
        attempt.tenant_id, attempt.code, order.number, attempt.amount_fen, attempt.currency, attempt.method, order.pay_by,
        attempt.created_at, attempt.gateway_ref,
    )  # fmt: skip


def open_at_gateway(code: str) -> Action:
    """Tell the provider of a committed attempt, outside any transaction, and keep that it waits there.

    When the provider does not answer the attempt becomes unknown: it is asked about before anything is tried again.
    Raises GatewaySilent, GatewayRefused.
    """
    with db.reading() as session:
        attempt, order = attempt_of(session, code)
        bill = bill_of(attempt, order)
    try:
        action = provider_named(attempt.provider).start(bill)
    except TimeoutError:
        db.run_write(lambda session: _wait(session, code, AttemptStatus.UNKNOWN, ""))
        raise
    db.run_write(lambda session: _wait(session, code, AttemptStatus.PENDING, action.ref))
    return action


def _wait(session: Session, code: str, state: AttemptStatus, ref: str) -> None:
    attempt, _order = attempt_of(session, code)
    if ref and not attempt.gateway_ref:
        keep_ref(session, code, ref)
    if attempt.status != state and attempt.status in LIVE:
        move(
            session, PaymentAttempt, attempt.id or 0, "status", ATTEMPT, attempt.status, state,
            tenant_id=attempt.tenant_id, subject=code,
        )  # fmt: skip


def keep_ref(session: Session, code: str, ref: str) -> None:
    """Keep the gateway's own name of a payment, where none is kept yet."""
    nameless = (col(PaymentAttempt.code) == code, col(PaymentAttempt.gateway_ref) == "")
    session.exec(update(PaymentAttempt).where(*nameless).values(gateway_ref=ref))


def plan_query(session: Session, attempt: PaymentAttempt) -> None:
    """Ask again 1, 5, 15 and 60 minutes after the attempt was made, then hourly."""
    asked = attempt.queries + 1
    minutes = (1, 5, 15, 60)[asked] if asked < 4 else 60 * (asked - 2)
    session.exec(
        update(PaymentAttempt)
        .where(col(PaymentAttempt.id) == attempt.id)
        .values(queries=asked, next_query_at=attempt.created_at + timedelta(minutes=minutes))
    )
