"""Scans are kept as they come, once each; custody and statuses are read anew from all scans of the parcels they touch."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, insert
from sqlmodel import Session, col, select

from core import clock, i18n
from core.errors import Refused
from core.permissions import Actor
from core.upsert import Upsert
from fulfillment.consignments.models import Consignment, Parcel, ParcelStatus
from fulfillment.consignments.progress import Standing, move_parcels, roll_up
from fulfillment.disruptions.models import Disruption
from fulfillment.disruptions.service import open_all, settle_by_facts
from supply.stations.models import Node, NodeKind, Station

from .authority import check_authority, check_place
from .chain import Chain, Seen, read_chain
from .derived import read_chains, scans_of
from .events import followed
from .models import Action, Custody, Scan
from .places import Places, read_places
from .times import SKEWED, corrected, offset_of, parse, possible
from .upload import LARGEST_BATCH, Fact, Outcome, ScanEvent, Wrong, parcel_code

__all__ = ["Outcome", "ScanEvent", "note_packed", "record_scans"]

_KEEP = Upsert(
    Scan,
    lambda insert: insert.on_conflict_do_nothing(index_elements=["tenant_id", "event_id"]).returning(insert.table.c.event_id),
)
READ_FROM_SCANS = ("missing_scan", "wrong_place", "missing")
PACKED = "pack:"  # begins the event ids of packing, which no device may use
NOT_SCANNABLE = i18n.marked(
    {ParcelStatus.EXPECTED: ("not_packed", "这件还没打包"), ParcelStatus.CANCELLED: ("cancelled", "这一单已经取消，不要发出")}
)


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
    consignments, parcels = _lock(session, tenant_id, {parcel_code(e.code) for e in events} - {""})
    seen = scans_of(session, tenant_id, parcels)
    named = {e.place for e in events} | {s.place for scans in seen.values() for s in scans}
    places = read_places(session, tenant_id, named - {""})
    kept = _kept_before(session, tenant_id, events)
    offsets = {device: offset_of(times, sent_at, received) for device, times in _times(events, actor).items()}
    used = _used_seqs(session, tenant_id, events)
    outcomes: list[Outcome] = []
    facts: dict[str, Fact] = {}
    for event in events:
        if (before := kept.get(event.id)) or event.id in facts:
            same = before == (event.action, parcel_code(event.code)) if before else facts[event.id].event == event
            outcomes.append(
                Outcome(event.id, "duplicate") if same else Outcome(event.id, "rejected", "id_reused", "这个编号已经用在另一次扫码上")
            )
            continue
        try:
            fact = _understand(event, parcels, places, actor, received, offsets.get(_device(event, actor), timedelta(0)), used)
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
                seen[fact.parcel_code].append(_as_seen(fact, actor, received))
        touched = [parcels[code] for code in sorted({f.parcel_code for f in facts.values()})]
        chains = read_chains(session, seen, touched, consignments, places, tenant_id=tenant_id)
        _follow(session, touched, chains, consignments, by=actor.user_code)
        doubted = {doubt.event_id: doubt for chain in chains.values() for doubt in chain.doubts if doubt.kind == "wrong_place"}
        outcomes = [o._replace(code="wrong_place", words=doubted[o.id].words) if not o.code and o.id in doubted else o for o in outcomes]
    return outcomes


def _lock(session: Session, tenant_id: int, codes: Collection[str]) -> tuple[dict[int, Consignment], dict[str, Parcel]]:
    """The parcels named, and before them their consignments, each locked in id order: uploads about the same wait for each other."""
    mine = (Parcel.tenant_id == tenant_id, col(Parcel.code).in_(codes))
    of_these = select(Consignment).where(col(Consignment.id).in_(select(col(Parcel.consignment_id)).where(*mine)))
    fresh = {"populate_existing": True}
    whole = session.exec(of_these.order_by(col(Consignment.id)).with_for_update(key_share=True), execution_options=fresh)
    consignments = {c.id or 0: c for c in whole}
    parcels = session.exec(select(Parcel).where(*mine).order_by(col(Parcel.id)).with_for_update(), execution_options=fresh)
    return consignments, {p.code: p for p in parcels}


def _as_seen(fact: Fact, actor: Actor, received: datetime) -> Seen:
    event = fact.event
    return Seen(
        event.id, _device(event, actor), event.seq, event.action, event.place, fact.at, parse(event.at), received, fact.flags == SKEWED
    )


def _device(event: ScanEvent, actor: Actor) -> str:
    """Whose clock and sequence it is; a browser without a name of its own is its user's."""
    return event.device or actor.device or f"web:{actor.user_code}"


def _kept_before(session: Session, tenant_id: int, events: Iterable[ScanEvent]) -> dict[str, tuple[str, str]]:
    query = select(col(Scan.event_id), col(Scan.action), col(Scan.parcel_code))
    rows = session.exec(query.where(Scan.tenant_id == tenant_id, col(Scan.event_id).in_({e.id for e in events})))
    return {event_id: (action, code) for event_id, action, code in rows}


