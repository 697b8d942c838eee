"""A row of carriage opens to the firm's closed month."""

from sqlmodel import Session, select

from core import i18n
from core.money import format_fen
from fulfillment.income.causes import Cause, opens

from .models import PartnerMonth

_ = i18n.gettext


@opens("partner_month")
def tell_month(session: Session, tenant_id: int, code: str) -> Cause | None:
    row = session.exec(select(PartnerMonth).where(PartnerMonth.tenant_id == tenant_id, PartnerMonth.code == code)).first()
    if row is None:
        return None
    month = f"{row.month:%Y-%m}"
    facts = [(_("运了"), _("{n} 件").format(n=row.pieces)), (_("一个月合计"), f"¥{format_fen(row.total_fen)}")]
    return Cause(_("{firm} {month} 的承运").format(firm=row.firm, month=month), facts, f"/partner/months?month={month}")
