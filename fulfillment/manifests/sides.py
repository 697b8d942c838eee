"""Who stands where a manifest is handed over: its station or hub gives, the driver takes, the next station or hub takes over again."""

from collections.abc import Mapping, Sequence, Set
from typing import Any, NamedTuple

from sqlmodel import Session

from core.permissions import Actor
from fulfillment.custody.hubs import hubs_of
from fulfillment.timetable.board import Call, Run

from .models import Manifest, SignedAs
from .service import Group, groups_of

KEEPERS, SORTERS, DRIVERS = ("master", "helper"), ("sorter", "dispatcher"), ("driver",)
ALL = (*KEEPERS, *SORTERS, *DRIVERS)


class Reach(NamedTuple):
    """Where somebody stands: codes of nodes, and of the lines they drive."""

    nodes: Set[str]
    lines: Set[str]


class Side(NamedTuple):
    """One side of one manifest: what is counted there. `need` are whole boxes, `boxes` the codes of those that are known, by group."""

    side: SignedAs
    call: Call
    rows: Sequence[Any]  # of the manifest
    need: int
    boxes: Mapping[Group, Sequence[str]]

    @property
    def named(self) -> list[str]:
        return [code for codes in self.boxes.values() for code in codes]

    @property
    def key(self) -> tuple[str, int]:
        return self.side.value, self.call.position

    @property
    def codes(self) -> set[str]:
        """Everything that can be missing."""
        return {row[0] for row in self.rows} | set(self.named)


def reach_of(session: Session, actor: Actor, roles: Sequence[str] = ALL) -> Reach:
    """The caller's own stations and lines, and the hubs where they work: all of them for a dispatcher, or a sorter of none by name."""
    nodes = actor.scopes(*(role for role in KEEPERS if role in roles))
    if actor.has(*(role for role in SORTERS if role in roles)):
        nodes |= {hub.code for hub in hubs_of(session, actor)}
    return Reach(nodes, actor.scopes(*(role for role in DRIVERS if role in roles)))


def sides_of(run: Run, manifest: Manifest, named: Mapping[Group, Sequence[str]], reach: Reach) -> list[Side]:
    """The sides at which somebody stands, in the order of the way."""
    found = []
    board = run.call(manifest.stop)
    if board.node in reach.nodes:
        found.append(_side(SignedAs.GIVEN, board, manifest.rows, named))
    if run.line.code in reach.lines:
        found.append(_side(SignedAs.TAKEN, board, manifest.rows, named))
    for stop in sorted({row[1] for row in manifest.rows}):
        if (call := run.call(stop)).node in reach.nodes:
            mine = {group: codes for group, codes in named.items() if group[0] == stop}
            found.append(_side(SignedAs.RECEIVED, call, [row for row in manifest.rows if row[1] == stop], mine))
    return found


def _side(side: SignedAs, call: Call, rows: Sequence[Any], named: Mapping[Group, Sequence[str]]) -> Side:
    return Side(side, call, rows, sum(groups_of(rows).values()), named)