def _used_seqs(session: Session, tenant_id: int, events: Iterable[ScanEvent]) -> dict[tuple[str, int], str]:
    """Sequence numbers their devices have used, and for which event."""
    asked = {(e.device, e.seq) for e in events if e.device and e.seq}
    rows = session.exec(
        select(col(Scan.device), col(Scan.seq), col(Scan.event_id)).where(
            Scan.tenant_id == tenant_id, col(Scan.device).in_({d for d, _ in asked}), col(Scan.seq).in_({s for _, s in asked})
        )
    )
    return {(device, seq): event_id for device, seq, event_id in rows}


def _times(events: Iterable[ScanEvent], actor: Actor) -> dict[str, list[datetime]]:
    """What each device's clock said."""
    times: dict[str, list[datetime]] = defaultdict(list)
    for event in events:
        try:
            times[_device(event, actor)].append(parse(event.at))
        except Wrong:
            continue  # the event itself is rejected with words later
    return times


def _understand(
    event: ScanEvent,
    parcels: dict[str, Parcel],
    places: Places,
    actor: Actor,
    received: datetime,
    offset: timedelta,
    used: dict[tuple[str, int], str],
) -> Fact:
    """Everything one event must satisfy. Raises Wrong. Nothing here looks at where the parcel is now: scans come in any order."""
    if event.action not in set(Action) or event.action == Action.PACK:
        raise Wrong("action_unknown", "没有这个动作；打包请在打包页做")
    if event.id.startswith(PACKED):
        raise Wrong("id_reserved", "扫码的编号不能用 pack: 开头")
    code = parcel_code(event.code)
    if not code:
        raise Wrong("not_a_parcel_code", "这不是包裹码，或者有一位读错了")
    if code not in parcels:
        raise Wrong("parcel_unknown", "没有这个包裹")
    if refusal := NOT_SCANNABLE.get(ParcelStatus(parcels[code].status)):
        raise Wrong(*refusal)
    if event.by and event.by != actor.user_code:
        raise Wrong("by_unknown", "扫码人不是登录的人")
    if actor.device and event.device and event.device != actor.device:
        raise Wrong("device_unknown", "设备和令牌对不上")
    if event.device and event.seq and used.setdefault((event.device, event.seq), event.id) != event.id:
        raise Wrong("seq_reused", "这台设备的这个序号已经用过")
    check_place(event.action, event.place, places)
    check_authority(actor, event.action, event.place, places)
    at, flags = corrected(parse(event.at), offset, received, since=parcels[code].packed_at)
    return Fact(event, code, at, flags)


def _keep(session: Session, tenant_id: int, facts: Iterable[Fact], actor: Actor, received: datetime) -> set[str]:
    """Insert the scans; returns the event ids that were new even to a rival upload."""
    rows = [
        {
            "tenant_id": tenant_id, "event_id": f.event.id, "device": _device(f.event, actor), "seq": f.event.seq,
            "action": f.event.action, "parcel_code": f.parcel_code, "place": f.event.place, "by": actor.user_code,
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
            "parcel_code": p.code, "place": here[p.station_id][0], "by": by, "device_at": at, "occurred_at": at, "received_at": at,
            "flags": "",
        }
        for p in parcels
    ]  # fmt: skip
    session.execute(insert(Scan.__table__), rows)  # type: ignore[attr-defined]
    hubs = {code for code, kind in here.values() if kind == NodeKind.HUB}
    scans = {p.code: Seen(f"{PACKED}{p.code}", "station", 0, Action.PACK.value, here[p.station_id][0], at) for p in parcels}
    _add_custody(session, tenant_id, {code: read_chain([scan], hubs=hubs, road_ends={}) for code, scan in scans.items()})


def _follow(
    session: Session, parcels: Sequence[Parcel], chains: dict[str, Chain], consignments: dict[int, Consignment], *, by: str
) -> None:
    """Custody, disruptions and statuses of these parcels as their chains say, and their consignments' after them."""
    tenant_id = parcels[0].tenant_id
    _write_custody(session, tenant_id, chains)
    _write_doubts(session, tenant_id, chains)
    followed(session, parcels, chains, consignments)
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
            "began_at": h.began, "ended_at": h.ended, "scan_event": h.event_id,
        }
        for code, chain in chains.items()
        for h in chain.held
    ]  # fmt: skip
    if rows:
        session.execute(insert(Custody.__table__), rows)  # type: ignore[attr-defined]


def _write_doubts(session: Session, tenant_id: int, chains: dict[str, Chain]) -> None:
    """Open what the chains doubt now, close what later scans have explained."""
    query = select(Disruption).where(Disruption.tenant_id == tenant_id, Disruption.subject_kind == "parcel")
    rows = session.exec(query.where(col(Disruption.subject_code).in_(chains), col(Disruption.kind).in_(READ_FROM_SCANS))).all()
    wanted = {(d.kind, code, d.event_id): d.words for code, chain in chains.items() for d in chain.doubts}
    known = {(r.kind, r.subject_code, r.cause): r for r in rows}
    explained = [r for key, r in known.items() if r.cause and r.closed_at is None and key not in wanted]
    settle_by_facts(session, explained, "后到的扫码说明了")
    open_all(session, wanted, known, tenant_id=tenant_id, subject_kind="parcel")
