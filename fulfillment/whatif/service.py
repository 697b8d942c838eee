"""Scenarios and proposals: made, changed, asked for and answered. Nothing here touches the real timetable."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from sqlmodel import Session, col, func, select

from core import clock, i18n
from core.codes import new_code
from core.errors import Conflict, NotFound, Refused, TooMany
from core.outbox import emit
from fulfillment.batching.instance import Instance
from fulfillment.network.models import Vehicle
from fulfillment.network.rules import hub_rules, run_rules
from supply.counties.models import County

from .changes import MOST_CHANGES, Bay, Change, ChangeRefused, apply_changes
from .changes_data import change_of
from .days import bay_of, counts_back, day_before, day_of, flows_of, timetable_of, typical_days
from .models import ProposalRun, WhatIf
from .month import Month
from .worth import box_of

_ = i18n.gettext
MOST_AT_ONCE: Final = 2  # scenarios that are being solved in a county
MOST_A_DAY: Final = 60
MOST_MONTHS_A_DAY: Final = 8
MOST_MADE: Final = "60/hour"  # scenarios by one person
MONTH_KEPT: Final = timedelta(hours=1)  # within it a second asking gets the same proposals
GIVEN_UP: Final = timedelta(minutes=10)  # what is still solving then has lost its solver, and may be asked for again
NEAR: Final = 30  # days around today that a scenario may stand on


class WhatIfUnknown(NotFound):
    """No such scenario in this county."""

    code = "what_if_unknown"


class ProposalsUnknown(NotFound):
    """No such proposals in this county."""

    code = "proposals_unknown"


class StillSolving(Conflict):
    """It is being solved: its changes stand still until then."""

    code = "still_solving"


class EnoughSolved(TooMany):
    """So many are being solved, or were today; `retry_after_s` says when to ask again."""

    code = "enough_solved"


class NothingSent(Refused):
    """No parcels were ready in the last weeks: there is nothing to try a timetable with."""

    code = "nothing_sent"


def find_scenario(session: Session, tenant_id: int, code: str, *, for_update: bool = False) -> WhatIf:
    """Raises WhatIfUnknown."""
    asked = select(WhatIf).where(WhatIf.tenant_id == tenant_id, WhatIf.code == code)
    row = session.exec(asked.with_for_update() if for_update else asked).first()
    if row is None:
        raise WhatIfUnknown("没有这份试算")
    return row


def find_proposals(session: Session, tenant_id: int, code: str) -> ProposalRun:
    """Raises ProposalsUnknown."""
    row = session.exec(select(ProposalRun).where(ProposalRun.tenant_id == tenant_id, ProposalRun.code == code)).first()
    if row is None:
        raise ProposalsUnknown("没有这份建议")
    return row


def make_scenario(
    session: Session, county: County, day: date, *, title: str = "", changes: Sequence[dict[str, Any]] = (), by: str = ""
) -> WhatIf:
    """A scenario of a day with these changes, which `refuse_impossible` has looked at; not solved yet. Raises Refused for a far day."""
    refuse_far_day(day)
    scenario = WhatIf(
        tenant_id=county.id, code=new_code("W"), title=title, service_date=day, changes=list(changes), made_by=by, made_at=clock.now()
    )
    session.add(scenario)
    session.flush()
    return scenario


def refuse_far_day(day: date) -> None:
    if abs((day - clock.today()).days) > NEAR:
        raise Refused("试算的日子要在前后一个月之内", field="date")


def refuse_impossible(session: Session, county: County, day: date, changes: Sequence[dict[str, Any]]) -> None:
    """The changes tried on the day's empty roads, so that what is wrong is said before anybody waits for it. Raises ChangeRefused, Refused.

    It reads the whole timetable: before a writing session is opened, not in it. A change that becomes impossible later is said when it
    is solved.
    """
    refuse_far_day(day)
    if changes:
        timetable = timetable_of(session, county, day)
        apply_changes(timetable.roads, changes_of(session, county, changes), timetable.spots)


def day_of_proposal(session: Session, county: County, code: str, position: int) -> tuple[date, dict[str, Any]]:
    """The next day on which a proposal's run runs, and its change. Raises ProposalsUnknown, Refused where there is no such proposal."""
    items = find_proposals(session, county.id, code).answer.get("items", [])
    if not position < len(items):
        raise Refused("没有这条建议", field="position")
    change, tomorrow = items[position]["change"], clock.today() + timedelta(days=1)
    for n in range(7):
        try:
            refuse_impossible(session, county, tomorrow + timedelta(days=n), [change])
        except ChangeRefused as refused:
            last = refused
        else:
            return tomorrow + timedelta(days=n), change
    raise last


def add_change(session: Session, county: County, code: str, data: dict[str, Any]) -> WhatIf:
    """One more change, after those it has. Raises StillSolving, ChangeRefused where there are too many."""
    scenario = _to_change(session, county, code)
    if len(scenario.changes) >= MOST_CHANGES:
        raise ChangeRefused(_("一份试算最多 {n} 处改动").format(n=MOST_CHANGES))
    return _drafted(session, scenario, [*scenario.changes, data])


def remove_change(session: Session, county: County, code: str, position: int) -> WhatIf:
    """Take the change at `position` out. Raises StillSolving."""
    scenario = _to_change(session, county, code)
    return _drafted(session, scenario, [c for n, c in enumerate(scenario.changes) if n != position])


def _to_change(session: Session, county: County, code: str) -> WhatIf:
    scenario = find_scenario(session, county.id, code, for_update=True)
    if scenario.status == "solving" and _is_alive(scenario):
        raise StillSolving("正在算，算完再改")
    return scenario


