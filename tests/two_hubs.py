"""The small county with what bigger ones have besides buses: a second hub with shuttles, trunks by rail and air, a courier run and a
hamlet below a station. Data only: no code knows of it."""

from datetime import date
from typing import NamedTuple

from sqlmodel import Session, col, select

from fulfillment.network import models as net
from supply.stations.models import Node, NodeKind
from tests.county import SmallCounty


class Wider(NamedTuple):
    east: Node  # the second hub
    hamlet: Node
    rail: net.Trunk
    air: net.Trunk


def widen(session: Session, county: SmallCounty) -> Wider:
    """Before its departures are opened; zone z3 is reached by rail from the second hub alone, z4 by air on Thursdays alone."""
    tid, first = county.id, county.stations[0]
    township = session.get_one(Node, first.node_id).township_id
    east = Node(tenant_id=tid, code="sm-east", name="东部共配中心", kind=NodeKind.HUB, township_id=township)
    hamlet = Node(tenant_id=tid, code="sm-ao", name="里岙村组点", kind=NodeKind.HAMLET, township_id=township, served_by_id=first.node_id)
    session.add_all([east, hamlet])
    session.flush()
    daily = session.exec(select(net.ServiceCalendar).where(col(net.ServiceCalendar.tenant_id) == tid)).one()
    thursdays = net.ServiceCalendar(tenant_id=tid, code="sm-thu", weekdays=8, starts_on=date(2024, 1, 1), ends_on=date(2099, 12, 31))
    van = net.Vehicle(
        tenant_id=tid, code="sm-van", plate="浙B·8", kind="van", bay_g=400_000, bay_ml=1_500_000, boxes=20, tiers=["ambient", "chilled"]
    )
    session.add_all([thursdays, van])
    session.flush()
    runs = (
        ("sm-s1", "S1", "freight", [(county.hub.id, 0), (east.id, 30)], (1010, 1130)),
        ("sm-s2", "S2", "freight", [(east.id, 0), (county.hub.id, 30)], (600, 960)),
        ("sm-y1", "Y1", "postman", [(first.node_id, 0), (hamlet.id, 20), (first.node_id, 40)], (500, 900)),
        ("sm-c1", "C1", "courier", [(first.node_id, 0), (county.stations[2].node_id, 18)], tuple(range(480, 1080, 30))),
    )
    for position, (code, number, kind, stops, starts) in enumerate(runs, 10):
        line = net.Line(
            tenant_id=tid, code=code, number=number, name=number, kind=kind, mode="road", position=position, fee_fen=80, close_min=2
        )
        session.add(line)
        session.flush()
        for start in starts:
            trip = net.Trip(
                tenant_id=tid, code=f"{code}-{start}", line_id=line.id, calendar_id=daily.id, vehicle_id=van.id, direction="out"
            )
            session.add(trip)
            session.flush()
            session.add_all(
                net.StopTime(trip_id=trip.id, position=p, tenant_id=tid, node_id=node, arr_min=start + m, dep_min=start + m)
                for p, (node, m) in enumerate(stops)
            )
    rail = net.Trunk(
        tenant_id=tid, code="sm-rail", carrier="铁路快运", name="高铁快运", mode="rail", hub_id=east.id, calendar_id=daily.id,
        cutoff_min=1210, dep_min=1240, cap_g=500_000, tiers=["ambient"],
    )  # fmt: skip
    air = net.Trunk(
        tenant_id=tid, code="sm-air", carrier="航空", name="航空件", mode="air", hub_id=county.hub.id, calendar_id=thursdays.id,
        cutoff_min=1020, dep_min=1060, cap_g=200_000, tiers=["ambient"],
    )  # fmt: skip
    session.add_all([rail, air, net.Zone(tenant_id=tid, code="z3", name="铁路区"), net.Zone(tenant_id=tid, code="z4", name="航空区")])
    session.flush()
    session.add_all(
        net.TrunkZone(trunk_id=k.id, zone=zone, tenant_id=tid, base_fen=400, per_kg_fen=90, hours=hours)
        for k, zone, hours in ((rail, "z3", 10), (air, "z4", 6))
    )
    session.flush()
    return Wider(east, hamlet, rail, air)
