"""What runs, lines and places are called by people, for pages and sentences; read in four queries."""

import re
from collections import defaultdict
from typing import NamedTuple

from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from core import i18n
from fulfillment.network.models import Line, StopTime, Trip, Vehicle
from supply.stations.models import Node

_ = i18n.gettext
COPY = re.compile(r"(.+?)([+-]\d+)\++|(.+)([+-]\d+)")  # how `changes` names an added run


class RunName(NamedTuple):
    """A run that carries goods; its calls are (node code, minute it leaves)."""

    run: str
    line: str
    calls: tuple[tuple[str, int], ...]


class Book(NamedTuple):
    """Lines are (number, name) by code; places are names by code."""

    lines: dict[str, tuple[str, str]]
    runs: dict[str, RunName]
    places: dict[str, str]
    vehicles: dict[str, str]

    def place(self, code: str) -> str:
        return self.places.get(code, code)

    def line(self, code: str) -> str:
        number, name = self.lines.get(code, (code, ""))
        return f"{number} {name}".strip()

    def run(self, code: str) -> str:
        """`12 07:10 葛家驿站 → 小县共配中心`; a line's code is all of its runs, a run that a change adds says so."""
        if (run := self.runs.get(code)) is not None:
            (first, leaves), (last, _last) = run.calls[0], run.calls[-1]
            return f"{self.lines[run.line][0]} {leaves // 60:02d}:{leaves % 60:02d} {self.place(first)} → {self.place(last)}"
        if code in self.lines:
            return _("{line}（全线）").format(line=self.line(code))
        copied = COPY.fullmatch(code)
        original = (copied[1] or copied[3]) if copied else ""
        return _("{run} 的加班车").format(run=self.run(original)) if original in self.runs else code

    def runs_of(self, line: str) -> list[RunName]:
        """By when they leave."""
        return sorted((r for r in self.runs.values() if r.line == line), key=lambda r: (r.calls[0][1], r.run))

    def stops_of(self, line: str) -> list[str]:
        """Every place the line's runs call at, in the order first met."""
        return list(dict.fromkeys(node for run in self.runs_of(line) for node, _at in run.calls))


def read_book(session: Session, tenant_id: int) -> Book:
    lines = session.exec(select(Line).where(Line.tenant_id == tenant_id).order_by(col(Line.position), col(Line.id))).all()
    places = session.exec(select(Node.id, Node.code, Node.name).where(Node.tenant_id == tenant_id).order_by(col(Node.id))).all()
    vehicles = session.exec(select(Vehicle).where(Vehicle.tenant_id == tenant_id, col(Vehicle.bay_g) > 0).order_by(col(Vehicle.code))).all()
    calls: dict[str, list[tuple[str, int]]] = defaultdict(list)
    of_line: dict[str, str] = {}
    codes, by_id = {node_id: code for node_id, code, _name in places}, {line.id: line.code for line in lines}
    asked = (
        sql_select(col(Trip.code), col(Trip.line_id), col(StopTime.node_id), col(StopTime.dep_min))
        .join_from(Trip, StopTime, col(StopTime.trip_id) == col(Trip.id))
        .where(col(Trip.tenant_id) == tenant_id, col(Trip.vehicle_id).in_([v.id for v in vehicles]))
        .order_by(col(Trip.id), col(StopTime.position))
    )
    for trip, line, node, leaves in session.execute(asked):
        calls[trip].append((codes[node], leaves))
        of_line[trip] = by_id[line]
    runs = {trip: RunName(trip, of_line[trip], tuple(own)) for trip, own in calls.items()}
    goods = {run.line for run in runs.values()}
    return Book(
        {line.code: (line.number, line.name) for line in lines if line.code in goods},
        runs,
        {code: name for _id, code, name in places},
        {v.code: _vehicle(v) for v in vehicles},
    )


def _vehicle(vehicle: Vehicle) -> str:
    boxes = _("{n} 筐").format(n=vehicle.boxes) if vehicle.boxes is not None else ""
    return " ".join(part for part in (vehicle.plate or vehicle.code, boxes, _("{n} 公斤").format(n=vehicle.bay_g // 1000)) if part)
