"""People decide claims: a dispatcher or finance, and above the county's limit a second person of finance or an administrator.

Nobody decides on their own order or on what they claimed for a buyer on the phone, and nobody is the second person to themselves. Each
step is an event and an audit row.
"""

from typing import NamedTuple

from sqlmodel import Session, select

from core import clock, i18n
from core.errors import Forbidden, Refused
from core.money import format_fen
from core.permissions import Actor
from core.status import move
from shop.orders.models import Order, OrderLine
from shop.payments.giving import RefundTooMuch, left_of
from supply.counties.models import County

from . import rules, service
from .models import CLAIM, LIVE, Claim, ClaimStatus
from .service import ClaimDecided, ClaimUnknown

_ = i18n.gettext
DECIDERS = ("dispatcher", "finance", "admin")
SECONDS = ("finance", "admin")


class OwnClaim(Forbidden):
    """The decider's own order, or a second look at what they decided themselves."""

    code = "own_claim"


class Decision(NamedTuple):
    """`amount_fen` and `bearer` None: as the rule says. A decision other than the rule's has a note."""

    approves: bool
    amount_fen: int | None = None
    bearer: str | None = None
    note: str = ""


def decide(session: Session, actor: Actor, code: str, decision: Decision) -> Claim:
    """Decide a claim that lives. Raises ClaimUnknown, ClaimDecided, OwnClaim, RefundTooMuch, Refused; nothing is changed then."""
    found = session.exec(select(Claim.order_id).where(Claim.code == code, Claim.tenant_id == actor.tenant_id)).first()
    if found is None:
        raise ClaimUnknown(_("没有这个售后申请"))
    order = service.lock(session, found)
    claim = session.exec(select(Claim).where(Claim.code == code).execution_options(populate_existing=True)).one()
    if claim.status not in LIVE:
        raise ClaimDecided(_("这个申请已经有结果了"))
    if order.user_id is not None and order.user_id == actor.user_id:
        raise OwnClaim(_("自己的订单，请别的同事来处理"))
    if claim.vouched_by == actor.key:
        raise OwnClaim(_("你替买家提的，请别的同事来定"))
    if claim.status == ClaimStatus.SECOND:
        _second(session, actor, order, claim, decision)
    else:
        _first(session, actor, order, claim, decision)
    return claim


def _first(session: Session, actor: Actor, order: Order, claim: Claim, decision: Decision) -> None:
    line = session.get_one(OrderLine, claim.line_id)
    left = left_of(session, [line])[claim.line_id].fen
    wanted = min(claim.award_fen, left) if decision.amount_fen is None else decision.amount_fen
    bearer = decision.bearer or claim.bearer
    as_ruled = decision.approves and wanted == min(claim.award_fen, left) and bearer == claim.bearer
    if not as_ruled and not decision.note:
        raise Refused(_("写明为什么，买家看得到") if not decision.approves else _("和规则不一样，写明为什么"), field="note")
    claim.note, claim.decided_by, claim.decided_at = decision.note, actor.key, clock.now()
    if not decision.approves:
        service.refuse(session, order, claim, by=actor.key)
        return
    if not 0 < wanted <= left:
        raise RefundTooMuch(_("这一行最多还能退 {sum} 元").format(sum=format_fen(left)), left_fen=left)
    claim.amount_fen, claim.bearer = wanted, bearer
    if wanted <= rules.desk_rules(session.get_one(County, claim.tenant_id)).second_fen:
        service.approve(session, order, claim, by=actor.key)
        return
    session.add(claim)
    session.flush()
    move(
        session, Claim, claim.id or 0, "status", CLAIM, ClaimStatus.OPEN, ClaimStatus.SECOND, tenant_id=claim.tenant_id,
        subject=claim.code, by=actor.key, note=claim.note,
    )  # fmt: skip
    service.note(session, "claim.second", claim, actor=actor.key, order=order.number, amount_fen=wanted, bearer=bearer)


def _second(session: Session, actor: Actor, order: Order, claim: Claim, decision: Decision) -> None:
    """The second person says yes to what the first decided, or no; another amount is another decision."""
    if claim.decided_by == actor.key:
        raise OwnClaim(_("金额大，要第二个人来看；不能自己复核自己"))
    if not actor.has(*SECONDS):
        raise Forbidden(_("金额大，要财务或者县管理员复核"))
    if decision.approves and (decision.amount_fen not in (None, claim.amount_fen) or decision.bearer not in (None, claim.bearer)):
        raise Refused(_("复核只能同意或不同意；要改金额，请先退回"), field="amount_fen")
    if not decision.approves and not decision.note:
        raise Refused(_("写明为什么，买家看得到"), field="note")
    claim.note = decision.note or claim.note
    claim.second_by, claim.second_at = actor.key, clock.now()
    if decision.approves:
        service.approve(session, order, claim, by=actor.key)
    else:
        service.refuse(session, order, claim, by=actor.key)
