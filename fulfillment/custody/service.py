"""Scans are kept as they come, once each; custody and statuses are read anew from all scans of the parcels and boxes they touch.

A box's scan is kept once; every parcel in it has its own hand-over from it, and the box's place follows from the same scans.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, insert
from sqlmodel import Session, col, select

from core import clock, i18n
from core.errors import Refused
from core.permissions import Actor
from core.upsert import Upsert
from fulfillment.boxes.models import Box
from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.consignments.progress import Standing, move_parcels, roll_up
from fulfillment.disruptions.models import Disruption
from fulfillment.disruptions.service import open_all, settle_by_facts
from fulfillment.pickup.models import Stay
from supply.stations.models import Node, NodeKind, Station

from .boxed import Track, read_tracks
from .chain import Chain, Doubt, Seen, read_chain
from .derived import read_chains, scans_of
from .events import was_read
from .judging import PACKED, Judge, device_of
from .locking import lock
from .models import Action, Custody, Scan
from .places import read_places
from .times import SKEWED, offset_of, parse, possible
from .upload import LARGEST_BATCH, Fact, Outcome, ScanEvent, Wrong, named_in

__all__ = ["Outcome", "ScanEvent", "note_packed", "record_scans"]

_KEEP = Upsert(
    Scan,
    lambda insert: insert.on_conflict_do_nothing(index_elements=["tenant_id", "event_id"]).returning(insert.table.c.event_id),
)
READ_FROM_SCANS = ("missing_scan", "wrong_place", "missing")


def record_scans(session: Session, events: Sequence[ScanEvent], *, actor: Actor, sent_at: datetime | None = None) -> list[Outcome]:
    """Keep a batch of at most 500 events and let custody, parcels and consignments follow; one outcome per event, in order.

    Idempotent by event id: what was kept before is a duplicate and changes nothing. `sent_at` is the device's own time of
    sending, from which its clock's error is known. One that was kept but put the parcel into wrong hands, or cannot be true,
    is accepted with the code `wrong_place` and words. Raises Refused for a batch that is too large and an impossible `sent_at`.
    """
    if len(events) > LARGEST_BATCH:
        raise Refused(i18n.gettext("一次最多上传 {n} 条扫码，请分批").format(n=LARGEST_BATCH), field="events")
    received, tenant_id = clock.now(), actor.tenant_id
    if sent_at is not None and not possible(sent_at, received):
        raise Refused("设备的发送时间不对，请先把设备的钟对准", field="sent_at")
    times = _times(events, actor)
    offsets = {device: offset_of(said, sent_at, received) for device, said in times.items()}
    earliest = min((at - offsets[device] for device, said in times.items() for at in said if possible(at, received)), default=received)
    goods = lock(session, tenant_id, {named_in(e) for e in events}, since=earliest)
    scans = scans_of(session, tenant_id, goods.parcels, goods.boxes)
    named = {e.place for e in events} | set(scans.places())
    places = read_places(session, tenant_id, named - {""})
    kept = _kept_before(session, tenant_id, events)
    judge = Judge(actor, goods, places, received, offsets, _used_seqs(session, tenant_id, events), _shelved(session, events))
    outcomes: list[Outcome] = []
    facts: dict[str, Fact] = {}
    for event in events:
        if (before := kept.get(event.id)) or event.id in facts:
            same = before == (event.action, *named_in(event)) if before else facts[event.id].event == event
            outcomes.append(
                Outcome(event.id, "duplicate") if same else Outcome(event.id, "rejected", "id_reused", "这个编号已经用在另一次扫码上")
            )
            continue
        try:
            fact = judge.understand(event)
        except Wrong as wrong:
            outcomes.append(Outcome(event.id, "rejected", wrong.code, wrong.words))
            continue
        facts[event.id] = fact
        outcomes.append(Outcome(event.id, "accepted"))
    if facts:
        new = _keep(session, tenant_id, facts.values(), actor, received)
        outcomes = [o._replace(result="duplicate") if o.result == "accepted" and o.id not in new else o for o in outcomes]
        for fact in facts.values():
            if fact.event.id in new:
                scans.add(fact.parcel_code, _as_seen(fact, actor, received))
        tracks = read_tracks(session, scans.of_box, places, tenant_id=tenant_id)
        boxes = {f.box for f in facts.values()} - {""}
        inside = {code for code, known in scans.boxes_of.items() if known & boxes and code in goods.parcels}
        touched = [goods.parcels[code] for code in sorted({f.parcel_code for f in facts.values() if f.parcel_code} | inside)]
        doubts = {box: tracks[box].doubts for box in boxes}
        _move_boxes(session, [goods.boxes[box] for box in sorted(boxes)], tracks)
        _write_doubts(session, tenant_id, doubts, "box")
        if touched:
            chains = read_chains(session, scans, touched, goods.consignments, places, tracks, tenant_id=tenant_id)
            _follow(session, touched, chains, goods.consignments, by=actor.user_code)
            doubts |= {code: chain.doubts for code, chain in chains.items()}
        doubted = {doubt.event_id: doubt for each in doubts.values() for doubt in each if doubt.kind == "wrong_place"}
        outcomes = [o._replace(code="wrong_place", words=doubted[o.id].words) if not o.code and o.id in doubted else o for o in outcomes]
    return outcomes


def _as_seen(fact: Fact, actor: Actor, received: datetime) -> Seen:
    event = fact.event
    return Seen(
        event.id, device_of(event, actor), event.seq, event.action, event.place, fact.at, parse(event.at), received,
        fact.flags == SKEWED, fact.box,
    )  # fmt: skip


def _kept_before(session: Session, tenant_id: int, events: Iterable[ScanEvent]) -> dict[str, tuple[str, str, str]]:
    query = select(col(Scan.event_id), col(Scan.action), col(Scan.parcel_code), col(Scan.box))
    rows = session.exec(query.where(Scan.tenant_id == tenant_id, col(Scan.event_id).in_({e.id for e in events})))
    return {event_id: (action, code, box) for event_id, action, code, box in rows}


def _used_seqs(session: Session, tenant_id: int, events: Iterable[ScanEvent]) -> dict[tuple[str, int], str]:
    """Sequence numbers their devices have used, and for which event."""
    asked = {(e.device, e.seq) for e in events if e.device and e.seq}
    rows = session.exec(
        select(col(Scan.device), col(Scan.seq), col(Scan.event_id)).where(
            Scan.tenant_id == tenant_id, col(Scan.device).in_({d for d, _ in asked}), col(Scan.seq).in_({s for _, s in asked})
        )
    )
    return {(device, seq): event_id for device, seq, event_id in rows}


def _shelved(session: Session, events: Iterable[ScanEvent]) -> dict[str, tuple[str, datetime]]:
    """Which of the parcels that these events hand out or put into a box lie on a shelf: at which station, since when."""
    told = {named_in(e)[0] for e in events if e.action in (Action.DELIVER, Action.STOW)} - {""}
    if not told:
        return {}
    query = select(Stay.parcel_code, Station.code, Stay.since).join(Station, col(Station.node_id) == col(Stay.station_id))
    rows = session.exec(query.where(col(Stay.parcel_code).in_(told), col(Stay.ended_at).is_(None)))
    return {parcel: (station, since) for parcel, station, since in rows}


def _times(events: Iterable[ScanEvent], actor: Actor) -> dict[str, list[datetime]]:
    """What each device's clock said."""
    times: dict[str, list[datetime]] = defaultdict(list)
    for event in events:
        try:
            times[device_of(event, actor)].append(parse(event.at))
        except Wrong:
            continue  # the event itself is rejected with words later
    return times


