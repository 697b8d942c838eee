"""Awards: what stands of a month is awarded once, however often and by how many it is asked; what the budget has no room for waits.

A county's month holds a hundred thousand pieces: they are looked through once, beside everybody else, and awarded so many at a time. A
part locks its programme's budget first, so that two runs of it follow each other; where another run was here since the look, or the rule
is another, the part is left and the month looked at again.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice
from typing import NamedTuple

from sqlmodel import Session, col, func, select

from core import clock, codes
from core.status import move, tell, told
from fulfillment.income.models import Source
from fulfillment.income.service import Earned, record

from . import grants, money, online, pieces, stations, vehicles  # noqa: F401 - each registers how its causes are found
from .amounts import amount_of
from .due import FINDERS, Asked, Due, known_causes
from .models import AWARD, AwardState, SubsidyAward, SubsidyFund, SubsidyVersion
from .rules import WAITS_FOR_THE_END, cap_period, rule_of, turned, version_for
from .undoing import fallen_of, undo_named
from .words import sentence

AT_ONCE = 200  # causes in one transaction: others write in between


class Seen(NamedTuple):
    """What a look at a programme's month found: awards whose causes fell, by their codes, and causes that have no row yet.

    `version_id` reckons them (0: none is in force), `mark` is the programme's last award of then.
    """

    version_id: int
    mark: int
    fallen: Sequence[str]
    fresh: Sequence[Due]

    def parts(self) -> Iterator["Seen"]:
        """So many at a time, what fell first: it makes room. One without anything where nothing was found: what waits is looked at too."""
        cut = [(self.fallen[n : n + AT_ONCE], ()) for n in range(0, len(self.fallen), AT_ONCE)]
        cut += [((), self.fresh[n : n + AT_ONCE]) for n in range(0, len(self.fresh), AT_ONCE)]  # type: ignore[misc]
        for fallen, fresh in cut or [((), ())]:
            yield self._replace(fallen=fallen, fresh=fresh)


class Done(NamedTuple):
    """How many rows a part made, awarded or undid, and the programme's last award now."""

    changed: int
    mark: int


def look(session: Session, fund_id: int, month: date) -> Seen:
    """What there is to do for one programme's month, `month` its first day. Writes nothing."""
    fund = session.get_one(SubsidyFund, fund_id)
    mark = _last_award(session, fund_id)  # before looking: what comes meanwhile makes the look an old one
    fallen = fallen_of(session, fund_id, fund.tenant_id, month)
    version = version_for(session, fund_id, month)
    if version is None:
        return Seen(0, mark, fallen, ())
    rule, is_over = rule_of(version), turned(month, 1) <= clock.today()
    if rule.basis in WAITS_FOR_THE_END and not is_over:
        return Seen(version.id or 0, mark, fallen, ())
    asked = Asked(fund.tenant_id, fund_id, rule, month)
    found = sorted(FINDERS[rule.basis](session, asked), key=lambda due: (due.day, due.cause_code, due.period))
    known = known_causes(session, asked, (due.cause_code for due in found))
    return Seen(version.id or 0, mark, fallen, [due for due in found if due.key not in known and amount_of(rule, due.facts)])


def award_month(session: Session, fund_id: int, month: date, *, by: str = "") -> int:
    """The first of what there is to do, in the caller's transaction; returns how many rows were made, awarded or undone."""
    fund = _locked(session, fund_id)
    return sum(_do(session, fund, part, month, by=by) for part in islice(look(session, fund_id, month).parts(), 2))


def award_part(session: Session, fund_id: int, month: date, part: Seen, mark: int) -> Done | None:
    """A part of what a look found, in a transaction of its own; None where it is no longer as it was seen.

    `mark` is the programme's last award as the run that looked knows it: of then, or its own part's before this.
    """
    fund = _locked(session, fund_id)
    version = version_for(session, fund_id, month)
    if _last_award(session, fund_id) != mark or (version.id if version else 0) != part.version_id:
        return None
    changed = _do(session, fund, part, month, by="")
    return Done(changed, _last_award(session, fund_id))


