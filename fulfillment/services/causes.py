"""A service fee opens to what was done: by its record where the county pays it, by the cash it was taken in where a villager does."""

from sqlmodel import Session, select

from core import i18n
from core.money import format_fen
from fulfillment.cash.causes import tell_taking
from fulfillment.income.causes import Cause, opens

from .models import PaidBy, ServiceDone
from .service import of_taking

_ = i18n.gettext


@opens("service")
def tell_service(session: Session, tenant_id: int, code: str) -> Cause | None:
    done = session.exec(select(ServiceDone).where(ServiceDone.tenant_id == tenant_id, ServiceDone.code == code)).first()
    done = done or of_taking(session, code, tenant_id=tenant_id)
    if done is None:
        return tell_taking(session, tenant_id, code)
    paid = _("村民付现金") if done.paid_by == PaidBy.CASH else _("县里补")
    facts = [
        (_("做了"), f"{done.quantity} {done.unit}"),
        (paid, f"¥{format_fen(done.fee_fen)}"),
        (_("什么时候"), i18n.moment(done.done_at)),
    ]
    return Cause(done.name, facts, "/station/services")
