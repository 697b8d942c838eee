"""The fen of subsidies: a budget and a cap that are never passed, however many run at once, and the journals of what moves.

`subsidy`: Dr funder / Cr the beneficiary, one an award, beside its row of income. `subsidy_back`: the other way; a party whose account
holds less owes the rest (`debt:`). `subsidy_in`: the funder paid, Dr bank / Cr funder. `funder:{programme}` is what the funder owes,
below zero what was paid ahead.
"""

from sqlalchemy import ColumnElement, update
from sqlmodel import Session, col

from core import i18n
from core.ledger.models import Journal, Side
from core.ledger.service import held_now, open_account, post
from core.money import format_fen
from core.upsert import Upsert
from supply.counties.profile_subsidies import SubsidyRule

from .models import SubsidyAward, SubsidyCap, SubsidyFund, SubsidyPayment

BACK = i18n.kept("补贴的由头没有了，收回 {fee} 元：{what}")
PAID = i18n.kept("补贴拨款到账：{reference}")
_FIRST = Upsert(
    SubsidyCap,
    lambda insert: insert.on_conflict_do_nothing(index_elements=["fund_id", "party_kind", "party_code", "period"]),
)


def take(session: Session, rule: SubsidyRule, award: SubsidyAward) -> str:
    """Take an award's fen from the budget and from under the cap, in one guarded UPDATE each; what there is no room in, or nothing."""
    fund = (col(SubsidyFund.id) == award.fund_id, col(SubsidyFund.taken_fen) + award.amount_fen <= col(SubsidyFund.budget_fen))
    if rule.cap_fen is not None and not _take_of_cap(session, rule.cap_fen, award):
        return "cap"
    taken = update(SubsidyFund).where(*fund).values(taken_fen=SubsidyFund.taken_fen + award.amount_fen)
    if session.execute(taken.execution_options(synchronize_session=False)).rowcount:  # type: ignore[attr-defined]
        return ""
    if rule.cap_fen is not None:
        _give_to_cap(session, award)
    return "budget"


def _take_of_cap(session: Session, cap_fen: int, award: SubsidyAward) -> bool:
    party = {"party_kind": award.party_kind, "party_code": award.party_code, "period": award.cap_period}
    _FIRST.run(session, {"fund_id": award.fund_id, "tenant_id": award.tenant_id, "cap_fen": cap_fen, "taken_fen": 0, **party})
    room = col(SubsidyCap.taken_fen) + award.amount_fen <= cap_fen
    taken = update(SubsidyCap).where(*_cap_of(award), room).values(taken_fen=SubsidyCap.taken_fen + award.amount_fen, cap_fen=cap_fen)
    return bool(session.execute(taken.execution_options(synchronize_session=False)).rowcount)  # type: ignore[attr-defined]


def _cap_of(award: SubsidyAward) -> tuple[ColumnElement[bool], ...]:
    return (
        col(SubsidyCap.fund_id) == award.fund_id, col(SubsidyCap.party_kind) == award.party_kind,
        col(SubsidyCap.party_code) == award.party_code, col(SubsidyCap.period) == award.cap_period,
    )  # fmt: skip


def _give_to_cap(session: Session, award: SubsidyAward) -> None:
    given = update(SubsidyCap).where(*_cap_of(award)).values(taken_fen=SubsidyCap.taken_fen - award.amount_fen)
    session.execute(given.execution_options(synchronize_session=False))


def give_back(session: Session, award: SubsidyAward, *, is_capped: bool) -> None:
    """What an award took is free again."""
    fund = update(SubsidyFund).where(col(SubsidyFund.id) == award.fund_id)
    given = fund.values(taken_fen=SubsidyFund.taken_fen - award.amount_fen)
    session.execute(given.execution_options(synchronize_session=False))
    if is_capped:
        _give_to_cap(session, award)


def party_account(award: SubsidyAward) -> str:
    return "platform" if award.party_kind == "platform" else f"{award.party_kind}:{award.party_code}"


def pay(session: Session, fund: SubsidyFund, award: SubsidyAward) -> Journal:
    lines = {f"funder:{fund.code}": award.amount_fen, party_account(award): -award.amount_fen}
    return _post(session, award.tenant_id, f"subsidy:{award.code}", "subsidy", lines, award.code, award.words)


def take_back(session: Session, fund: SubsidyFund, award: SubsidyAward) -> Journal:
    """Out of the party's account what it holds, the rest out of its next income."""
    party = party_account(award)
    held = award.amount_fen
    if award.party_kind != "platform":
        held = min(held, max(0, held_now(session, [party], tenant_id=award.tenant_id).get(party, 0)))
    lines = {party: held, f"debt:{party}": award.amount_fen - held, f"funder:{fund.code}": -award.amount_fen}
    memo = BACK.format(fee=format_fen(award.amount_fen), what=award.words)
    return _post(session, award.tenant_id, f"subsidy_back:{award.code}", "subsidy_back", lines, award.code, memo)


def receive(session: Session, fund: SubsidyFund, payment: SubsidyPayment) -> Journal:
    lines = {"bank": payment.amount_fen, f"funder:{fund.code}": -payment.amount_fen}
    memo = PAID.format(reference=payment.reference)
    return _post(session, payment.tenant_id, f"subsidy_in:{payment.code}", "subsidy_in", lines, payment.code, memo)


DEBIT = ("funder", "bank", "debt")
NEGATIVE = ("funder", "bank", "platform")


def _post(session: Session, tenant_id: int, key: str, kind: str, lines: dict[str, int], cause: str, memo: str) -> Journal:
    ids = {}
    for code in sorted(code for code, fen in lines.items() if fen):
        group = code.partition(":")[0]
        side = Side.DEBIT if group in DEBIT else Side.CREDIT
        ids[code] = open_account(session, code, tenant_id=tenant_id, side=side, may_be_negative=group in NEGATIVE).id or 0
    pairs = [(ids[code], lines[code]) for code in ids]
    return post(session, key, pairs, tenant_id=tenant_id, kind=kind, cause_kind="subsidy", cause_code=cause, memo=memo)