def _keep(session: Session, tenant_id: int, facts: Iterable[Fact], actor: Actor, received: datetime) -> set[str]:
    """Insert the scans; returns the event ids that were new even to a rival upload."""
    rows = [
        {
            "tenant_id": tenant_id, "event_id": f.event.id, "device": device_of(f.event, actor), "seq": f.event.seq,
            "action": f.event.action, "parcel_code": f.parcel_code, "box": f.box, "place": f.event.place, "by": actor.user_code,
            "device_at": parse(f.event.at), "occurred_at": f.at, "received_at": received, "flags": f.flags,
        }
        for f in facts
    ]  # fmt: skip
    return set(_KEEP.run(session, rows).scalars())


def note_packed(session: Session, parcels: Sequence[Parcel], *, by: str, at: datetime) -> None:
    """The first scan of each parcel's life: its station has packed it and answers for it. Nothing was scanned before."""
    tenant_id = parcels[0].tenant_id
    places = select(Station.node_id, Station.code, Node.kind).join(Node, col(Node.id) == col(Station.node_id))
    here = {
        node: (code, kind) for node, code, kind in session.exec(places.where(col(Station.node_id).in_({p.station_id for p in parcels})))
    }
    rows = [
        {
            "tenant_id": tenant_id, "event_id": f"{PACKED}{p.code}", "device": "station", "seq": 0, "action": Action.PACK.value,
            "parcel_code": p.code, "box": "", "place": here[p.station_id][0], "by": by, "device_at": at, "occurred_at": at,
            "received_at": at, "flags": "",
        }
        for p in parcels
    ]  # fmt: skip
    session.execute(insert(Scan.__table__), rows)  # type: ignore[attr-defined]
    hubs = {code for code, kind in here.values() if kind == NodeKind.HUB}
    scans = {p.code: Seen(f"{PACKED}{p.code}", "station", 0, Action.PACK.value, here[p.station_id][0], at) for p in parcels}
    _add_custody(session, tenant_id, {code: read_chain([scan], hubs=hubs, road_ends={}) for code, scan in scans.items()})


