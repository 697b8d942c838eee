"""Where every parcel is, counted independently of the code under test: plain rows, added up by hand."""

import hashlib
import json
import math
from collections import Counter, defaultdict
from datetime import date
from itertools import pairwise

from sqlmodel import Session, col, select

from core import clock
from core.outbox import Outbox
from fulfillment.batching.models import PlannedLeg
from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.custody.models import Custody, Scan
from fulfillment.disruptions.models import Closure, Disruption
from fulfillment.manifests.models import Manifest
from fulfillment.network.models import StopTime
from fulfillment.timetable.models import Departure
from supply.stations.models import Node

OVER = {"cancelled", "lost", "returned"}
UNHELD = {"expected", "cancelled", "delivered", "lost"}


def account(session: Session, codes: set[str]) -> None:
    """Every parcel once, in one pair of hands, on legs that join and run; no stretch fuller than it may be; manifests as loaded."""
    parcels = {p.id or 0: p for p in session.exec(select(Parcel))}
    assert {p.code for p in parcels.values()} == codes, "none lost, none doubled"
    holders = Counter(session.exec(select(Custody.parcel_code).where(col(Custody.ended_at).is_(None))).all())
    assert {p.code: p.status not in UNHELD for p in parcels.values()} == {p.code: holders[p.code] == 1 for p in parcels.values()}
    assert max(holders.values(), default=0) <= 1, "in one pair of hands"
    departures = {d.id or 0: d for d in session.exec(select(Departure))}
    stops: dict[int, dict[int, StopTime]] = defaultdict(dict)
    for stop in session.exec(select(StopTime)):
        stops[stop.trip_id][stop.position] = stop
    legs = session.exec(
        select(PlannedLeg).where(col(PlannedLeg.voided_at).is_(None)).order_by(col(PlannedLeg.parcel_id), col(PlannedLeg.position))
    ).all()
    by_parcel: dict[int, list[PlannedLeg]] = defaultdict(list)
    for leg in legs:
        by_parcel[leg.parcel_id].append(leg)
        assert departures[leg.departure_id].status != "cancelled"
        assert leg.board < leg.alight
    rode = set(session.exec(select(Custody.parcel_code, Custody.holder_code).where(col(Custody.ended_at).is_not(None))))
    for parcel_id, own in by_parcel.items():
        assert [leg.position for leg in own] == list(range(own[0].position, own[0].position + len(own))), "positions follow each other"
        for before, after in pairwise(own):
            if (parcels[parcel_id].code, departures[before.departure_id].code) in rode:
                continue  # where it was set down is a fact, whatever was planned
            set_down, taken_up = (
                stops[departures[leg.departure_id].trip_id][position] for leg, position in ((before, before.alight), (after, after.board))
            )
            assert set_down.node_id == taken_up.node_id, "a leg begins where the one before ended"
    _refusals(session, by_parcel, parcels, departures)
    _room(legs, parcels, departures)
    _manifests(session, legs, parcels)


def _refusals(session: Session, by_parcel, parcels, departures) -> None:  # type: ignore[no-untyped-def]
    """A box that a departure does not take is not planned on it until that is undone, unless it went aboard all the same."""
    ever = set(session.exec(select(Custody.parcel_code, Custody.holder_code)))
    kept_off = select(Disruption.subject_code, Disruption.cause).where(Disruption.kind == "refused", Disruption.outcome != "改为收下了")
    planned = {(parcels[n].code, departures[leg.departure_id].code) for n, own in by_parcel.items() for leg in own}
    assert planned & set(session.exec(kept_off)) <= ever


def collected(session: Session, homes: dict[str, str]) -> None:
    """Each consignment that ends in the county is collected at home, or where the closings that stand sent it; else it was on its way there.

    homes: by consignment the station it was sold to.
    """
    standing = session.exec(select(Closure).where(Closure.subject_kind == "station", col(Closure.lifted_at).is_(None))).all()
    nodes = dict(session.exec(select(Node.id, Node.code)).all())
    hands: dict[int, set[str]] = defaultdict(set)
    for parcel in session.exec(select(Parcel)):
        hands[parcel.consignment_id] |= {"over"} if parcel.status in {"delivered", "returned", "lost", "cancelled", "on_trunk"} else set()
    for number, kind, holder in session.exec(
        select(Parcel.consignment_id, Custody.holder_kind, Custody.holder_code).join(Custody, col(Custody.parcel_code) == col(Parcel.code))
    ):
        hands[number].add("departure" if kind == "departure" else holder)
    for consignment in session.exec(select(Consignment).where(col(Consignment.code).in_(homes))):
        wanted, ends = homes[consignment.code], nodes[consignment.to_node_id]
        sent = {each.subject_code: each.instead for each in standing if each.instead and consignment.code in each.struck}
        for _ in range(len(sent)):
            wanted = sent.get(wanted, wanted)
        assert ends == wanted or hands[consignment.id or 0] & {"departure", "over", ends}, consignment.code


