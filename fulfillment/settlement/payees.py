"""Where a party wants its money. A change waits a day before it counts, so that whoever's account it was can still object."""

import re
from datetime import timedelta
from typing import Any

from sqlmodel import Session, select

from core import audit, clock, i18n, pii
from core.errors import Refused
from fulfillment.income.models import IncomeEntry

from .models import Payee, Way
from .words import PARTIES

_ = i18n.gettext
WAITS = timedelta(hours=24)
_CARD = re.compile(r"[0-9]{8,30}")
_MAIL = re.compile(r"[^@\s=+\-][^@\s]{0,60}@[^@\s]+\.[^@\s]+")


def set_payee(
    session: Session, *, tenant_id: int, kind: str, code: str, way: str, holder: str, account: str, by: str, bank: str = ""
) -> Payee:  # fmt: skip
    """Name the account of a party that earned here, sealed; it counts a day from now. Raises Refused."""
    if kind not in PARTIES or not earned(session, tenant_id, kind, code):
        raise Refused(_("没有这个收款人"), field="party")
    if not holder.strip():
        raise Refused(_("写收款人的姓名"), field="holder")
    account = re.sub(r"[\s]", "", account)
    if way == Way.BANK and not (_CARD.fullmatch(account) and bank.strip()):
        raise Refused(_("写开户行和卡号，卡号只有数字"), field="account")
    if way == Way.ALIPAY and not (re.fullmatch(r"1[3-9][0-9]{9}", account) or _MAIL.fullmatch(account)):
        raise Refused(_("支付宝账号是手机号或邮箱"), field="account")
    if way not in (Way.BANK, Way.ALIPAY):
        raise Refused(_("选银行或支付宝"), field="way")
    named = (Payee.tenant_id == tenant_id, Payee.party_kind == kind, Payee.party_code == code)
    payee = session.exec(select(Payee).where(*named).with_for_update()).first()
    values: dict[str, Any] = {
        "way": way, "holder": holder.strip(), "bank": bank.strip() if way == Way.BANK else "", "account_tail": account[-4:],
        "account_sealed": pii.seal(account, f"payee.account:{kind}:{code}"), "valid_from": clock.now() + WAITS, "set_by": by,
    }  # fmt: skip
    if payee is None:
        payee = Payee(tenant_id=tenant_id, party_kind=kind, party_code=code, **values)
    else:
        payee.sqlmodel_update(values)
    session.add(payee)
    session.flush()
    audit.record(session, "payee.set", tenant_id=tenant_id, actor=f"user:{by}", subject=f"{kind}:{code}", way=way, tail=payee.account_tail)
    return payee


def payee_of(session: Session, kind: str, code: str, *, tenant_id: int) -> Payee | None:
    return session.exec(select(Payee).where(Payee.tenant_id == tenant_id, Payee.party_kind == kind, Payee.party_code == code)).first()


def earned(session: Session, tenant_id: int, kind: str, code: str) -> bool:
    asked = select(IncomeEntry.id).where(IncomeEntry.tenant_id == tenant_id, IncomeEntry.party_kind == kind, IncomeEntry.party_code == code)
    return session.exec(asked.limit(1)).first() is not None
