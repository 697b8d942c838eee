"""A service fee opens to the cash it was taken in."""

from sqlmodel import Session, select

from core import i18n
from core.money import format_fen
from fulfillment.income.causes import Cause

from .models import CashTaking

_ = i18n.gettext


def tell_taking(session: Session, tenant_id: int, code: str) -> Cause | None:
    taking = session.exec(select(CashTaking).where(CashTaking.tenant_id == tenant_id, CashTaking.code == code)).first()
    if taking is None:
        return None
    facts = [(_("收到"), f"¥{format_fen(taking.amount_fen)}"), (_("什么时候"), i18n.moment(taking.taken_at))]
    return Cause(taking.what or _("便民服务"), facts, "/station/cash")
