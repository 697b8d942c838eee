"""A finished day of a gateway: its bill is read and kept, what heals is healed, the rest becomes exceptions for people.

Read again at any time: lines are kept once, a fee is booked once, an exception stands once. An installation's gateway account may serve
several counties: a line belongs to the county of its attempt, and what is nobody's to the first of them.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta

from sqlmodel import Session, col, select

from core import clock, db, i18n
from core.codes import new_code
from core.ledger.models import Account
from core.status import began, move
from core.upsert import Upsert
from shop.payments.models import PaymentAttempt, Refund
from shop.payments.provider import BillLine, GatewaySilent
from shop.payments.providers import provider_named
from shop.sharing.models import ShareRequest

from .comparing import Difference, differences, holds_unlisted
from .entries import gateway, keep_fee
from .healing import MANY, heal
from .models import EXCEPTION, BillException, Differs, ExceptionStatus, GatewayBill, GatewayBillLine
from .payouts import book_line

_ = i18n.gettext
PATIENCE = timedelta(days=2)  # an empty bill beside captures of ours is one that is not written yet, for so long
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=10), timedelta(hours=6)
STANDING = (ExceptionStatus.OPEN, ExceptionStatus.EXPLAINED)
BY_ITSELF = {Differs.MISSING_HERE, Differs.MISSING_THERE, Differs.AMOUNT, Differs.UNKNOWN, Differs.PAYOUT}
_BEGIN = Upsert(GatewayBill, lambda insert: insert.on_conflict_do_nothing(index_elements=["tenant_id", "provider", "day"]))
_KEEP = Upsert(
    GatewayBillLine,
    lambda insert: insert.on_conflict_do_nothing(index_elements=["provider", "kind", "number"]).returning(
        insert.table.c.kind, insert.table.c.number
    ),
)


def read_day(name: str, day: date) -> list[str]:
    """Fetch, heal, keep and compare one business day; the codes of its bills. Raises GatewaySilent, GatewayRefused: try again later."""
    lines = provider_named(name).bill(day)
    with db.reading() as session:
        is_early = clock.now() < clock.midnight(day + timedelta(days=1)) + PATIENCE
        if not lines and is_early and holds_unlisted(session, name, day):
            raise GatewaySilent(_("账单还没有写好，过一会儿再取"))
    heal(name, {line.payment for line in lines if line.kind == "payment"}, {x.refund: x.amount_fen for x in lines if x.kind == "refund"})
    return db.run_write(lambda session: keep_day(session, name, day, lines))


def note_trouble(name: str, day: date, words: str) -> None:
    """The bill could not be read: kept beside it, and tried again after a growing pause."""

    def keep(session: Session) -> None:
        for tenant_id in sorted(counties(session, name))[:1]:
            bill = _bill(session, tenant_id, name, day)
            pause = min(FIRST_PAUSE * 2 ** min(bill.tries, 10), LONGEST_PAUSE)
            bill.tries, bill.trouble, bill.next_try_at = bill.tries + 1, words[:200], clock.now() + pause
            session.add(bill)

    db.run_write(keep)


def look_again(session: Session, bill: GatewayBill) -> None:
    """Judge a bill that was read by how things stand now."""
    judge(session, bill, [])


def counties(session: Session, name: str) -> set[int]:
    """Those that took money through the gateway, and the one that first tried."""
    held = session.exec(select(Account.tenant_id).where(Account.code == gateway(name)).distinct()).all()
    first = session.exec(
        select(PaymentAttempt.tenant_id).where(PaymentAttempt.provider == name).order_by(col(PaymentAttempt.id)).limit(1)
    ).all()
    return {*held, *first}


def keep_day(session: Session, name: str, day: date, lines: Sequence[BillLine]) -> list[str]:
    """Keep and compare what a bill says; the codes of the counties' bills."""
    owners = _owners(session, name, lines)
    shared = counties(session, name) | set(owners.values())
    if not shared:
        return []
    home, codes = min(shared), []
    for tenant_id in sorted(shared):
        own = [line for line in lines if owners.get((line.kind, line.number), home) == tenant_id]
        bill = _bill(session, tenant_id, name, day)
        now = clock.now()
        bill.read_at, bill.reads, bill.trouble, bill.next_try_at = now, bill.reads + 1, "", None
        session.add(bill)
        session.flush()
        fresh = _kept(session, bill, own)
        keep_fee(session, bill, sum(line.fee_fen for line in own if (line.kind, line.number) in fresh))
        if len(shared) == 1:
            book_line(session, bill)
        judge(session, bill, _twice(session, bill, [line for line in own if (line.kind, line.number) not in fresh]))
        codes.append(bill.code)
    return codes


