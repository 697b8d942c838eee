"""Per vehicle-month, and once after so many months: what a vehicle ran on the lines that count, paid to the firm that runs most of them.

A run counts that left. A month counts in which the vehicle made the runs the rule asks for, at least one.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from sqlalchemy import select as sql_select
from sqlmodel import Session, col, func

from fulfillment.network.models import Line, Vehicle
from fulfillment.timetable.models import Departure, DepartureStatus

from .due import Asked, Due, finds, known_of
from .rules import year_of


class Ran(NamedTuple):
    """Runs of a vehicle on one line on one day."""

    vehicle: str
    plate: str
    energy: str
    line: str
    operator: str
    day: date
    runs: int


def runs(session: Session, asked: Asked, first: date, after: date) -> Iterator[Ran]:
    rule = asked.rule
    query = (
        sql_select(
            col(Vehicle.code), col(Vehicle.plate), col(Vehicle.energy), col(Line.code), col(Line.operator), col(Departure.service_date),
            func.count(col(Departure.id)),
        )
        .select_from(Departure)
        .join(Vehicle, col(Vehicle.id) == col(Departure.vehicle_id))
        .join(Line, col(Line.id) == col(Departure.line_id))
        .where(
            col(Departure.tenant_id) == asked.tenant_id, col(Departure.service_date) >= first, col(Departure.service_date) < after,
            col(Departure.status).in_([DepartureStatus.DEPARTED, DepartureStatus.ARRIVED]), col(Line.operator) != "",
        )
        .group_by(
            col(Vehicle.code), col(Vehicle.plate), col(Vehicle.energy), col(Line.code), col(Line.operator), col(Departure.service_date)
        )
        .order_by(col(Vehicle.code), col(Departure.service_date), col(Line.code))
    )  # fmt: skip
    if rule.lines:
        query = query.where(col(Line.code).in_(rule.lines))
    if rule.energies:
        query = query.where(col(Vehicle.energy).in_(rule.energies))
    if rule.announced is not None:
        query = query.where(col(Line.published) == rule.announced)
    for row in session.execute(query):
        yield Ran(*row)


@finds("vehicle_month")
def find_months(session: Session, asked: Asked) -> Iterable[Due]:
    rule = asked.rule
    if rule.months and asked.month.month not in rule.months:
        return []
    known = known_of(session, asked, "vehicle")
    found = []
    for vehicle, ran in _by_vehicle(runs(session, asked, asked.first, asked.after)).items():
        if (total := sum(each.runs for each in ran)) >= (rule.min_runs or 1):
            facts = _facts(ran, total) | {"year": year_of(rule, ran[-1].day), "is_first": vehicle not in known}
            found.append(Due("vehicle", vehicle, f"{asked.month:%Y-%m}", "partner", _firm(ran), ran[-1].day, facts))
    return found


@finds("vehicle_once")
def find_years(session: Session, asked: Asked) -> Iterable[Due]:
    """Vehicles that have run in so many months since the programme began, this one the last."""
    rule, found = asked.rule, []
    for vehicle, ran in _by_vehicle(runs(session, asked, rule.starts, asked.after)).items():
        months: Counter[date] = Counter()
        for each in ran:
            months[each.day.replace(day=1)] += each.runs
        run_in = [month for month, total in months.items() if total >= (rule.min_runs or 1)]
        if len(run_in) >= (rule.after_months or 0):
            facts = _facts(ran, sum(each.runs for each in ran)) | {"months": len(run_in), "year": year_of(rule, ran[-1].day)}
            found.append(Due("vehicle", vehicle, "", "partner", _firm(ran), ran[-1].day, facts))
    return found


def _by_vehicle(ran: Iterable[Ran]) -> dict[str, list[Ran]]:
    found: dict[str, list[Ran]] = defaultdict(list)
    for each in ran:
        found[each.vehicle].append(each)
    return found


def _firm(ran: Iterable[Ran]) -> str:
    """The firm with most runs, the first by name where two have as many."""
    firms: Counter[str] = Counter()
    for each in ran:
        firms[each.operator] += each.runs
    return min(firms, key=lambda firm: (-firms[firm], firm))


def _facts(ran: list[Ran], total: int) -> dict[str, object]:
    lines: Counter[str] = Counter()
    for each in ran:
        lines[each.line] += each.runs
    return {
        "plate": ran[0].plate, "energy": ran[0].energy, "runs": total, "days": len({each.day for each in ran}),
        "from": ran[0].day.isoformat(), "until": ran[-1].day.isoformat(), "lines": dict(sorted(lines.items())),
    }  # fmt: skip
