"""Cash over the counter: taken, undone before the day is closed, counted at the day's end, paid in to the county.

Every deed is one transaction with its journal, so the debt and its cause never part: `cash` Dr cash:{station} / Cr whose money it is,
`cash_over` for what a count found too much, `cash_in` Dr bank / Cr cash:{station}. Cash that a settlement nets leaves the account when
the run is frozen (fulfillment.settlement.entries); nobody can pay in or keep more than the account holds.
"""

from collections.abc import Callable

from sqlmodel import Session, col, select

from core import audit, clock, i18n
from core.codes import new_code
from core.errors import Conflict, NotFound, Refused
from core.ledger.models import Account, Balance, Journal, Side
from core.ledger.service import Overdrawn, open_account, post, reverse
from core.money import format_fen
from core.pii import mask_numbers
from fulfillment.income.models import Source
from fulfillment.income.service import Earned, record, reverse_for
from supply.stations.models import Station

from .models import CashClose, CashPaidIn, CashTaking, Purpose

_ = i18n.gettext
Undone = Callable[[Session, CashTaking], None]
_undone: list[Undone] = []
MOST_FEN = 5_000_000  # fifty thousand yuan in one go: more is a slip of the finger
SERVED = i18n.kept("便民服务收现金 {fee} 元：{what}")
WHOSE = {Purpose.SERVICE: "station:{station}", Purpose.SEND: "transport", Purpose.COLLECTED: "platform"}


class TakingUnknown(NotFound):
    """No such cash taking at this station."""

    code = "taking_unknown"


class ClosedAlready(Conflict):
    """The day, or what was taken before its close, stands."""

    code = "closed_already"


class MoreThanHeld(Conflict):
    """More than the station holds of the county's."""

    code = "more_than_held"