def _room(legs, parcels, departures) -> None:  # type: ignore[no-untyped-def]
    grams: Counter[tuple[int, int]] = Counter()
    litres: Counter[tuple[int, int]] = Counter()
    milli: Counter[tuple[int, int, int, str]] = Counter()
    boxes: Counter[tuple[int, int]] = Counter()
    for leg in legs:
        parcel = parcels[leg.parcel_id]
        milli[leg.departure_id, leg.board, leg.alight, parcel.tier] += parcel.box_milli
        for segment in range(leg.board, leg.alight):
            grams[leg.departure_id, segment] += parcel.grams
            litres[leg.departure_id, segment] += parcel.ml
    for (departure, board, alight, _), share in milli.items():
        for segment in range(board, alight):
            boxes[departure, segment] += math.ceil(share / 1000)
    for (departure, _), carried in grams.items():
        assert carried <= departures[departure].cap_g
    for (departure, _), carried in litres.items():
        assert carried <= departures[departure].cap_ml
    for (departure, _), carried in boxes.items():
        assert departures[departure].cap_boxes is None or carried <= departures[departure].cap_boxes


def _manifests(session: Session, legs, parcels) -> None:  # type: ignore[no-untyped-def]
    loads: dict[tuple[int, int], set[str]] = defaultdict(set)
    for leg in legs:
        loads[leg.departure_id, leg.board].add(parcels[leg.parcel_id].code)
    valid = session.exec(select(Manifest).where(col(Manifest.voided_at).is_(None))).all()
    assert len({(m.departure_id, m.stop) for m in valid}) == len(valid), "one is valid at a stop"
    for manifest in valid:
        assert {row[0] for row in manifest.rows} == loads[manifest.departure_id, manifest.stop], manifest.code
    issued: dict[tuple[int, int], list[Manifest]] = defaultdict(list)
    for manifest in session.exec(select(Manifest).order_by(col(Manifest.revision))):
        issued[manifest.departure_id, manifest.stop].append(manifest)
        text = json.dumps(manifest.rows, ensure_ascii=False, separators=(",", ":"))
        assert manifest.digest == hashlib.sha256(text.encode()).hexdigest(), "what was issued is never changed"
    for revisions in issued.values():
        assert [m.revision for m in revisions] == list(range(1, len(revisions) + 1))
        assert all(m.voided_at is not None for m in revisions[:-1]), "a new revision voids the old one"


def everything(session: Session) -> list[object]:
    """All that a step may change, as plain values: equal means that nothing happened."""
    parcels = select(Parcel.code, Parcel.status, Parcel.trunk_id, Parcel.trunk_at, Parcel.arrives_at).order_by(col(Parcel.id))
    legs = select(PlannedLeg.id, PlannedLeg.voided_at).order_by(col(PlannedLeg.id))
    hands = select(Custody.parcel_code, Custody.holder_code, Custody.began_at, Custody.ended_at)
    sheets = select(Manifest.code, Manifest.voided_at).order_by(col(Manifest.id))
    runs = select(Departure.code, Departure.status, Departure.delay_min, Departure.cap_g, Departure.cap_ml).order_by(col(Departure.id))
    closed = select(Closure.code, Closure.lifted_at).order_by(col(Closure.id))
    trouble = select(Disruption.code, Disruption.closed_at).order_by(col(Disruption.id))
    ends = select(Consignment.code, Consignment.status, Consignment.told_day, Consignment.to_node_id).order_by(col(Consignment.id))
    scans, work = select(Scan.event_id).order_by(col(Scan.id)), select(Outbox.id, Outbox.done_at).order_by(col(Outbox.id))
    ordered = (parcels, legs, sheets, runs, closed, trouble, ends, scans, work)
    return [sorted(session.exec(hands).all(), key=str), *(session.exec(query).all() for query in ordered)]  # type: ignore[call-overload]


def promised_days(session: Session) -> dict[str, date]:
    due: dict[int, list[Parcel]] = defaultdict(list)
    for parcel in session.exec(select(Parcel)):
        due[parcel.consignment_id].append(parcel)
    whole = session.exec(select(Consignment)).all()
    return {c.code: clock.business_date(c.deliver_by or max(p.due_at for p in due[c.id or 0])) for c in whole}


def planned_days(session: Session) -> dict[str, date | None]:
    """By consignment the day its last parcel comes, the promised one at the earliest; None while one has no road."""
    promised, comes = promised_days(session), defaultdict(list)
    codes = {c.id: c.code for c in session.exec(select(Consignment))}
    for parcel in session.exec(select(Parcel)):
        if parcel.status not in OVER:
            comes[codes[parcel.consignment_id]].append(parcel.delivered_at or parcel.arrives_at)
    return {
        code: max(day, clock.business_date(max(comes[code]))) if comes[code] and all(comes[code]) else None
        for code, day in promised.items()
    }


def told_days(session: Session) -> dict[str, date]:
    """By consignment the day its buyer knows."""
    promised = promised_days(session)
    return {c.code: c.told_day or promised[c.code] for c in session.exec(select(Consignment))}


def notices(session: Session) -> None:
    """Every message about a day names another than the one before it, and the last one is what is kept as told.

    One about a place names its day in its sealed words alone, so what is kept of such a consignment is not compared.
    """
    known, sent = promised_days(session), session.exec(select(Outbox).where(Outbox.topic == "message.send").order_by(col(Outbox.id))).all()
    placed = set()
    for row in sent:
        kind, consignment, *more = row.key.split(":")
        if kind == "place":
            placed.add(consignment)
        elif kind == "late":
            day = more[-1]
            assert known[consignment] != date.fromisoformat(day), f"{consignment} is told again of {day}"
            known[consignment] = date.fromisoformat(day)
    told = told_days(session)
    assert {c: day for c, day in known.items() if c not in placed} == {c: day for c, day in told.items() if c not in placed}