def _drafted(session: Session, scenario: WhatIf, changes: list[dict[str, Any]]) -> WhatIf:
    """What was solved before is of other changes."""
    scenario.changes, scenario.status, scenario.answer, scenario.finished_at = changes, "draft", {}, None
    session.add(scenario)
    session.flush()
    return scenario


def changes_of(session: Session, county: County, changes: Sequence[dict[str, Any]]) -> list[Change]:
    bays = vehicle_bays(session, county) if any(c.get("vehicle") for c in changes) else {}
    return [change_of(data, bays) for data in changes]


def vehicle_bays(session: Session, county: County) -> dict[str, Bay]:
    """The whole bays of the county's vehicles by code: an extra run is run for goods."""
    rows = session.exec(select(Vehicle).where(Vehicle.tenant_id == county.id, col(Vehicle.bay_g) > 0).order_by(col(Vehicle.code)))
    caps = {v.code: (bay_of(v, 0), tuple(v.tiers)) for v in rows}
    return {
        code: Bay(round(c.g), round(c.ml), c.boxes, None if c.chilled_ml is None else round(c.chilled_ml), tiers)
        for code, (c, tiers) in caps.items()
    }


def ask_scenario(session: Session, county: County, code: str) -> WhatIf:
    """Have it solved after the commit; one that is being solved or is solved as it stands is left alone.

    Raises EnoughSolved, Refused where nothing is changed.
    """
    scenario = find_scenario(session, county.id, code, for_update=True)
    if scenario.status == "done" or (scenario.status == "solving" and _is_alive(scenario)):
        return scenario
    if not scenario.changes:
        raise Refused("先加一处改动，再算", field="changes")
    _refuse_too_many(session, county, WhatIf, MOST_AT_ONCE, MOST_A_DAY)
    scenario.status, scenario.asked_at, scenario.answer = "solving", clock.now(), {}
    session.add(scenario)
    session.flush()
    emit(session, "what_if.asked", tenant_id=county.id, key=new_code("W"), payload={"code": code})
    return scenario


def ask_proposals(session: Session, county: County, *, by: str = "") -> ProposalRun:
    """Have the last weeks looked at after the commit; what is being made, or was made within the hour, is given again.

    Raises NothingSent, EnoughSolved.
    """
    now = clock.now()
    last = last_proposals(session, county.id)
    if last is not None and (
        (last.status == "solving" and _is_alive(last)) or (last.status == "done" and now - last.asked_at < MONTH_KEPT)
    ):
        return last
    if not counts_back(session, county, clock.today() - timedelta(days=1)):
        raise NothingSent("最近四周没有发过包裹，还没有可以算的")
    _refuse_too_many(session, county, ProposalRun, 1, MOST_MONTHS_A_DAY)
    run = ProposalRun(tenant_id=county.id, code=new_code("V"), asked_by=by, asked_at=now)
    session.add(run)
    session.flush()
    emit(session, "proposals.asked", tenant_id=county.id, key=run.code, payload={"code": run.code})
    return run


def last_proposals(session: Session, tenant_id: int) -> ProposalRun | None:
    return session.exec(select(ProposalRun).where(ProposalRun.tenant_id == tenant_id).order_by(col(ProposalRun.id).desc()).limit(1)).first()


def _is_alive(row: WhatIf | ProposalRun) -> bool:
    return row.asked_at is not None and clock.now() - row.asked_at < GIVEN_UP


def _refuse_too_many(session: Session, county: County, table: type[WhatIf] | type[ProposalRun], at_once: int, a_day: int) -> None:
    """The county's row is locked first: two who ask at once are counted one after the other."""
    session.exec(select(County.id).where(County.id == county.id).with_for_update()).one()
    mine = select(func.count()).select_from(table).where(table.tenant_id == county.id)
    if session.exec(mine.where(table.status == "solving", col(table.asked_at) > clock.now() - GIVEN_UP)).one() >= at_once:
        raise EnoughSolved(_("已经有 {n} 份在算，等算完再来").format(n=at_once), retry_after_s=30)
    if session.exec(mine.where(col(table.asked_at) > clock.now() - timedelta(days=1))).one() >= a_day:
        raise EnoughSolved(_("一天最多算 {n} 份，明天再来").format(n=a_day), retry_after_s=3600)


def problem_of(session: Session, county: County, scenario: WhatIf) -> tuple[Instance, Instance, date]:
    """The day as it is, the day as changed, and the day its parcels are of. Raises NothingSent, ChangeRefused."""
    day, today = scenario.service_date, clock.today()
    lent = day_before(counts_back(session, county, min(day, today)), day)
    if lent is None:
        raise NothingSent("最近四周没有发过包裹，还没有可以算的")
    timetable = timetable_of(session, county, day)
    base = day_of(timetable, 0, flows_of(session, county, lent), hub_rules(county).hold_fen_per_h)
    return base, apply_changes(base, changes_of(session, county, scenario.changes), timetable.spots), lent


def month_of(session: Session, county: County) -> tuple[Month, dict[str, Any]]:
    """The last four weeks as seven typical days on the timetable of the coming week, and what was looked at."""
    tomorrow = clock.today() + timedelta(days=1)
    counts = counts_back(session, county, tomorrow - timedelta(days=2))
    typical = typical_days(counts)
    timetable = timetable_of(session, county, tomorrow, 7 + 3)
    hold = hub_rules(county).hold_fen_per_h
    days = []
    for n in range(7):
        lent = typical.get((tomorrow + timedelta(days=n)).weekday())
        days.append(day_of(timetable, n, flows_of(session, county, lent) if lent else (), hold))
    seen = {"days": len(counts), "parcels": sum(counts.values())}
    return Month(tuple(days), run_rules(county), box_of(county), timetable.spots), seen
