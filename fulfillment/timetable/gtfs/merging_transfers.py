"""A feed's transfers and the county's: kept by what they name. Goods wait as long where a whole stop asks for it.

The longest time holds where several of a feed's transfers become one: platforms are put together into their station.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import delete, or_
from sqlmodel import Session

from fulfillment.network.changing import NOT_POSSIBLE, POSSIBLE, is_of_everybody, minutes_of
from fulfillment.network.models import Line, Transfer, Trip
from supply.counties.models import County
from supply.counties.policy import policy_of
from supply.stations.models import Node, NodeKind

from .codes import Codes
from .columns import key_of, table_of
from .feed import Feed
from .merging import CHUNK, Key, existing, merge
from .report import Report

FILE = "transfers.txt"


def merge_transfers(
    session: Session, county: County, feed: Feed, codes: Codes, nodes: Mapping[str, int], withdrawn: Collection[int], report: Report
) -> None:
    """`nodes` are node keys by stop id; transfers of `withdrawn` trips go."""
    rows: dict[Key, tuple[int, dict[str, Any]]] = {}
    for line, values in _rows(feed, codes, nodes):
        key = tuple(values[name] for name in key_of(Transfer))
        if (other := rows.get(key)) is None or (other[1]["min_s"] or 0) < (values["min_s"] or 0):
            rows[key] = (line, values)
        if other is not None:
            report.note("one_place", FILE, line, "from_stop_id", "is of platforms that are one place here; the longest time was kept")
    merge(session, Transfer, county.id, list(rows.values()), report, codes)
    name = table_of(Transfer).name
    report.changes[name] = report.changes[name]._replace(removed=_end(session, codes, withdrawn))
    _say_what_goods_do(session, county, rows.values(), report)


def _rows(feed: Feed, codes: Codes, nodes: Mapping[str, int]) -> Iterator[tuple[int, dict[str, Any]]]:
    places = {key: code for code, key in codes.ids(Node).items()}
    places[0] = ""  # any: nothing has the key 0
    for t in feed.transfers:
        lines = (codes.own(Line, route) if route else "" for route in t.routes)
        ends = (*(places[nodes.get(stop, 0)] for stop in t.stops), *lines, *t.trips)
        yield t.line, {**dict(zip(key_of(Transfer), ends, strict=True)), "kind": t.kind, "min_s": t.min_s}


def _end(session: Session, codes: Codes, withdrawn: Collection[int]) -> int:
    """Take away the transfers of runs that end; how many went."""
    names = {key: code for code, key in codes.ids(Trip).items()} if withdrawn else {}
    ended, table, gone = sorted(names[key] for key in withdrawn), table_of(Transfer), 0
    for start in range(0, len(ended), CHUNK):
        some = ended[start : start + CHUNK]
        theirs = or_(table.c.from_trip.in_(some), table.c.to_trip.in_(some))
        gone += session.execute(delete(table).where(table.c.tenant_id == codes.tenant_id, theirs)).rowcount  # type: ignore[attr-defined]
    return gone


def _say_what_goods_do(session: Session, county: County, rows: Iterable[tuple[int, dict[str, Any]]], report: Report) -> None:
    """Goods change by the county's minutes, or by the place's if those are more; what else is asked is told."""
    rules, kinds = policy_of(county).hub, {row["code"]: row["kind"] for row in existing(session, Node, county.id).values()}
    asked: dict[str, int] = defaultdict(int)
    for row in existing(session, Transfer, county.id).values():
        if row["from_node"] == row["to_node"] and row["kind"] in POSSIBLE and is_of_everybody(row):
            asked[row["from_node"]] = minutes_of(row["min_s"])
    for line, row in rows:
        minutes, place = minutes_of(row["min_s"]), row["from_node"]
        ours = rules.hub_sort_min if kinds.get(place) == NodeKind.HUB else rules.transfer_min
        goods = max(ours, asked[place])
        if row["kind"] in POSSIBLE and place != row["to_node"]:
            report.note("on_foot", FILE, line, "to_stop_id", "was kept; no parcel walks from one place to another")
        elif row["kind"] in POSSIBLE and minutes > ours and is_of_everybody(row):
            words = f"goods too wait {minutes} minutes at {place!r}, not the county's {ours}"
            report.note("goods_wait", FILE, line, "min_transfer_time", words)
        elif row["kind"] in POSSIBLE and minutes > goods:
            words = f"asks for {minutes} minutes of some lines or runs at {place!r}; for goods the county reckons with {goods}"
            report.warning("of_some", FILE, line, "min_transfer_time", words)
        elif row["kind"] == NOT_POSSIBLE and place == row["to_node"]:
            words = f"says that people cannot change at {place!r}; for goods the county reckons with {goods} minutes"
            report.warning("not_possible", FILE, line, "transfer_type", words)
