"""The same told corridor by corridor: by which means a township is served on the plan's day, which the plan chose, and why.

A parcel belongs to the township of the station that packed it and to the line it boards first. Why is said by the line that takes most of a
township's parcels of those means; a means that runs there and took nothing is named with nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import distinct
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, func

from core import i18n
from fulfillment.consignments.models import Parcel
from fulfillment.network.models import Line, StopTime
from fulfillment.timetable.models import Departure, DepartureStatus
from supply.counties.models import Township
from supply.stations.models import Node, NodeKind

from .api_shapes import ChosenMeans, MeansOfTownship
from .means import MEANS
from .means_words import MEANS_WORDS, Told
from .models import BatchPlan, PlannedLeg


class Chosen(NamedTuple):
    """One means in a township: how often it runs there that day, what the plan gave it, and the line that says why."""

    means: str
    runs: int
    parcels: int
    told: Told | None

    @property
    def name(self) -> str:
        return i18n.gettext(MEANS_WORDS.get(self.means, self.means))

    def as_json(self) -> ChosenMeans:
        return {
            "means": self.means, "runs": self.runs, "parcels": self.parcels, "line": self.told.line.code if self.told else None,
            "reason": self.told.reason if self.told else None, "words": self.told.words if self.told else "",
        }  # fmt: skip


class Corridor(NamedTuple):
    township: str
    parcels: int
    means: list[Chosen]

    def as_json(self) -> MeansOfTownship:
        return {"township": self.township, "parcels": self.parcels, "means": [chosen.as_json() for chosen in self.means]}


def told_townships(session: Session, plan: BatchPlan, lines: Sequence[Told]) -> list[Corridor]:
    """The townships of a plan's parcels, those with most first; `lines` are the plan's own. Two queries."""
    told, chosen = {row.line.code: row for row in lines}, _chosen(session, plan)
    runs = _runs(session, plan) if chosen else {}
    corridors = []
    for township, by_line in chosen.items():
        taken: dict[str, Counter[str]] = defaultdict(Counter)
        for (code, kind), parcels in by_line.items():
            taken[MEANS.get(kind, kind)][code] += parcels
        means = [
            Chosen(each, runs.get((township, each), 0), took.total(), told.get(took.most_common(1)[0][0]) if took else None)
            for each in sorted({*taken, *(served for place, served in runs if place == township)})
            for took in [taken.get(each, Counter())]
        ]
        corridors.append(Corridor(township, sum(by_line.values()), sorted(means, key=lambda m: (-m.parcels, -m.runs, m.means))))
    return sorted(corridors, key=lambda c: (-c.parcels, c.township))


def _chosen(session: Session, plan: BatchPlan) -> dict[str, dict[tuple[str, str], int]]:
    """Parcels of the plan by township, and by code and kind of the line they board first."""
    found: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    rows = session.execute(
        sql_select(col(Township.name), col(Line.code), col(Line.kind), func.count())
        .join_from(PlannedLeg, Parcel, col(Parcel.id) == col(PlannedLeg.parcel_id))
        .join(Node, col(Node.id) == col(Parcel.station_id))
        .join(Township, col(Township.id) == col(Node.township_id))
        .join(Departure, col(Departure.id) == col(PlannedLeg.departure_id))
        .join(Line, col(Line.id) == col(Departure.line_id))
        .where(col(PlannedLeg.plan_id) == plan.id, col(PlannedLeg.position) == 0)
        .group_by(col(Township.name), col(Line.code), col(Line.kind))
        .order_by(col(Township.name), col(Line.code))
    )
    for township, code, kind, parcels in rows:
        found[township][code, kind] = parcels
    return found


def _runs(session: Session, plan: BatchPlan) -> dict[tuple[str, str], int]:
    """How many departures that take goods call in a township on the plan's day, hubs aside, by township and means."""
    found: Counter[tuple[str, str]] = Counter()
    rows = session.execute(
        sql_select(col(Township.name), col(Line.kind), func.count(distinct(col(Departure.id))))
        .join_from(Departure, Line, col(Line.id) == col(Departure.line_id))
        .join(StopTime, col(StopTime.trip_id) == col(Departure.trip_id))
        .join(Node, col(Node.id) == col(StopTime.node_id))
        .join(Township, col(Township.id) == col(Node.township_id))
        .where(
            col(Departure.tenant_id) == plan.tenant_id, col(Departure.service_date) == plan.service_date, col(Departure.cap_g) > 0,
            col(Departure.status) != DepartureStatus.CANCELLED, col(Node.kind) != NodeKind.HUB,
        )
        .group_by(col(Township.name), col(Line.kind))
    )  # fmt: skip
    for township, kind, runs in rows:
        found[township, MEANS.get(kind, kind)] += runs
    return found
