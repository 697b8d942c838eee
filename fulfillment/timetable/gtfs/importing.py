"""`jishi gtfs import`: a feed comes into a county, in one transaction, or nothing of it does.

Lines, calendars, runs and places are added or replaced by code, nothing else is taken away; the same feed a second time
changes nothing. The file is read and judged before anything is locked.
"""

from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlmodel import Session

from core import clock
from fulfillment.network.models import Line, ServiceCalendar, StopTime, Trip, Trunk, TrunkZone, Vehicle
from fulfillment.promise.stamp import board_changed
from supply.counties.models import County, Township
from supply.counties.policy import policy_of
from supply.counties.profile_rules import HubRules
from supply.stations.models import Node

from .archive import open_archive
from .codes import Codes
from .columns import table_of, x_file, x_models
from .comparing_trips import STOP_COLUMNS, Comparison, Run, compare_trips
from .extras import HUB_RULES, Extras, read_extras
from .feed import STANDARD, Feed
from .merging import insert_chunks, merge_extras
from .merging_lines import merge_calendars, merge_lines
from .merging_places import merge_places
from .merging_transfers import merge_transfers
from .reading import read_feed
from .replacing import clear_departures, end_trips, open_again
from .report import Change, Report
from .tables import Tables


class FeedRefused(Exception):
    """The feed cannot be taken as the county stands; its report says why."""


@dataclass(frozen=True)
class Reading:
    """A feed file as read; of use only if its report has no errors."""

    feed: Feed
    extras: Extras


def read_file(file: Path, report: Report) -> Reading:
    """Read and judge a feed file without a database. Raises FeedRefused."""
    wanted = frozenset((*STANDARD, HUB_RULES, *(x_file(model) for model in x_models())))
    archive = open_archive(file, report, wanted=wanted)
    if archive is None:
        raise FeedRefused(f"{file.name} cannot be used")
    with closing(archive):
        reading = Reading(read_feed(archive, report), read_extras(Tables(archive, report), report))
    if report.failed:
        raise FeedRefused(f"{file.name} has errors")
    return reading


def import_feed(session: Session, county: County, reading: Reading, report: Report, *, withdraw: bool = False) -> None:
    """Write a feed; the caller commits. Raises FeedRefused, after which the caller must not.

    withdraw: runs of the feed's lines that it does not name end; without it they go on.
    """
    feed, extras = reading.feed, reading.extras
    codes = Codes(session, county.id, policy_of(county).prefix)
    nodes = merge_places(session, feed, extras, codes, report)
    _stop_if_failed(report)
    special = {Township, Node, Line, ServiceCalendar, Trip, StopTime, Trunk, TrunkZone, Vehicle}
    vehicles = merge_extras(session, Vehicle, extras, codes, report)
    for model in x_models():
        if model not in special:
            merge_extras(session, model, extras, codes, report)
    _stop_if_failed(report)
    lines = merge_lines(session, feed, extras, codes, report)
    calendars = merge_calendars(session, feed, extras, codes, report)
    _stop_if_failed(report)
    for model in (Trunk, TrunkZone):
        merge_extras(session, model, extras, codes, report)
    found = compare_trips(session, feed, extras, codes, nodes, report, withdraw=withdraw)
    _stop_if_failed(report)
    _hub_rules(county, extras.hub_rules, report)
    merge_transfers(session, county, feed, codes, nodes, found.withdrawn, report)
    affected = _affected(session, codes, lines, calendars, {code for (code,) in vehicles})
    _write_trips(session, county, found, affected, report)
    _stop_if_failed(report)


def _stop_if_failed(report: Report) -> None:
    if report.failed:
        raise FeedRefused("nothing was changed")


def _hub_rules(county: County, rules: HubRules | None, report: Report) -> None:
    if rules is None:
        return
    changed = rules != policy_of(county).hub
    report.changes["hub_rules"] = Change(changed=int(changed), same=int(not changed))
    if changed:
        county.policy = {**county.policy, "hub": rules._asdict()}


def _affected(session: Session, codes: Codes, lines: set[str], calendars: set[Any], vehicles: set[str]) -> set[int]:
    """Runs whose coming departures may have other days, room or cut-offs."""
    wanted = (
        ("line_id", {codes.ids(Line)[code] for code in lines}),
        ("calendar_id", {codes.ids(ServiceCalendar)[code] for code in calendars}),
        ("vehicle_id", {codes.ids(Vehicle)[code] for code in vehicles}),
    )
    if not (lines or calendars or vehicles):
        return set()
    table = table_of(Trip)
    rows = session.execute(table.select().where(table.c.tenant_id == codes.tenant_id)).mappings()
    return {row["id"] for row in rows if any(row[column] in keys for column, keys in wanted)}


def _write_trips(session: Session, county: County, found: Comparison, affected: set[int], report: Report) -> None:
    ended, touched = found.ended, affected | {run.there or 0 for run in found.touched}
    report.changes["trip"] = Change(len(found.new), len(found.replaced) + len(found.touched), found.same, len(found.withdrawn))
    if report.changed:
        board_changed(session, county.id)  # holds the roads' row: no plan is written meanwhile
    trip = table_of(Trip)
    for run in found.touched:
        session.execute(trip.update().where(trip.c.id == run.there).values(run.facts))
    session.expire_all()
    struck = clear_departures(session, county.id, ended, touched, report)
    if report.failed:
        return
    kept = end_trips(session, county.id, ended)
    _insert(session, county.id, [*found.new, *found.replaced], kept)
    if report.changed:
        open_again(session, county, struck, report)


def _insert(session: Session, tenant_id: int, runs: list[Run], kept: set[int]) -> None:
    """A run that takes over from a row which is kept begins tomorrow."""
    tomorrow = clock.today() + timedelta(days=1) if kept else None
    begins = {"tenant_id": tenant_id, "runs_until": None}
    insert_chunks(session, Trip, [{**begins, **run.facts, "runs_from": tomorrow if run.there in kept else None} for run in runs])
    table = table_of(Trip)
    query = table.select().where(table.c.tenant_id == tenant_id, table.c.runs_until.is_(None))
    ids = {row["code"]: row["id"] for row in session.execute(query).mappings()}
    rows = [
        {"tenant_id": tenant_id, "trip_id": ids[run.facts["code"]], "position": n, **dict(zip(STOP_COLUMNS, stop, strict=True))}
        for run in runs
        for n, stop in enumerate(run.stops)
    ]
    insert_chunks(session, StopTime, rows)
