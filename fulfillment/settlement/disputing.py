"""A party disputes a row; it stays out of every run until finance answers. What was frozen before is put right by a row of its own."""

from sqlalchemy import update
from sqlmodel import Session, col, select

from core import audit, clock, i18n
from core.codes import new_code
from core.errors import Conflict, NotFound, Refused
from core.money import format_fen
from core.pii import mask_numbers
from core.status import began, move
from fulfillment.income.models import IncomeEntry, IncomeState, Source
from fulfillment.income.service import Earned, record

from . import entries
from .models import DISPUTE, DisputeStatus, IncomeDispute

_ = i18n.gettext
GRANTED = i18n.kept("对 {code} 的疑问，财务答复后补的差额：{answer}")
TAKEN_OFF = i18n.kept("对 {code} 的疑问，财务核对后扣回的差额：{answer}")
MOST_FEN = 10_000_000  # a hundred thousand yuan: more than a row ever was


class DisputeUnknown(NotFound):
    """No such dispute here."""

    code = "dispute_unknown"


class AlreadyDisputed(Conflict):
    """An earlier dispute of the row has no answer yet."""

    code = "already_disputed"


def dispute(session: Session, row: IncomeEntry, *, by: str, reason: str) -> IncomeDispute:
    """Say that a row is wrong. Raises Refused, AlreadyDisputed; a row that was taken back is nobody's any more."""
    if not reason.strip():
        raise Refused(_("写一句哪里不对"), field="reason")
    locked = session.exec(
        select(IncomeEntry).where(IncomeEntry.id == row.id).with_for_update().execution_options(populate_existing=True)
    ).one()  # fmt: skip
    if locked.state == IncomeState.REVERSED:
        raise Conflict(_("这一笔已经退回，不用再提"))
    if session.exec(select(IncomeDispute.id).where(IncomeDispute.income_id == row.id, IncomeDispute.status == DisputeStatus.OPEN)).first():
        raise AlreadyDisputed(_("这一笔已经提过了，等财务答复"))
    now = clock.now()
    words = mask_numbers(reason.strip())
    found = IncomeDispute(
        tenant_id=row.tenant_id, code=new_code("DP"), income_id=row.id or 0, reason=words, opened_by=by, opened_at=now
    )  # fmt: skip
    session.add(found)
    session.flush()
    began(session, DISPUTE, DisputeStatus.OPEN, tenant_id=row.tenant_id, subject=found.code, by=by)
    if locked.statement_id is None:
        _hold(session, locked.id or 0, now)
    return found


def dispute_named(session: Session, code: str, *, tenant_id: int) -> IncomeDispute:
    """Raises DisputeUnknown."""
    found = session.exec(select(IncomeDispute).where(IncomeDispute.tenant_id == tenant_id, IncomeDispute.code == code)).first()
    if found is None:
        raise DisputeUnknown(_("没有这条疑问"))
    return found


def answer(session: Session, asked: IncomeDispute, *, by: str, words: str, granted_fen: int = 0) -> None:
    """Finance answers, with what it grants on top or, below zero, takes off: no more than the row gave. The row is free again.

    Raises Refused, StatusMoved when it was answered before.
    """
    if not words.strip():
        raise Refused(_("写一句答复"), field="answer")
    said, row = mask_numbers(words.strip()), session.get_one(IncomeEntry, asked.income_id)
    if granted_fen > MOST_FEN:
        raise Refused(_("差额最多 {n} 元").format(n=MOST_FEN // 100), field="granted")
    if granted_fen < -max(0, row.amount_fen):
        raise Refused(_("最多扣回这一笔的 {n} 元").format(n=format_fen(max(0, row.amount_fen))), field="taken")
    target = DisputeStatus.GRANTED if granted_fen > 0 else DisputeStatus.REDUCED if granted_fen else DisputeStatus.REFUSED
    move(
        session, IncomeDispute, asked.id or 0, "status", DISPUTE, DisputeStatus.OPEN, target, tenant_id=asked.tenant_id, subject=asked.code,
        by=by, values={"answer": said, "granted_fen": granted_fen, "answered_by": by, "answered_at": clock.now()},
    )  # fmt: skip
    _hold(session, row.id or 0, None)
    if granted_fen:
        journal = entries.grant(session, asked.tenant_id, asked.code, entries.party_account(row.party_kind, row.party_code), granted_fen)
        more = Earned(
            key=f"{asked.code}:granted", party_kind=row.party_kind, party_code=row.party_code, source=Source.ADJUSTMENT,
            amount_fen=granted_fen, cause_kind="dispute", cause_code=asked.code,
            words=(GRANTED if granted_fen > 0 else TAKEN_OFF).format(code=row.code, answer=said),
        )  # fmt: skip
        record(session, [more], tenant_id=asked.tenant_id, journal_id=journal, payable_at=clock.now())
    audit.record(
        session, "dispute.answer", tenant_id=asked.tenant_id, actor=f"user:{by}", subject=asked.code, reason=said, granted_fen=granted_fen
    )


def _hold(session: Session, row_id: int, since: object) -> None:
    held = update(IncomeEntry).where(col(IncomeEntry.id) == row_id).values(disputed_at=since)
    session.execute(held.execution_options(synchronize_session=False))