def _owners(session: Session, name: str, lines: Sequence[BillLine]) -> dict[tuple[str, str], int]:
    """Whose attempt, refund or request for shares a number is."""
    attempts = select(PaymentAttempt.code, PaymentAttempt.tenant_id)
    refunds = select(Refund.code, Refund.tenant_id).join(PaymentAttempt, col(PaymentAttempt.id) == col(Refund.attempt_id))
    shares = select(ShareRequest.code, ShareRequest.tenant_id).join(PaymentAttempt, col(PaymentAttempt.id) == col(ShareRequest.attempt_id))
    found: dict[tuple[str, str], int] = {}
    for kind, code, query in (
        ("payment", PaymentAttempt.code, attempts), ("refund", Refund.code, refunds), ("royalty", ShareRequest.code, shares),
    ):  # fmt: skip
        numbers = sorted({line.number for line in lines if line.kind == kind})
        for start in range(0, len(numbers), MANY):
            rows = session.exec(query.where(col(code).in_(numbers[start : start + MANY]), PaymentAttempt.provider == name))
            found |= {(kind, number): tenant_id for number, tenant_id in rows}
    return found


def _bill(session: Session, tenant_id: int, name: str, day: date) -> GatewayBill:
    """The day's row, made where there is none, locked until commit."""
    fresh = {"tenant_id": tenant_id, "code": new_code("GB"), "provider": name, "day": day, "reads": 0, "tries": 0, "trouble": ""}
    _BEGIN.run(session, fresh)
    named = select(GatewayBill).where(GatewayBill.tenant_id == tenant_id, GatewayBill.provider == name, GatewayBill.day == day)
    return session.exec(named.with_for_update().execution_options(populate_existing=True)).one()


def _kept(session: Session, bill: GatewayBill, lines: Sequence[BillLine]) -> set[tuple[str, str]]:
    """Keep the lines that no bill holds yet; which those are."""
    rows = [
        {
            "tenant_id": bill.tenant_id, "bill_id": bill.id, "provider": bill.provider, "kind": line.kind, "number": line.number[:100],
            "amount_fen": line.amount_fen, "fee_fen": line.fee_fen, "happened_at": line.at,
        }
        for line in lines
    ]  # fmt: skip
    return {(row.kind, row.number) for row in _KEEP.run(session, rows)} if rows else set()


def _twice(session: Session, bill: GatewayBill, lines: Sequence[BillLine]) -> list[Difference]:
    """Lines that a bill held before: the same again is the same; on another day or with another amount it is an exception."""
    found = []
    for line in lines:
        known = session.exec(
            select(GatewayBillLine).where(
                GatewayBillLine.provider == bill.provider, GatewayBillLine.kind == line.kind, GatewayBillLine.number == line.number[:100]
            )
        ).one()
        if (known.bill_id, known.amount_fen, known.fee_fen) != (bill.id, line.amount_fen, line.fee_fen):
            found.append(Difference(Differs.TWICE, line.kind, line.number[:100], known.amount_fen, line.amount_fen))
    return found


def judge(session: Session, bill: GatewayBill, more: Sequence[Difference]) -> None:
    """Exceptions as the bill and we stand now: new ones are opened, what both say alike by now is healed."""
    found = {each.key: each for each in [*differences(session, bill), *more]}
    known = {(e.kind, e.about, e.number): e for e in session.exec(select(BillException).where(BillException.bill_id == bill.id))}
    for key, each in found.items():
        if key not in known:
            _open(session, bill, each)
        elif known[key].status == ExceptionStatus.HEALED:
            _move(session, known[key], ExceptionStatus.OPEN)
    _heal(session, known, found)


def _heal(session: Session, known: Mapping[tuple[str, str, str], BillException], found: Collection[tuple[str, str, str]]) -> None:
    for key, standing in known.items():
        if key not in found and standing.status in STANDING and standing.kind in BY_ITSELF:
            _move(session, standing, ExceptionStatus.HEALED)


def _open(session: Session, bill: GatewayBill, told: Difference) -> None:
    row = BillException(
        tenant_id=bill.tenant_id, code=new_code("GX"), bill_id=bill.id or 0, kind=told.kind, about=told.about, number=told.number,
        ours_fen=told.ours_fen, theirs_fen=told.theirs_fen, opened_at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    began(session, EXCEPTION, ExceptionStatus.OPEN, tenant_id=bill.tenant_id, subject=row.code, by="bill")


def _move(session: Session, row: BillException, target: ExceptionStatus) -> None:
    move(session, BillException, row.id or 0, "status", EXCEPTION, row.status, target, tenant_id=row.tenant_id, subject=row.code, by="bill")
