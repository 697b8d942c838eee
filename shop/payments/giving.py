"""Part of an order's money back: which lines, how much of each, and who bears it.

Of a line its goods are given back first and its freight last. The goods' part is split over the shares of the goods by what is left
of each (largest remainder), so each refund is pro rata to the fen, no share goes below zero, and however a line is cut, what is left
in the end is given back exactly. A refund that the gateway takes a while to give, or refuses, is taken from the shares already: the
money waits for its buyer.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlmodel import Session, col, func, select

from core import clock, i18n
from core.codes import new_code
from core.errors import Conflict
from core.money import format_fen, split
from fulfillment.consignments.models import ConsignmentLine, Parcel
from fulfillment.income.adjusting import Cut, adjust
from fulfillment.income.service import start_windows
from shop.disputes.models import is_disputed
from shop.orders.models import LineShare, Order, OrderLine, OrderStatus

from .accounts import account_code, giveback, post_drafts, with_debts
from .models import BEARERS, AttemptStatus, PaymentAttempt, Refund, RefundLine, RefundShare
from .refunds import queue_refund

_ = i18n.gettext
MADE_GOOD = ("grower", "master", "transport")  # who is made good by whoever bears a refund; commissions follow what was sold
PARTY = {"master": "station", "on_behalf": "station"}
LESS = i18n.kept("退给买家 {sum} 元，这里少收 {part} 元")
BORNE = i18n.kept("退给买家 {sum} 元，照规则这里承担 {part} 元")


class RefundTooMuch(Conflict):
    """More than is left of a line; `left_fen` says how much that is."""

    code = "refund_too_much"


class NotRefundable(Conflict):
    """Nothing was paid for the order, it was cancelled and all of it goes back, or a bank is looking at its payment."""

    code = "not_refundable"


class Part(NamedTuple):
    """What goes back of one line; `quantity` are the units it is for, 0 when it is money alone."""

    line_id: int
    amount_fen: int
    quantity: int = 0


class Left(NamedTuple):
    """What is left of a line, in fen: what it cost less what was given back."""

    goods_fen: int
    freight_fen: int

    @property
    def fen(self) -> int:
        return self.goods_fen + self.freight_fen


def left_of(session: Session, lines: Sequence[OrderLine]) -> dict[int, Left]:
    """By line id. One query."""
    given = session.exec(
        select(RefundLine.line_id, func.sum(col(RefundLine.amount_fen)))
        .where(col(RefundLine.line_id).in_([line.id for line in lines]))
        .group_by(col(RefundLine.line_id))
    )
    back = {line_id: int(fen) for line_id, fen in given}
    found = {}
    for line in lines:
        goods, gone = line.goods_fen - line.discount_fen, back.get(line.id or 0, 0)
        found[line.id or 0] = Left(max(0, goods - gone), line.freight_fen - max(0, gone - goods))
    return found


def give_back(
    session: Session, order: Order, parts: Sequence[Part], *, key: str, reason: str, asked_by: str = "", bearer: str = ""
) -> Refund:  # fmt: skip
    """Give back parts of a paid order in one refund; the same key again is the same refund.

    The order's row is locked, so two refunds of one order come one after the other and the second sees what is left.
    Raises RefundTooMuch, NotRefundable; nothing is changed then.
    """
    order = session.exec(
        select(Order).where(Order.id == order.id).with_for_update(key_share=True).execution_options(populate_existing=True)
    ).one()
    known = session.exec(select(Refund).where(Refund.tenant_id == order.tenant_id, Refund.key == key)).first()
    if known is not None:
        return known
    if order.paid_at is None or order.status == OrderStatus.CANCELLED:
        raise NotRefundable(_("这张订单没有可以退的钱"))
    if is_disputed(session, order.id or 0):
        raise NotRefundable(_("银行正在查这笔付款，有了结果再退"))
    lines = {line.id or 0: line for line in session.exec(select(OrderLine).where(OrderLine.order_id == order.id))}
    left = left_of(session, list(lines.values()))
    for part in parts:
        rest = left[part.line_id].fen if part.line_id in lines else 0
        if not 0 < part.amount_fen <= rest:
            raise RefundTooMuch(_("这一行最多还能退 {sum} 元").format(sum=format_fen(rest)), left_fen=rest)
    return _give(session, order, lines, left, parts, key=key, reason=reason, asked_by=asked_by, bearer=bearer)


def give_rest(session: Session, order: Order, lines: Sequence[OrderLine], *, key: str, reason: str, asked_by: str) -> None:
    """Give back all that is left of an order whose row the caller has locked; nothing where nothing is."""
    left = left_of(session, lines)
    if parts := [Part(line_id, rest.fen) for line_id, rest in left.items() if rest.fen]:
        _give(session, order, {x.id or 0: x for x in lines}, left, parts, key=key, reason=reason, asked_by=asked_by, bearer="")


def given_lines(session: Session, lines: Sequence[OrderLine]) -> list[str]:
    """The codes of what was given back of these lines."""
    return list(session.exec(select(RefundLine.code).where(col(RefundLine.line_id).in_([line.id for line in lines]))))


def who_bears(session: Session, line: OrderLine, amount_fen: int, bearer: str) -> list[tuple[str, str, int]]:
    """Who would lose what if so much of a line were given back now: (role, party's code, fen), nothing written."""
    shares = _shares(session, [line.id or 0])[line.id or 0]
    left = left_of(session, [line])[line.id or 0]
    bears = borne_by(pro_rata(amount_fen, left, {share.role: rest for share, rest in shares}), bearer)
    return [(share.role, share.party_code, bears[share.role]) for share, _rest in shares if bears.get(share.role)]


def borne_by(parts: Mapping[str, int], bearer: str) -> dict[str, int]:
    """Who bears what, by role, when `parts` is each role's part pro rata: the bearer makes good the parts of `MADE_GOOD`.

    Commissions – the livestream seller's, the platform's – follow what was sold in the end, whoever bears the rest (I12).
    """
    if not bearer:
        return dict(parts)
    moved = sum(fen for role, fen in parts.items() if role in MADE_GOOD and role != bearer)
    kept = {role: 0 if role in MADE_GOOD else fen for role, fen in parts.items()}
    return {**kept, bearer: parts.get(bearer, 0) + moved}


def _give(
    session: Session, order: Order, lines: Mapping[int, OrderLine], left: Mapping[int, Left], parts: Sequence[Part], *,
    key: str, reason: str, asked_by: str, bearer: str,
) -> Refund:  # fmt: skip
    assert bearer in ("", *BEARERS)
    paid = session.exec(
        select(PaymentAttempt).where(
            PaymentAttempt.order_id == order.id, PaymentAttempt.status == AttemptStatus.CAPTURED, col(PaymentAttempt.duplicate_of).is_(None)
        )
    ).one()
    refund = queue_refund(session, paid, sum(p.amount_fen for p in parts), key=key, reason=reason, asked_by=asked_by)
    shares = _shares(session, [part.line_id for part in parts])
    borne: dict[str, int] = defaultdict(int)
    cuts: list[Cut] = []
    gift = 0
    for part in parts:
        line = lines[part.line_id]
        row = RefundLine(
            tenant_id=order.tenant_id, code=new_code("RL"), refund_id=refund.id or 0, line_id=part.line_id, amount_fen=part.amount_fen,
            quantity=part.quantity, bearer=bearer,
        )  # fmt: skip
        by_role = {share.role: (share, rest) for share, rest in shares[part.line_id]}
        goes = pro_rata(part.amount_fen, left[part.line_id], {role: rest for role, (_share, rest) in by_role.items()})
        row.coupon_fen = sum(goes.values()) - part.amount_fen
        gift += row.coupon_fen
        session.add(row)
        session.flush()
        bears = borne_by(goes, bearer)
        for role, (share, _rest) in by_role.items():
            if not goes[role] and not bears[role]:
                continue
            session.add(
                RefundShare(
                    tenant_id=order.tenant_id, refund_line_id=row.id or 0, share_id=share.id or 0, amount_fen=goes[role],
                    borne_fen=bears[role],
                )
            )  # fmt: skip
            if bears[role]:
                borne[account_code(role, share.party_code)] += bears[role]
                cuts.append(_cut(order, line, row, share, bears[role]))
    draft = with_debts(session, giveback(refund, order.number, borne, coupon_fen=gift), tenant_id=order.tenant_id, currency=order.currency)
    journals = post_drafts(session, [draft], tenant_id=order.tenant_id, currency=order.currency)
    adjust(session, cuts, tenant_id=order.tenant_id, journal_id=journals[draft.key])
    _end_windows(session, order, lines.values())
    return refund


def _end_windows(session: Session, order: Order, lines: Iterable[OrderLine]) -> None:
    """Of a line given back whole nobody can claim any more: what it still earns and what it took back are payable together, now.

    A parcel's packing fee goes along when that is so of all that its consignment holds.
    """
    left = left_of(session, list(lines))
    empty = [line for line in lines if not left[line.id or 0].fen]
    if not empty:
        return
    codes = [line.code for line in empty]
    whole = select(ConsignmentLine.consignment_id).where(col(ConsignmentLine.line_code).not_in(codes))
    parcels = session.exec(
        select(Parcel.code)
        .join(ConsignmentLine, col(ConsignmentLine.consignment_id) == col(Parcel.consignment_id))
        .where(col(ConsignmentLine.line_code).in_(codes), col(Parcel.consignment_id).not_in(whole))
    )
    start_windows(session, dict.fromkeys([*codes, *given_lines(session, empty), *parcels], clock.now()), tenant_id=order.tenant_id)


def _shares(session: Session, line_ids: Sequence[int]) -> dict[int, list[tuple[LineShare, int]]]:
    """The frozen shares of lines, each with what is left of it."""
    given = select(RefundShare.share_id, func.sum(col(RefundShare.amount_fen)).label("fen")).group_by(col(RefundShare.share_id)).subquery()
    rows = session.exec(
        select(LineShare, func.coalesce(given.c.fen, 0))
        .outerjoin(given, given.c.share_id == LineShare.id)
        .where(col(LineShare.line_id).in_(line_ids))
        .order_by(col(LineShare.id))
    )
    found: dict[int, list[tuple[LineShare, int]]] = defaultdict(list)
    for share, gone in rows:
        found[share.line_id].append((share, share.amount_fen - int(gone)))
    return found


def pro_rata(amount_fen: int, left: Left, shares: Mapping[str, int]) -> dict[str, int]:
    """What goes back split by role: the goods' part over what is left of the goods' shares, the freight's part from transport.

    Shares hold what a coupon gave, too: of that as large a part goes back as of what the buyer paid, all of it with the last fen.
    """
    goods = min(amount_fen, left.goods_fen)
    roles = [role for role in shares if role != "transport"]
    gift = sum(shares[role] for role in roles) - left.goods_fen
    whole = goods + (gift * goods // left.goods_fen if goods else 0)
    parts = split(whole, [shares[role] for role in roles]) if goods else [0] * len(roles)
    return {**dict(zip(roles, parts, strict=True)), "transport": amount_fen - goods}


def _cut(order: Order, line: OrderLine, row: RefundLine, share: LineShare, fen: int) -> Cut:
    words = BORNE if row.bearer == share.role else LESS
    facts: dict[str, Any] = {"order": order.number, "line": line.code, "name": line.name, "refund_fen": row.amount_fen}
    return Cut(
        key=f"{row.code}:{share.role}", of=f"{line.code}:{share.role}", party_kind=PARTY.get(share.role, share.role),
        party_code=share.party_code, amount_fen=fen, cause_code=row.code,
        words=words.format(sum=format_fen(row.amount_fen), part=format_fen(fen)), facts=facts,
    )  # fmt: skip
