"""A new contract with a firm, or a new price: the one before it ends the day before.

Nothing closed is touched: it begins in a month that the firm's close has still to come to.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from sqlmodel import Session, col, func, select

from core import audit, i18n
from core.codes import new_code
from core.errors import Conflict, Refused
from core.tenant import Tenant
from fulfillment.contracts.models import CarriageContract
from fulfillment.network.models import Line
from fulfillment.network.words import KIND_WORDS, kept_words
from supply.counties.profile_kinds import Basis

from .models import PartnerMonth
from .queries import FirmUnknown, is_firm
from .words import ALL_OF_KIND

_ = i18n.gettext
WHOLE_SHARE = 10_000
MOST_FEN = 10_000_000  # a hundred thousand yuan a unit: no carriage is


class Terms(NamedTuple):
    """What is agreed; `line` or `kind` is empty, amounts are fen, a share's price basis points."""

    basis: Basis
    price: int
    starts_on: date
    line: str = ""
    kind: str = ""
    minimum_fen: int | None = None
    cap_fen: int | None = None
    before_fen: int | None = None


class Coverable(NamedTuple):
    """Something of a firm's that a contract may be written for."""

    line: str
    kind: str
    words: str


class MonthClosed(Conflict):
    """The day lies in a month that is closed."""

    code = "month_closed"


class AgreedAlready(Conflict):
    """There is a contract for the same that begins then or later."""

    code = "agreed_already"


def coverable(session: Session, tenant_id: int, firm: str) -> list[Coverable]:
    """All its lines of a kind, then each line."""
    lines = session.exec(select(Line).where(Line.tenant_id == tenant_id, Line.operator == firm).order_by(col(Line.position))).all()
    kinds = dict.fromkeys(line.kind for line in lines)
    return [
        *(Coverable("", kind, ALL_OF_KIND.format(kind=KIND_WORDS[kind])) for kind in kinds),
        *(Coverable(line.code, "", kept_words(line.number, line.kind)) for line in lines),
    ]


def contracts_with(session: Session, tenant_id: int, firm: str) -> Sequence[CarriageContract]:
    """All that was ever agreed with a firm, in the order it is read."""
    query = select(CarriageContract).where(CarriageContract.tenant_id == tenant_id, CarriageContract.firm == firm)
    return session.exec(query.order_by(col(CarriageContract.position), col(CarriageContract.id))).all()


def agree(session: Session, tenant_id: int, firm: str, terms: Terms, *, by: str) -> CarriageContract:
    """Write a contract. Raises FirmUnknown, Refused, MonthClosed, AgreedAlready. Closes of the county wait for it, and it for them."""
    if not is_firm(session, tenant_id, firm):
        raise FirmUnknown(_("没有这家合作企业"))
    session.exec(select(Tenant.id).where(Tenant.id == tenant_id).with_for_update(key_share=True)).one()
    _judge(session, tenant_id, firm, terms)
    for before in contracts_with(session, tenant_id, firm):
        is_same = (before.line, before.kind, before.node, before.from_node) == (terms.line, terms.kind, "", "")
        if is_same and (before.ends_on is None or before.ends_on >= terms.starts_on):
            if before.starts_on >= terms.starts_on:
                raise AgreedAlready(
                    _("从 {day} 起已经有一份了，新的要从它以后开始").format(day=before.starts_on.isoformat()), field="starts"
                )
            before.ends_on = terms.starts_on - timedelta(days=1)
            session.add(before)
    last = session.exec(select(func.max(CarriageContract.position)).where(CarriageContract.tenant_id == tenant_id)).one()
    contract = CarriageContract(
        tenant_id=tenant_id, code=new_code("PC"), firm=firm, position=(last or 0) + 1, **terms._asdict()
    )  # fmt: skip
    session.add(contract)
    session.flush()
    audit.record(
        session, "contract.agree", tenant_id=tenant_id, actor=f"user:{by}", subject=contract.code, firm=firm, basis=terms.basis.value,
        price=terms.price, starts=terms.starts_on.isoformat(),
    )  # fmt: skip
    return contract


def _judge(session: Session, tenant_id: int, firm: str, terms: Terms) -> None:
    if (terms.line, terms.kind) not in {(each.line, each.kind) for each in coverable(session, tenant_id, firm)}:
        raise Refused(_("选这家企业跑的线路"), field="cover")
    if not 0 <= terms.price <= (WHOLE_SHARE if terms.basis == Basis.FREIGHT_SHARE else MOST_FEN):
        raise Refused(_("价钱不对，分成最多 100%"), field="price")
    if terms.minimum_fen is not None and terms.cap_fen is not None and terms.cap_fen < terms.minimum_fen:
        raise Refused(_("封顶不能比保底少"), field="cap")
    last = session.exec(
        select(func.max(PartnerMonth.month)).where(PartnerMonth.tenant_id == tenant_id, PartnerMonth.firm == firm)
    ).one()  # fmt: skip
    if last is not None and terms.starts_on < (last + timedelta(days=31)).replace(day=1):
        raise MonthClosed(_("{month} 已经结账，新价钱从下个月起").format(month=f"{last:%Y-%m}"), field="starts")
