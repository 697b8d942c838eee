"""The slip of a grower who has a phone and does not sign in here: one message a statement, once it is paid.

Who signs in reads the statement; who has no phone gets it on paper from the station's master.
"""

from sqlmodel import Session, col, exists, select

from core import i18n, notify
from core.auth.models import Grant
from core.money import format_fen
from supply.growers.models import Grower
from supply.growers.service import phone_of

from .models import Statement, Way

PAID = i18n.kept("您的货款 {fee} 元已付（{first}到{last}），{how}。单子在驿站领。")
HOW = i18n.marked({Way.BANK: "转到尾号 {tail} 的卡", Way.ALIPAY: "转到尾号 {tail} 的支付宝", Way.HAND: "凭单领取"})
SUPPLIERS = ("grower", "co-op", "merchant")


def tell_grower(session: Session, statement: Statement) -> None:
    """Runs in the payment's transaction; sent again for nobody, as the statement's code is the message's key."""
    if statement.party_kind != "grower" or not statement.payout_fen:
        return
    signs_in = select(Grant.id).where(
        Grant.tenant_id == statement.tenant_id, col(Grant.role).in_(SUPPLIERS), Grant.scope_code == statement.party_code,
        col(Grant.revoked_at).is_(None),
    )  # fmt: skip
    grower = session.exec(
        select(Grower).where(Grower.tenant_id == statement.tenant_id, Grower.code == statement.party_code, ~exists(signs_in))
    ).first()
    phone = phone_of(grower) if grower else None
    if not phone:
        return
    with i18n.speaking("zh"):
        words = i18n.retold(PAID.format(
            fee=format_fen(statement.payout_fen), first=i18n.day(statement.first), last=i18n.day(statement.last),
            how=HOW[Way(statement.way)].format(tail=statement.account_tail),
        ))  # fmt: skip
    notify.tell(session, phone, words, tenant_id=statement.tenant_id, key=f"slip:{statement.code}")
