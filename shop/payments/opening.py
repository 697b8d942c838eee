"""From the pay page to the gateway: which attempt is opened there, and in which way.

An attempt is opened in one way only – two ways could both be paid under one number – so another way is another attempt.
"""

from sqlmodel import Session, col, select

from core import i18n
from core.status import move

from .models import ATTEMPT, AttemptStatus, PaymentAttempt
from .provider import MethodUnknown
from .providers import provider_named
from .settle import locked
from .start import PaymentUnknown, StillAsking, check_payable, start_payment

_ = i18n.gettext


def choose_way(session: Session, code: str, method: str, *, tenant_id: int) -> str:
    """The attempt to open by this method: the very one while nobody opened it otherwise, else one of the same order that waits
    for this method, else a new one. Returns its code; it is pending from now on.

    Raises PaymentUnknown, MethodUnknown, NotPayable, StillAsking, TooMany.
    """
    attempt, order = locked(session, code)
    if attempt.tenant_id != tenant_id:
        raise PaymentUnknown(_("没有这笔付款"))
    if method not in provider_named(attempt.provider).methods:
        raise MethodUnknown(_("这种付款方式没有这个用法"), field="method")
    check_payable(order)
    if attempt.status == AttemptStatus.UNKNOWN:
        raise StillAsking([code])
    if attempt.status == AttemptStatus.CREATED:
        move(
            session, PaymentAttempt, attempt.id or 0, "status", ATTEMPT, AttemptStatus.CREATED, AttemptStatus.PENDING,
            tenant_id=tenant_id, subject=code, values={"method": method},
        )  # fmt: skip
        return code
    if attempt.status == AttemptStatus.PENDING and attempt.method == method:
        return code
    waiting = select(PaymentAttempt.code).where(
        PaymentAttempt.order_id == order.id, PaymentAttempt.provider == attempt.provider, PaymentAttempt.method == method,
        col(PaymentAttempt.status).in_((AttemptStatus.CREATED, AttemptStatus.PENDING)),
    )  # fmt: skip
    other = session.exec(waiting.order_by(col(PaymentAttempt.id).desc()).limit(1)).first()
    other = other or start_payment(session, order, provider=attempt.provider, method=method).code
    return choose_way(session, other, method, tenant_id=tenant_id)
