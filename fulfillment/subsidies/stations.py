"""Per station: so much a month or a year for running, by its appraisal where the rule pays by grade.

A year is awarded with December, or with the last month of the programme. A grade counts once its document is confirmed.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date

from sqlmodel import Session, col, or_, select

from core import clock
from supply.stations.models import Station

from .due import Asked, Due, finds, known_of
from .models import SubsidyEvidence
from .pieces import pieces
from .rules import turned, year_of


@finds("station")
def find_stations(session: Session, asked: Asked) -> Iterable[Due]:
    rule = asked.rule
    is_yearly = rule.every == "year"
    if is_yearly and asked.month.month != 12 and turned(asked.month, 1) <= rule.ends:
        return []
    if rule.months and asked.month.month not in rule.months:
        return []
    period = f"{asked.month:%Y}" if is_yearly else f"{asked.month:%Y-%m}"
    first = max(asked.month.replace(month=1), rule.starts) if is_yearly else asked.first
    counted = _pieces(session, asked, first) if rule.min_pieces else Counter()
    grades = _grades(session, asked, period) if rule.grades is not None else {}
    known = known_of(session, asked, "station")
    last = date.fromordinal(asked.after.toordinal() - 1)
    found = []
    for station in _running(session, asked, last):
        if (rule.nodes and station.code not in rule.nodes) or counted[station.code] < (rule.min_pieces or 0):
            continue
        facts: dict[str, object] = {"year": year_of(rule, last), "is_first": station.code not in known, "node": station.code}
        if rule.min_pieces:
            facts["pieces"] = counted[station.code]
        if rule.grades is not None:
            if (proof := grades.get(station.code)) is None:
                continue
            facts |= {"grade": proof.grade, "evidence": proof.code, "document": proof.document}
        found.append(Due("station", station.code, period, "station", station.code, last, facts))
    return found


def _running(session: Session, asked: Asked, last: date) -> list[Station]:
    """Open stations, and those that closed only after the period's last day."""
    ended = clock.midnight(date.fromordinal(last.toordinal() + 1))
    query = select(Station).where(
        Station.tenant_id == asked.tenant_id, or_(col(Station.closed_at).is_(None), col(Station.closed_at) >= ended)
    )
    return list(session.exec(query.order_by(col(Station.code))))


def _pieces(session: Session, asked: Asked, first: date) -> Counter[str]:
    whole = asked.rule._replace(directions=None, zones=None, storage=None, categories=None, products=None)
    return Counter(piece.node for piece in pieces(session, asked.tenant_id, whole, first, asked.after))


def _grades(session: Session, asked: Asked, period: str) -> dict[str, SubsidyEvidence]:
    """The confirmed grade of each station for a period, the last confirmed of several."""
    query = select(SubsidyEvidence).where(
        SubsidyEvidence.fund_id == asked.fund_id, SubsidyEvidence.period == period, col(SubsidyEvidence.confirmed_at).is_not(None),
        col(SubsidyEvidence.withdrawn_at).is_(None), SubsidyEvidence.party_kind == "station",
    )  # fmt: skip
    return {each.party_code: each for each in session.exec(query.order_by(col(SubsidyEvidence.confirmed_at), col(SubsidyEvidence.id)))}
