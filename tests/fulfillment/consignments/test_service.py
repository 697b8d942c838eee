import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, select

from core.clock import day_end, now
from core.status import StatusEvent
from fulfillment.consignments.cut import BOX_G, BOX_MILLI, ShipLine, cut
from fulfillment.consignments.models import LotBinding
from fulfillment.consignments.progress import status_of
from fulfillment.consignments.service import AlreadyPacked, cancel_consignments, pack, receiver
from fulfillment.custody.models import Custody
from supply.lots.models import Lot
from supply.stock.models import StockLevel
from tests.county import SmallCounty
from tests.fulfillment.shipping import TO, parcels_of, ship, sold

UNITS = st.builds(
    lambda n, q, g, m: ShipLine(f"L{n}", 1, "ambient", n, f"K{n}", "x", "y", q, g, m * 60, m),
    st.integers(1, 10**6), st.integers(1, 30), st.integers(1, 25_000), st.integers(1, 2_500),
)  # fmt: skip


@given(st.lists(UNITS, min_size=1, max_size=6, unique_by=lambda line: line.line_code))
def test_every_unit_lies_in_one_parcel_that_fits_a_box_and_a_back(lines: list[ShipLine]) -> None:
    pieces = cut(lines)
    for line in lines:
        assert sum(p.contents.get(line.line_code, 0) for p in pieces) == line.quantity
    for piece in pieces:
        units = sum(piece.contents.values())
        assert units == 1 or (piece.box_milli <= BOX_MILLI and piece.grams <= BOX_G)
        assert piece.grams == sum(n * next(each.gross_g for each in lines if each.line_code == c) for c, n in piece.contents.items())


def test_a_paid_order_becomes_one_consignment_a_station_and_tier(session: Session, county: SmallCounty) -> None:
    made = ship(session, county, sold(session, county, "tomato", 2), sold(session, county, "tea", 1), sold(session, county, "clam", 3))
    assert [(c.station_id, c.tier, c.status) for c in made] == [
        (county.stations[0].node_id, "ambient", "awaiting_pack"),
        (county.stations[1].node_id, "chilled", "awaiting_pack"),
    ]
    (tomatoes,) = parcels_of(session, made[0])
    assert (tomatoes.grams, tomatoes.status) == (2 * 2930 + 480, "expected")
    assert tomatoes.ready_at > now()
    assert tomatoes.due_at == day_end(made[0].deliver_by), "a day was promised, not an hour"
    assert tomatoes.shelf_until


def test_a_consignment_carries_its_receiver_sealed(session: Session, county: SmallCounty) -> None:
    (made,) = ship(session, county, sold(session, county, "tea", 1))
    assert TO.phone not in (made.phone_sealed + made.name_sealed + made.detail_sealed)
    assert receiver(made) == (TO.name, TO.phone, TO.detail)


def test_a_large_line_is_several_parcels(session: Session, county: SmallCounty) -> None:
    (made,) = ship(session, county, sold(session, county, "tomato", 20))
    assert [p.contents[0][1] for p in parcels_of(session, made)] == [6, 6, 6, 2]


def test_packing_binds_lots_and_opens_custody_at_the_station(session: Session, county: SmallCounty) -> None:
    (made,) = ship(session, county, sold(session, county, "tomato", 3))
    (parcel,) = pack(session, made, by="UMASTER")
    assert (parcel.status, made.status) == ("packed", "packed")
    bound = session.exec(select(LotBinding).where(LotBinding.parcel_id == parcel.id)).all()
    assert sum(b.quantity for b in bound) == 3
    assert session.exec(select(Lot.bound).where(Lot.id == bound[0].lot_id)).one() == 3
    held = session.exec(select(Custody).where(Custody.parcel_code == parcel.code)).one()
    assert (held.holder_kind, held.holder_code, held.ended_at) == ("station", county.stations[0].code, None)
    level = session.get(StockLevel, county.level(session, "tomato"))
    assert level
    assert (level.on_hand, level.allocated) == (47, 0)
    assert pack(session, made, by="UMASTER") == []


def test_a_consignment_is_packed_when_its_last_parcel_is(session: Session, county: SmallCounty) -> None:
    (made,) = ship(session, county, sold(session, county, "tomato", 8))
    first, second = parcels_of(session, made)
    pack(session, made, by="UMASTER", parcel_codes=[first.code])
    assert made.status == "awaiting_pack"
    pack(session, made, by="UMASTER", parcel_codes=[second.code])
    assert made.status == "packed"
    assert session.exec(select(StatusEvent.target).where(StatusEvent.subject == made.code)).all() == ["awaiting_pack", "packed"]


def test_before_packing_all_is_taken_back_and_twice_is_once(session: Session, county: SmallCounty) -> None:
    (made,) = ship(session, county, sold(session, county, "tea", 2))
    assert cancel_consignments(session, made.source_code, tenant_id=county.id) == [made]
    assert cancel_consignments(session, made.source_code, tenant_id=county.id) == []
    assert (made.status, parcels_of(session, made)[0].status) == ("cancelled", "cancelled")


def test_what_is_packed_is_not_taken_back(session: Session, county: SmallCounty) -> None:
    (made,) = ship(session, county, sold(session, county, "tomato", 8))
    pack(session, made, by="UMASTER", parcel_codes=[parcels_of(session, made)[0].code])
    with pytest.raises(AlreadyPacked):
        cancel_consignments(session, made.source_code, tenant_id=county.id)
    assert [p.status for p in parcels_of(session, made)] == ["packed", "expected"]


@pytest.mark.parametrize(
    ("parcels", "consignment"),
    [
        (["packed", "expected"], "awaiting_pack"),
        (["delivered", "moving"], "moving"),
        (["delivered", "delivered"], "delivered"),
        (["delivered", "lost"], "lost"),
        (["delivered", "returned"], "returned"),
        (["lost", "on_trunk"], "on_trunk"),
        (["lost", "lost"], "lost"),
        (["lost", "returned"], "returned"),
        (["cancelled"], "cancelled"),
        (["on_trunk", "at_hub"], "at_hub"),
    ],
)
def test_a_consignment_stands_where_its_least_advanced_parcel_stands(parcels: list[str], consignment: str) -> None:
    assert status_of(parcels) == consignment
