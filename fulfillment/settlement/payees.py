"""Where a party wants its money. A change waits a day before it counts: its party is told at once, and finance may stop it."""

import re
from datetime import timedelta
from typing import Any, NamedTuple

from sqlmodel import Session, col, select

from core import audit, clock, i18n, notify, pii
from core.auth.models import Grant, User
from core.codes import new_code
from core.errors import Conflict, NotFound, Refused
from fulfillment.income.models import IncomeEntry
from supply.growers.models import Grower
from supply.growers.service import phone_of

from .models import Payee, Way
from .words import PARTIES

_ = i18n.gettext
WAITS = timedelta(hours=24)
CHANGED = i18n.kept("收款账户要换成尾号 {tail}，24 小时后生效。不是您换的，马上告诉县里财务。")
STOPPED = i18n.kept("换成尾号 {tail} 的收款账户被县里停了，钱还付到原来的账户。")
ROLES = {"station": ("master",), "grower": ("grower", "co-op", "merchant")}
_CARD = re.compile(r"[0-9]{8,30}")
_MAIL = re.compile(r"[^@\s=+\-][^@\s]{0,60}@[^@\s]+\.[^@\s]+")


class PayeeUnknown(NotFound):
    """No such account of a party here."""

    code = "payee_unknown"


class CountsAlready(Conflict):
    """It counts: what is wrong with it now is put right by naming another one."""

    code = "counts_already"


class Accounts(NamedTuple):
    """Where a party's money goes now, and where it will go from a moment on."""

    now: Payee | None
    coming: Payee | None


def set_payee(
    session: Session, *, tenant_id: int, kind: str, code: str, way: str, holder: str, account: str, by: str, bank: str = ""
) -> Payee:  # fmt: skip
    """Name the account of a party that earned here, sealed; it counts a day from now, and the party hears of it. Raises Refused."""
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
    now = clock.now()
    payee = Payee(
        tenant_id=tenant_id, code=new_code("PY"), party_kind=kind, party_code=code, way=way, holder=holder.strip(),
        bank=bank.strip() if way == Way.BANK else "", account_tail=account[-4:],
        account_sealed=pii.seal(account, f"payee.account:{kind}:{code}"), valid_from=now + WAITS, set_by=by, set_at=now,
    )  # fmt: skip
    session.add(payee)
    session.flush()
    audit.record(session, "payee.set", tenant_id=tenant_id, actor=f"user:{by}", subject=f"{kind}:{code}", way=way, tail=payee.account_tail)
    _tell(session, payee, CHANGED)
    return payee


def stop_payee(session: Session, code: str, *, tenant_id: int, by: str) -> Payee:
    """Before it counts; again changes nothing. Raises PayeeUnknown, CountsAlready."""
    payee = session.exec(select(Payee).where(Payee.tenant_id == tenant_id, Payee.code == code).with_for_update()).first()
    if payee is None:
        raise PayeeUnknown(_("没有这个账户"))
    if payee.stopped_at is not None:
        return payee
    if payee.valid_from <= clock.now():
        raise CountsAlready(_("这个账户已经在用了，要换就登记一个新的"))
    payee.stopped_at, payee.stopped_by = clock.now(), by
    session.add(payee)
    session.flush()
    subject = f"{payee.party_kind}:{payee.party_code}"
    audit.record(session, "payee.stop", tenant_id=tenant_id, actor=f"user:{by}", subject=subject, tail=payee.account_tail)
    _tell(session, payee, STOPPED)
    return payee


def accounts_of(session: Session, kind: str, code: str, *, tenant_id: int) -> Accounts:
    """One query."""
    named = (Payee.tenant_id == tenant_id, Payee.party_kind == kind, Payee.party_code == code, col(Payee.stopped_at).is_(None))
    rows, now = list(session.exec(select(Payee).where(*named).order_by(col(Payee.id).desc()))), clock.now()
    counting = next((payee for payee in rows if payee.valid_from <= now), None)
    return Accounts(counting, rows[0] if rows and rows[0] is not counting else None)


def waiting(session: Session, *, tenant_id: int) -> list[Payee]:
    """Those that do not count yet and that nobody stopped, the next to count first."""
    asked = select(Payee).where(Payee.tenant_id == tenant_id, Payee.valid_from > clock.now(), col(Payee.stopped_at).is_(None))
    return list(session.exec(asked.order_by(col(Payee.valid_from), col(Payee.id))))


def earned(session: Session, tenant_id: int, kind: str, code: str) -> bool:
    asked = select(IncomeEntry.id).where(IncomeEntry.tenant_id == tenant_id, IncomeEntry.party_kind == kind, IncomeEntry.party_code == code)
    return session.exec(asked.limit(1)).first() is not None


def _tell(session: Session, payee: Payee, kept: Any) -> None:
    """By the phones that the party had before, whoever made the change."""
    with i18n.speaking("zh"):
        words = i18n.retold(kept.format(tail=payee.account_tail))
    what = "set" if payee.stopped_at is None else "stopped"
    for n, phone in enumerate(phones_of(session, payee.party_kind, payee.party_code, tenant_id=payee.tenant_id)):
        notify.tell(session, phone, words, tenant_id=payee.tenant_id, key=f"payee:{payee.code}:{what}:{n}")


def phones_of(session: Session, kind: str, code: str, *, tenant_id: int) -> list[str]:
    """Of those who act for a party, and of a grower who only gave a number; each once."""
    if kind == "seller":
        people = session.exec(select(User).where(User.code == code)).all()
    else:
        acts = select(Grant.user_id).where(
            Grant.tenant_id == tenant_id, col(Grant.role).in_(ROLES.get(kind, ())), Grant.scope_code == code,
            col(Grant.revoked_at).is_(None),
        )  # fmt: skip
        active = (col(User.id).in_(acts), col(User.disabled_at).is_(None))
        people = session.exec(select(User).where(*active).order_by(col(User.id))).all()
    found = [pii.unseal(person.phone_sealed, f"app_user.phone:{person.code}") for person in people]
    if kind == "grower":
        grower = session.exec(select(Grower).where(Grower.tenant_id == tenant_id, Grower.code == code)).first()
        found += [phone] if grower and (phone := phone_of(grower)) else []
    return list(dict.fromkeys(found))