def _move_boxes(session: Session, boxes: Iterable[Box], tracks: Mapping[str, Track]) -> None:
    """Locked boxes are where their scans say."""
    for box in boxes:
        track = tracks[box.code]
        box.place, box.since = track.place, track.since or box.since
        session.add(box)


def _follow(
    session: Session, parcels: Sequence[Parcel], chains: dict[str, Chain], consignments: dict[int, Consignment], *, by: str
) -> None:
    """Custody, disruptions and statuses of these parcels as their chains say, and their consignments' after them."""
    tenant_id = parcels[0].tenant_id
    _write_custody(session, tenant_id, chains)
    _write_doubts(session, tenant_id, {code: chain.doubts for code, chain in chains.items()}, "parcel")
    was_read(session, parcels, consignments, chains)
    moved = move_parcels(session, [Standing(p, chains[p.code].status, chains[p.code].since) for p in parcels], by=by)
    if moved:
        roll_up(session, [consignments[number] for number in sorted({s.parcel.consignment_id for s in moved})], by=by)


def _write_custody(session: Session, tenant_id: int, chains: dict[str, Chain]) -> None:
    session.execute(delete(Custody).where(col(Custody.parcel_code).in_(chains)).execution_options(synchronize_session=False))
    _add_custody(session, tenant_id, chains)


def _add_custody(session: Session, tenant_id: int, chains: dict[str, Chain]) -> None:
    rows = [
        {
            "tenant_id": tenant_id, "parcel_code": code, "holder_kind": h.kind, "holder_code": h.code, "giver_code": h.giver,
            "box": h.box, "began_at": h.began, "ended_at": h.ended, "scan_event": h.event_id,
        }
        for code, chain in chains.items()
        for h in chain.held
    ]  # fmt: skip
    if rows:
        session.execute(insert(Custody.__table__), rows)  # type: ignore[attr-defined]


def _write_doubts(session: Session, tenant_id: int, doubts: Mapping[str, Sequence[Doubt]], subject_kind: str) -> None:
    """Open what is doubted now of these parcels or boxes, close what later scans have explained."""
    if not doubts:
        return
    query = select(Disruption).where(Disruption.tenant_id == tenant_id, Disruption.subject_kind == subject_kind)
    rows = session.exec(query.where(col(Disruption.subject_code).in_(doubts), col(Disruption.kind).in_(READ_FROM_SCANS))).all()
    wanted = {(d.kind, code, d.event_id): d.words for code, each in doubts.items() for d in each}
    known = {(r.kind, r.subject_code, r.cause): r for r in rows}
    explained = [r for key, r in known.items() if r.cause and r.closed_at is None and key not in wanted]
    settle_by_facts(session, explained, "后到的扫码说明了")
    open_all(session, wanted, known, tenant_id=tenant_id, subject_kind=subject_kind)
