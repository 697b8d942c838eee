"""Manifests: what is handed to one departure at one stop, frozen with a digest; a changed load is a new revision.

A manifest may name the turnover boxes each group of it rides in. A revision carries them over as far as their groups still need them.
It carries over the signatures of those for whom it changes nothing: who gives and who drives hand over the same parcels in the same
boxes, though some may be set down elsewhere; who takes over gets the same at their stop.
"""

import hashlib
import json
import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from core import clock
from core.codes import new_code
from fulfillment.batching.models import PlannedLeg
from fulfillment.boxes.models import Box
from fulfillment.consignments.models import Parcel, ParcelStatus
from fulfillment.network.models import Line, StopTime
from fulfillment.timetable.models import Departure

from .models import Manifest, ManifestBox, ManifestSignature, SignedAs

Group = tuple[int, str]  # where it is set down (stop position), and its tier


def digest(rows: list[Any], boxes: Mapping[Group, Iterable[str]] | None = None) -> str:
    """SHA-256 over the rows, and the boxes they ride in where some are named, as compact JSON."""
    named = [[alight, tier, sorted(codes)] for (alight, tier), codes in sorted((boxes or {}).items()) if codes]
    said = [rows, named] if named else rows
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def groups_of(rows: Iterable[Any]) -> dict[Group, int]:
    """How many whole boxes each group of a manifest needs: the shares of its parcels rounded up."""
    milli: dict[Group, int] = defaultdict(int)
    for _, alight, tier, _, share in rows:
        milli[alight, tier] += share
    return {group: math.ceil(total / 1000) for group, total in sorted(milli.items())}


def boxes_of(session: Session, manifests: Iterable[Manifest]) -> dict[int, dict[Group, list[str]]]:
    """The codes of the boxes that manifests name, by manifest's id and group; one query."""
    named: dict[int, dict[Group, list[str]]] = defaultdict(lambda: defaultdict(list))
    query = (
        sql_select(col(ManifestBox.manifest_id), col(ManifestBox.alight), col(ManifestBox.tier), col(Box.code))
        .join(Box, col(Box.id) == col(ManifestBox.box_id))
        .where(col(ManifestBox.manifest_id).in_([m.id for m in manifests]))
    )
    for manifest_id, alight, tier, code in session.execute(query.order_by(col(ManifestBox.id))):
        named[manifest_id][alight, tier].append(code)
    return named


Naming = Mapping[int, Mapping[Group, list[str]]]  # by boarding stop


def issue(
    session: Session, departure: Departure, *, stops: Collection[int] | None = None, naming: Naming | None = None
) -> list[Manifest]:  # fmt: skip
    """The valid manifests of a departure, one per boarding stop (of all, or of these).

    What changed since the last issue gets a new revision. `naming` are the boxes of a stop from now on; else those of before go on.
    """
    loads: dict[int, list[Any]] = defaultdict(list)
    legs = (
        sql_select(*(col(c) for c in (PlannedLeg.board, Parcel.code, PlannedLeg.alight, Parcel.tier, Parcel.grams, Parcel.box_milli)))
        .join(Parcel, col(Parcel.id) == col(PlannedLeg.parcel_id))
        .where(
            col(PlannedLeg.departure_id) == departure.id, col(PlannedLeg.voided_at).is_(None), col(Parcel.status) != ParcelStatus.CANCELLED
        )
    )
    for stop, *row in session.execute(legs.order_by(col(PlannedLeg.board), col(PlannedLeg.alight), col(Parcel.code))):
        loads[stop].append(list(row))
    kept = {m.stop: m for m in valid(session, departure)}
    before = boxes_of(session, kept.values()) if kept else {}
    for stop in sorted(stop for stop in loads.keys() | kept.keys() if stops is None or stop in stops):
        known, rows = kept.get(stop), loads.get(stop, [])
        boxes = (naming or {}).get(stop) or _carried(before.get(known.id or 0, {}) if known else {}, rows)
        if known is not None and known.digest == digest(rows, boxes):
            continue
        if known is not None:
            known.voided_at = clock.now()
            session.add(known)
            del kept[stop]
        if rows:
            kept[stop] = _revision(session, departure, stop, rows, boxes)
    session.flush()
    return [kept[stop] for stop in sorted(kept)]


def _carried(boxes: Mapping[Group, list[str]], rows: list[Any]) -> dict[Group, list[str]]:
    """Boxes of before whose group still needs them."""
    need = groups_of(rows)
    return {group: codes[: need[group]] for group, codes in boxes.items() if group in need}


def _revision(session: Session, departure: Departure, stop: int, rows: list[Any], boxes: Mapping[Group, list[str]]) -> Manifest:
    before = session.exec(select(Manifest.revision).where(Manifest.departure_id == departure.id, Manifest.stop == stop)).all()
    manifest = Manifest(
        tenant_id=departure.tenant_id, code=new_code("M"), departure_id=departure.id or 0, stop=stop, revision=max(before, default=0) + 1,
        rows=rows, digest=digest(rows, boxes), issued_at=clock.now(),
    )  # fmt: skip
    session.add(manifest)
    session.flush()
    if before:
        _carry_signatures(session, manifest, boxes)
    if named := {code for codes in boxes.values() for code in codes}:
        ids = dict(session.exec(select(Box.code, Box.id).where(Box.tenant_id == departure.tenant_id, col(Box.code).in_(named))).all())
        session.add_all(
            ManifestBox(manifest_id=manifest.id or 0, box_id=ids[code] or 0, alight=alight, tier=tier)
            for (alight, tier), codes in sorted(boxes.items())
            for code in codes
        )
    return manifest