def take_cash(session: Session, station: Station, purpose: str, amount_fen: int, *, what: str, by: str) -> CashTaking:
    """Cash was taken: the master's debt from this moment on. Raises Refused."""
    if purpose not in set(Purpose):
        raise Refused(_("选一下是什么钱"), field="purpose")
    if not 0 < amount_fen <= MOST_FEN:
        raise Refused(_("金额在 0.01 到 {n} 元之间").format(n=MOST_FEN // 100), field="amount")
    now = clock.now()
    taking = CashTaking(
        tenant_id=station.tenant_id, code=new_code("CT"), station_code=station.code, purpose=purpose, what=mask_numbers(what.strip()),
        amount_fen=amount_fen, business_date=clock.business_date(now), taken_at=now, taken_by=by,
    )  # fmt: skip
    session.add(taking)
    session.flush()
    owner = WHOSE[Purpose(purpose)].format(station=station.code)
    journal = _post(session, station, f"cash:{taking.code}", "cash", owner, amount_fen, cause=taking.code)
    if purpose == Purpose.SERVICE:
        words = SERVED.format(fee=format_fen(amount_fen), what=taking.what or "—")
        earned = Earned(
            key=f"{taking.code}:service", party_kind="station", party_code=station.code, source=Source.SERVICE, amount_fen=amount_fen,
            cause_kind="service", cause_code=taking.code, words=words,
        )  # fmt: skip
        record(session, [earned], tenant_id=station.tenant_id, journal_id=journal.id, payable_at=now)
    return taking


def on_undone(listener: Undone) -> Undone:
    """Call `listener(session, taking)` in the transaction in which a taking is undone."""
    _undone.append(listener)
    return listener


def undo_taking(session: Session, station: Station, code: str, *, by: str) -> CashTaking:
    """What was typed wrongly never was, as long as no close counted it and no statement pays it; again changes nothing.

    Raises TakingUnknown, ClosedAlready.
    """
    asked = select(CashTaking).where(
        CashTaking.tenant_id == station.tenant_id, CashTaking.station_code == station.code, CashTaking.code == code
    )
    taking = session.exec(asked.with_for_update()).first()
    if taking is None:
        raise TakingUnknown(_("没有这一笔"))
    if taking.undone_at is not None:
        return taking
    if (last := last_close(session, station)) and last.closed_at >= taking.taken_at:
        raise ClosedAlready(_("那天已经结账，不能撤了；多收少收写在下次结账的原因里"))
    if taking.purpose == Purpose.SERVICE and not reverse_for(session, [taking.code], tenant_id=taking.tenant_id, by=by, note="undone"):
        raise ClosedAlready(_("这一笔已经在结算单里，不能撤了"))
    posted = select(Journal).where(Journal.tenant_id == taking.tenant_id, Journal.key == f"cash:{taking.code}")
    try:
        reverse(session, session.exec(posted).one(), key=f"uncash:{taking.code}")
    except Overdrawn as spent:
        raise ClosedAlready(_("这笔现金已经交上去了，不能撤")) from spent
    taking.undone_at, taking.undone_by = clock.now(), by
    session.add(taking)
    session.flush()
    for listener in _undone:
        listener(session, taking)
    return taking


def held_at(session: Session, station: Station) -> int:
    """Fen of cash that the station's master owes now."""
    found = session.exec(
        select(Balance.amount_fen)
        .join(Account, col(Account.id) == col(Balance.account_id))
        .where(Account.tenant_id == station.tenant_id, Account.code == f"cash:{station.code}")
    ).first()
    return int(found or 0)


def last_close(session: Session, station: Station) -> CashClose | None:
    asked = select(CashClose).where(CashClose.tenant_id == station.tenant_id, CashClose.station_code == station.code)
    return session.exec(asked.order_by(col(CashClose.business_date).desc()).limit(1)).first()


def close_day(session: Session, station: Station, counted_fen: int, *, reason: str, by: str) -> CashClose:
    """The day's count beside what the books say; a difference needs a reason. Raises Refused, ClosedAlready.

    Too little stays the master's debt as it is; too much becomes a debt with what was taken: nothing is left out of the books.
    """
    if not 0 <= counted_fen <= 100 * MOST_FEN:
        raise Refused(_("点出来多少钱，写成 39.60 这样"), field="counted")
    now = clock.now()
    session.exec(select(Station.node_id).where(Station.node_id == station.node_id).with_for_update(key_share=True)).one()
    expected = held_at(session, station)
    if counted_fen != expected and not reason.strip():
        said = _("账上 {e} 元，点出 {c} 元，写一句为什么").format(e=format_fen(expected), c=format_fen(counted_fen))
        raise Refused(said, field="reason")
    today = clock.business_date(now)
    if (last := last_close(session, station)) is not None and last.business_date >= today:
        raise ClosedAlready(_("今天已经结过账；之后收的算到明天"))
    close = CashClose(
        tenant_id=station.tenant_id, code=new_code("CC"), station_code=station.code, business_date=today, expected_fen=expected,
        counted_fen=counted_fen, reason=mask_numbers(reason.strip()) if counted_fen != expected else "", closed_at=now, closed_by=by,
    )  # fmt: skip
    session.add(close)
    session.flush()
    if counted_fen > expected:
        _post(session, station, f"cash_over:{close.code}", "cash_over", "platform", counted_fen - expected, cause=close.code)
    return close


def pay_in(session: Session, station: Station, amount_fen: int, *, reference: str, by: str) -> CashPaidIn:
    """Finance took cash over from a station. Raises Refused, MoreThanHeld."""
    if not 0 < amount_fen <= 100 * MOST_FEN:
        raise Refused(_("收了多少钱，写成 39.60 这样"), field="amount")
    given = CashPaidIn(
        tenant_id=station.tenant_id, code=new_code("CP"), station_code=station.code, amount_fen=amount_fen,
        reference=mask_numbers(reference.strip()), received_at=clock.now(), received_by=by,
    )  # fmt: skip
    session.add(given)
    session.flush()
    bank = open_account(session, "bank", tenant_id=station.tenant_id, side=Side.DEBIT, may_be_negative=True)
    till = _till(session, station)
    try:
        post(
            session, f"cash_in:{given.code}", [(bank.id or 0, amount_fen), (till.id or 0, -amount_fen)], tenant_id=station.tenant_id,
            kind="cash_in", cause_kind="cash", cause_code=given.code,
        )  # fmt: skip
    except Overdrawn as less:
        raise MoreThanHeld(_("这个驿站手里没有这么多公款")) from less
    audit.record(
        session, "cash.paid_in", tenant_id=station.tenant_id, actor=f"user:{by}", subject=station.code, amount_fen=amount_fen,
        reference=given.reference,
    )  # fmt: skip
    return given


def _till(session: Session, station: Station) -> Account:
    return open_account(session, f"cash:{station.code}", tenant_id=station.tenant_id, side=Side.DEBIT)


def _post(session: Session, station: Station, key: str, kind: str, owner: str, fen: int, *, cause: str) -> Journal:
    """Cash came in that belongs to `owner`."""
    may_be_negative = owner in ("platform", "transport")
    credit = open_account(session, owner, tenant_id=station.tenant_id, side=Side.CREDIT, may_be_negative=may_be_negative)
    lines = [(_till(session, station).id or 0, fen), (credit.id or 0, -fen)]
    return post(session, key, lines, tenant_id=station.tenant_id, kind=kind, cause_kind="cash", cause_code=cause)