def _locked(session: Session, fund_id: int) -> SubsidyFund:
    asked = select(SubsidyFund).where(SubsidyFund.id == fund_id).with_for_update().execution_options(populate_existing=True)
    return session.exec(asked).one()


def _last_award(session: Session, fund_id: int) -> int:
    return session.exec(select(func.max(SubsidyAward.id)).where(SubsidyAward.fund_id == fund_id)).one() or 0


def _do(session: Session, fund: SubsidyFund, part: Seen, month: date, *, by: str) -> int:
    changed = undo_named(session, fund, part.fallen, by=by)
    session.refresh(fund)
    changed += _again(session, fund, by=by)
    session.refresh(fund)
    if not part.fresh:
        return changed
    version = session.get_one(SubsidyVersion, part.version_id)
    asked = Asked(fund.tenant_id, fund.id or 0, rule_of(version), month)
    made = [_row(asked, version, due) for due in part.fresh]
    session.add_all(made)
    session.flush()
    tell(session, [told(AWARD, AwardState.WAITING, tenant_id=fund.tenant_id, subject=row.code, by=by) for row in made])
    for row in made:
        _settle(session, fund, version, row, by=by)
    session.flush()
    session.refresh(fund)
    return changed + len(made)


def _row(asked: Asked, version: SubsidyVersion, due: Due) -> SubsidyAward:
    rule = asked.rule
    amount = amount_of(rule, due.facts)
    return SubsidyAward(
        tenant_id=asked.tenant_id, code=codes.new_code("SA"), fund_id=asked.fund_id, version_id=version.id or 0, state=AwardState.WAITING,
        cause_kind=due.cause_kind, cause_code=due.cause_code, period=due.period, month=asked.month,
        cap_period=cap_period(rule, asked.month), party_kind=due.party_kind, party_code=due.party_code, amount_fen=amount,
        words=sentence(rule, due, amount), facts=dict(due.facts), waits_for="budget", made_at=clock.now(),
    )  # fmt: skip


def _again(session: Session, fund: SubsidyFund, *, by: str) -> int:
    """What waited for room, the oldest first."""
    waiting = session.exec(
        select(SubsidyAward)
        .where(
            SubsidyAward.fund_id == fund.id, SubsidyAward.state == AwardState.WAITING,
            SubsidyAward.amount_fen <= fund.budget_fen - fund.taken_fen,
        )
        .order_by(col(SubsidyAward.waits_for), col(SubsidyAward.id))
        .limit(AT_ONCE)
    ).all()  # fmt: skip
    return sum(_settle(session, fund, session.get_one(SubsidyVersion, row.version_id), row, by=by) for row in waiting)


def _settle(session: Session, fund: SubsidyFund, version: SubsidyVersion, row: SubsidyAward, *, by: str) -> bool:
    """Award a waiting row if there is room for it."""
    if lacks := money.take(session, rule_of(version), row):
        row.waits_for = lacks
        session.add(row)
        return False
    now = clock.now()
    move(
        session, SubsidyAward, row.id or 0, "state", AWARD, AwardState.WAITING, AwardState.AWARDED, tenant_id=row.tenant_id,
        subject=row.code, by=by, values={"waits_for": "", "awarded_at": now},
    )  # fmt: skip
    journal = money.pay(session, fund, row)
    if row.party_kind != "platform":
        record(session, [_earned(version, row)], tenant_id=row.tenant_id, journal_id=journal.id, payable_at=now)
    return True


def _earned(version: SubsidyVersion, row: SubsidyAward) -> Earned:
    return Earned(
        key=f"{row.code}:subsidy", party_kind=row.party_kind, party_code=row.party_code, source=Source.SUBSIDY, amount_fen=row.amount_fen,
        cause_kind="subsidy", cause_code=row.code, words=row.words, facts={"name": rule_of(version).name},
        rule_version=str(version.version),
    )  # fmt: skip


def funds_of(session: Session, tenant_id: int) -> Sequence[int]:
    """The county's programmes, by their rows' ids."""
    return [
        each or 0 for each in session.exec(select(SubsidyFund.id).where(SubsidyFund.tenant_id == tenant_id).order_by(col(SubsidyFund.id)))
    ]