class HandedOver(NamedTuple):
    """What is counted at one side: parcels and named boxes by code, and how many whole boxes."""

    parcels: frozenset[str]
    boxes: frozenset[str]
    need: int


def handed_over(rows: Iterable[Any], boxes: Mapping[Group, Iterable[str]], side: str, stop: int) -> HandedOver:
    """Of a manifest with these named boxes: all of it, or what is set down at the stop of who takes over."""
    mine = [row for row in rows if side != SignedAs.RECEIVED or row[1] == stop]
    named = frozenset(code for (to, _), codes in boxes.items() for code in codes if side != SignedAs.RECEIVED or to == stop)
    return HandedOver(frozenset(row[0] for row in mine), named, sum(groups_of(mine).values()))


def _carry_signatures(session: Session, manifest: Manifest, boxes: Mapping[Group, list[str]]) -> None:
    """Each side's last word stands on the new revision too, if what it was given for is the same."""
    query = (
        select(ManifestSignature, Manifest)
        .join(Manifest, col(Manifest.id) == col(ManifestSignature.manifest_id))
        .where(Manifest.departure_id == manifest.departure_id, Manifest.stop == manifest.stop, Manifest.revision < manifest.revision)
        .order_by(col(Manifest.revision))
    )
    last = {(word.side, word.stop): (word, signed) for word, signed in session.exec(query)}
    named = boxes_of(session, [signed for _, signed in last.values()]) if last else {}
    for (side, stop), (word, signed) in last.items():
        was = handed_over(signed.rows, named.get(signed.id or 0, {}), side, stop)
        if was == handed_over(manifest.rows, boxes, side, stop):
            kept = word.model_dump(exclude={"id", "manifest_id", "signed_revision"})
            revision = word.signed_revision or signed.revision
            session.add(ManifestSignature(**kept, manifest_id=manifest.id or 0, signed_revision=revision))


def valid(session: Session, departure: Departure) -> list[Manifest]:
    """The manifests that hold now, by stop."""
    query = select(Manifest).where(Manifest.departure_id == departure.id, col(Manifest.voided_at).is_(None))
    return list(session.exec(query.order_by(col(Manifest.stop))).all())


def revise(session: Session, departure: Departure) -> None:
    """What was issued follows a load that changed; stops without a manifest wait for theirs."""
    issue(session, departure, stops={m.stop for m in valid(session, departure)})


def revise_those(session: Session, departure_ids: Collection[int]) -> None:
    """As `revise`, for those of many departures that have manifests at all; one query where none has."""
    issued = select(Manifest.departure_id).where(col(Manifest.departure_id).in_(departure_ids), col(Manifest.voided_at).is_(None))
    for departure in session.exec(select(Departure).where(col(Departure.id).in_(issued)).order_by(col(Departure.id))).all():
        revise(session, departure)


def void(session: Session, departure: Departure) -> None:
    """The departure does not run: nothing is handed to it."""
    for manifest in valid(session, departure):
        manifest.voided_at = clock.now()
        session.add(manifest)


def issue_due(session: Session, tenant_id: int) -> list[Manifest]:
    """Freeze what is handed over at each stop of yesterday's and today's departures whose loading closed and that has no manifest yet."""
    now, today = clock.now(), clock.today()
    issued = select(Manifest.id).where(
        col(Manifest.departure_id) == col(Departure.id), col(Manifest.stop) == col(PlannedLeg.board), col(Manifest.voided_at).is_(None)
    )
    closing = session.exec(
        select(Departure, col(PlannedLeg.board), col(StopTime.dep_min), col(Line.close_min))
        .join(PlannedLeg, col(PlannedLeg.departure_id) == col(Departure.id))
        .join(StopTime, (col(StopTime.trip_id) == col(Departure.trip_id)) & (col(StopTime.position) == col(PlannedLeg.board)))
        .join(Line, col(Line.id) == col(Departure.line_id))
        .where(
            Departure.tenant_id == tenant_id, col(Departure.service_date).between(today - timedelta(days=1), today),
            col(Departure.status).in_(("closed", "departed", "arrived")), col(PlannedLeg.voided_at).is_(None), ~issued.exists(),
        )
        .order_by(col(Departure.id))
    )  # fmt: skip
    due: dict[int, tuple[Departure, set[int]]] = {}
    for departure, board, dep_min, close_min in closing:
        if clock.on(departure.service_date, dep_min + departure.delay_min - close_min) <= now:
            due.setdefault(departure.id or 0, (departure, set()))[1].add(board)
    return [manifest for departure, stops in due.values() for manifest in issue(session, departure, stops=stops) if manifest.stop in stops]
