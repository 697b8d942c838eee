"""A lot's road as an EPCIS 2.0 document (GS1, JSON-LD): what happened to it, when, where and why, for other traceability systems.

A lot is a class of units, `urn:jishi:lot:…`; places are nodes, `urn:jishi:node:…`. A parcel has a name of its own here, made from its
code but no way back to it, so that a public document leads nobody to anyone's parcel; no person is named at all. Steps and
dispositions are those of the Core Business Vocabulary.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from core import clock
from core.pii import blind_index

from .lot_road import Handed, LotRoad, Packed

KIND = "application/ld+json"
CONTEXT = ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", {"jishi": "urn:jishi:"}]
VERSION = "2.0"
Event = dict[str, Any]


def epcis_document(road: LotRoad) -> dict[str, Any]:
    """The document, its events in the order they happened; those of one instant as a lot goes through them."""
    events = sorted(_events(road), key=lambda event: str(event["eventTime"]))
    return {
        "@context": CONTEXT, "type": "EPCISDocument", "schemaVersion": VERSION, "creationDate": clock.local(clock.now()).isoformat(),
        "epcisHeader": {"epcisMasterData": {"vocabularyList": _master_data(road)}},
        "epcisBody": {"eventList": events},
    }  # fmt: skip


def _events(road: LotRoad) -> Iterator[Event]:
    yield _harvested(road)
    received = _event("ObjectEvent", f"received:{road.code}", road.received_at, "OBSERVE", "receiving", "sellable_accessible")
    yield {**received, **_here(road.place), "quantityList": [_units(road, road.units)]}
    left_at = {each.parcel: each for each in road.packed}
    for each in road.packed:
        yield {
            **_event("AggregationEvent", f"packed:{road.code}:{each.parcel}", each.at, "ADD", "packing", "container_closed"),
            **_here(road.place), "parentID": _parcel(each.parcel), "childQuantityList": [_units(road, each.units)],
        }  # fmt: skip
    last = {hand.parcel: hand.scan for hand in road.handed}
    for hand in road.handed:
        if hand.giver:  # without a giver it is where the parcel was packed
            yield _handed(road, hand, left_at[hand.parcel] if last[hand.parcel] == hand.scan else None)
    for parcel in left_at.values():
        if parcel.delivered_at is not None:
            event = _event("ObjectEvent", f"delivered:{parcel.parcel}", parcel.delivered_at, "OBSERVE", "accepting", "retail_sold")
            yield {**event, "epcList": [_parcel(parcel.parcel)]}
    for gone in road.spoiled:
        event = _event("ObjectEvent", gone.key, gone.at, "DELETE", "destroying", "destroyed")
        yield {**event, **_here(road.place), "quantityList": [_units(road, gone.units)]}


def _harvested(road: LotRoad) -> Event:
    """The lot begins; of the harvest only the day is known."""
    event = _event("ObjectEvent", f"harvested:{road.code}", clock.on(road.harvested_on, 0), "ADD", "commissioning", "active")
    about = {
        "cbvmda:lotNumber": road.code, "cbvmda:harvestEndDate": road.harvested_on.isoformat(),
        "cbvmda:bestBeforeDate": road.best_before.isoformat(), "jishi:weight_g": road.grams,
    }  # fmt: skip
    return {**event, "quantityList": [_units(road, road.units)], "ilmd": about}


def _handed(road: LotRoad, hand: Handed, now: Packed | None) -> Event:
    """A hand-over; `now` is the parcel where it is its last one."""
    step, state, at, ride = "receiving", "in_progress", hand.holder, None
    if hand.kind == "departure":
        step, state, at, ride = "loading", "in_transit", hand.giver, f"urn:jishi:departure:{hand.holder}"
    elif hand.kind == "carrier":
        step, state, at, ride = "shipping", "in_transit", hand.giver, f"urn:jishi:trunk:{hand.holder}"
    elif hand.kind == "courier":
        step, state, at, ride = "shipping", "in_transit", hand.giver, f"urn:jishi:door:{hand.holder}"
    elif now is not None and now.status == "returned":
        state = "returned"
    event = _event("ObjectEvent", f"handed:{hand.scan}", hand.at, "OBSERVE", step, state)
    event["epcList"] = [_parcel(hand.parcel)]
    if at in road.places:
        event |= {"readPoint": {"id": _node(at)}} if ride else _here(at)
    if ride:
        event["bizTransactionList"] = [{"type": "bol", "bizTransaction": ride}]
    return event


def _event(kind: str, fact: str, at: datetime, action: str, step: str, disposition: str) -> Event:
    """What every event says; the same fact has the same id in every document."""
    told = clock.local(at)
    return {
        "type": kind, "eventID": f"urn:jishi:event:{blind_index(fact)}", "eventTime": told.isoformat(),
        "eventTimeZoneOffset": _offset(told), "action": action, "bizStep": step, "disposition": disposition,
    }  # fmt: skip


def _offset(at: datetime) -> str:
    """`+08:00`."""
    minutes = (at.utcoffset() or timedelta()) // timedelta(minutes=1)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def _units(road: LotRoad, units: int) -> dict[str, Any]:
    return {"epcClass": f"urn:jishi:lot:{road.code}", "quantity": units}


def _here(place: str) -> dict[str, Any]:
    return {"readPoint": {"id": _node(place)}, "bizLocation": {"id": _node(place)}}


def _node(code: str) -> str:
    return f"urn:jishi:node:{code}"


def _parcel(code: str) -> str:
    return f"urn:jishi:parcel:{blind_index(f'epcis:{code}')}"


def _master_data(road: LotRoad) -> list[dict[str, Any]]:
    """What the identifiers of the document are called."""
    lot = {
        "id": f"urn:jishi:lot:{road.code}",
        "attributes": [{"id": "cbvmda:descriptionShort", "attribute": f"{road.product} {road.spec}"}],
    }
    places = [{"id": _node(code), "attributes": [{"id": "cbvmda:name", "attribute": name}]} for code, name in sorted(road.places.items())]
    return [
        {"type": "urn:epcglobal:epcis:vtype:EPCClass", "vocabularyElementList": [lot]},
        {"type": "urn:epcglobal:epcis:vtype:BusinessLocation", "vocabularyElementList": places},
    ]
