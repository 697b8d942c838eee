"""What an adjustment came from: a payment that the bank sent back, or finance's answer to a dispute."""

from sqlmodel import Session, col, select

from core import i18n
from core.money import format_fen
from fulfillment.income.causes import Cause, opens
from fulfillment.income.models import IncomeEntry

from .models import IncomeDispute, Statement

_ = i18n.gettext


@opens("statement")
def tell_statement(session: Session, tenant_id: int, code: str) -> Cause | None:
    found = session.exec(select(Statement).where(Statement.tenant_id == tenant_id, Statement.code == code)).first()
    if found is None:
        return None
    facts = [(_("实付"), f"¥{format_fen(found.payout_fen)}"), (_("怎么了"), _("银行退回，下次结算再付"))]
    return Cause(_("结算单 {code}").format(code=code), facts, f"/statements/{code}")


@opens("dispute")
def tell_dispute(session: Session, tenant_id: int, code: str) -> Cause | None:
    asked = (
        select(IncomeDispute, IncomeEntry.code)
        .join(IncomeEntry, col(IncomeEntry.id) == col(IncomeDispute.income_id))
        .where(IncomeDispute.tenant_id == tenant_id, IncomeDispute.code == code)
    )
    if (row := session.exec(asked).first()) is None:
        return None
    dispute, about = row
    facts = [(_("哪里不对"), dispute.reason), (_("答复"), dispute.answer)]
    return Cause(_("对收入 {code} 的疑问").format(code=about), facts, f"/statements/rows/{about}")
