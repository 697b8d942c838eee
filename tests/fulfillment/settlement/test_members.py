"""A co-op's statement is split among its members by grams and grade, to the fen; what lay pooled is the co-op's in common."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, select

from core import clock, db
from core.errors import Refused
from core.ledger.models import Side
from core.ledger.service import open_account, post
from fulfillment.consignments.models import LotBinding
from fulfillment.consignments.service import pack
from fulfillment.income.models import Source
from fulfillment.income.service import Earned, mature, record
from fulfillment.settlement.members import Packed, parts_of, shared
from fulfillment.settlement.models import Statement
from fulfillment.settlement.service import freeze
from supply.growers.members import NumberTaken, add_member, members_of
from supply.growers.models import Grower
from supply.lots.models import Lot
from supply.lots.service import weigh_in
from tests.county import SmallCounty, small_county
from tests.fulfillment.settlement.owing import ONE, earn
from tests.fulfillment.shipping import parcels_of, ship, sold
from tests.fulfillment.web import signed_in
from tests.trial import TRIAL

LOTS = st.lists(
    st.builds(Packed, st.none() | st.integers(1, 3), st.sampled_from(["特级", "一级", "二级"]), st.integers(0, 10**6)), min_size=1
)


@given(amount=st.integers(-(10**8), 10**8), lots=LOTS, weight=st.integers(1, 500))
def test_the_parts_add_up_whatever_is_split(amount: int, lots: list[Packed], weight: int) -> None:
    parts = shared(amount, lots, {"二级": weight})
    assert sum(parts) == amount and len(parts) == len(lots)
    assert all(part * amount >= 0 for part in parts)


def test_a_better_grade_counts_more_and_no_weight_counts_alike() -> None:
    lots = [Packed(1, "一级", 1000), Packed(2, "二级", 1000)]
    assert shared(180, lots, {"一级": 100, "二级": 80}) == [100, 80]
    assert shared(180, lots, {}) == [90, 90]
    assert shared(101, [each._replace(grams=0) for each in lots], {}) == [51, 50]


def coop_of(session: Session, county: SmallCounty) -> Grower:
    """The tomato's grower as a co-op of two."""
    grower = session.get_one(Grower, county.growers[1].id)
    grower.kind, grower.name = "co-op", "葛家合作社"
    session.add(grower)
    add_member(session, grower, number="1", name="王海生")
    add_member(session, grower, number="2", name="李阿囡")
    return grower


def earn_by(session: Session, county: SmallCounty, grower: str, line: str, fen: int) -> None:
    till = open_account(session, "till:x", tenant_id=county.id, side=Side.DEBIT, may_be_negative=True)
    party = open_account(session, f"grower:{grower}", tenant_id=county.id, side=Side.CREDIT)
    lines = [(till.id or 0, fen), (party.id or 0, -fen)]
    journal = post(session, f"trial:{line}", lines, tenant_id=county.id, kind=TRIAL, cause_kind="order_line", cause_code=line)
    row = Earned(f"{line}:grower", "grower", grower, Source.SALE, fen, "order_line", line, "代销，货款的 88%", {})
    record(session, [row], tenant_id=county.id, journal_id=journal.id, payable_at=clock.now())


def stated(session: Session, county: SmallCounty) -> Statement:
    """Two units sold, each of another member's lot, and an amount that no lot earned."""
    coop = coop_of(session, county)
    (consignment,) = ship(session, county, sold(session, county, "tomato", 2))
    pack(session, consignment, by="U1")
    (parcel,) = parcels_of(session, consignment)
    line = parcel.contents[0][0]
    lots = [
        weigh_in(
            session, county.products[0], county.variants["tomato"], coop, units=5, grams=grams, harvested_on=clock.today(), grade="一级",
            member=member,
        )
        for member, grams in (("1", 15_000), ("2", 10_000))
    ]  # fmt: skip
    (bound,) = session.exec(select(LotBinding).where(LotBinding.line_code == line)).all()
    for lot in lots:
        session.add(LotBinding(tenant_id=county.id, parcel_id=parcel.id or 0, lot_id=lot.id or 0, line_code=line, quantity=1))
    session.delete(bound)
    earn_by(session, county, coop.code, line, 5000)
    earn_by(session, county, coop.code, "JLNOLOT", 77)
    mature(session, tenant_id=county.id)
    freeze(session, county.county, clock.today(), by=ONE)
    return session.exec(select(Statement).where(Statement.party_code == coop.code)).one()


def test_a_statement_is_split_by_what_each_member_brought(session: Session) -> None:
    county = small_county(session)
    statement = stated(session, county)
    parts = parts_of(session, statement)
    assert [(p.number, p.name, p.all_grams, p.amount_fen) for p in parts] == [
        ("1", "王海生", 3000, 3000), ("2", "李阿囡", 2000, 2000), ("", "", 0, 77),
    ]  # fmt: skip
    assert sum(p.amount_fen for p in parts) == statement.amount_fen
    session.rollback()  # units were bound by hand


def test_a_lot_is_weighed_in_for_a_member_of_its_own_co_op(session: Session) -> None:
    county = small_county(session)
    coop, tomato = coop_of(session, county), (county.products[0], county.variants["tomato"])
    lot = weigh_in(session, *tomato, coop, units=1, grams=2500, harvested_on=clock.today(), member="2")
    assert lot.member_id == members_of(session, coop)[1].id
    assert add_member(session, coop, number=" 1 ", name="王海生").number == "1"
    with pytest.raises(NumberTaken):
        add_member(session, coop, number="1", name="别人")
    for number, name in (("", "王"), ("1" * 13, "王"), ("=1", "王"), ("3", ""), ("3", "打 13912345678")):
        with pytest.raises(Refused):
            add_member(session, coop, number=number, name=name)
    with pytest.raises(Refused):
        add_member(session, session.get_one(Grower, county.growers[2].id), number="1", name="王海生")
    before = len(session.exec(select(Lot)).all())
    with pytest.raises(Refused):
        weigh_in(session, *tomato, coop, units=1, grams=2500, harvested_on=clock.today(), member="9")
    assert len(session.exec(select(Lot)).all()) == before


def test_the_station_adds_members_and_names_them_at_the_scale(database: str) -> None:
    with db.writing() as session:
        county = small_county(session)
        coop = coop_of(session, county).code
    keeper = signed_in(county, "master", "station", county.stations[0].code)
    form = {"form_key": "k1", "coop": coop, "number": "3", "name": "周渔珍"}
    assert keeper.post("/station/coops", data=form).status_code == 303
    assert "周渔珍" in keeper.get("/station/coops").text
    taken = keeper.post("/station/coops", data={**form, "form_key": "k2", "name": "别人"})
    assert taken.status_code == 409 and "这个编号已经是别的社员的" in taken.text
    listing = county.listings["tomato"].code
    assert "3 周渔珍" in keeper.get(f"/station/listings/{listing}").text
    lot = {"form_key": "l1", "sku": county.variants["tomato"].sku, "units": "2", "harvested_on": clock.today().isoformat(), "member": "3"}
    assert keeper.post(f"/station/listings/{listing}/lots", data=lot).status_code == 303
    with db.reading() as session:
        assert session.exec(select(Lot.received).where(Lot.member_id.is_not(None))).all() == [2]  # type: ignore[union-attr]
    other = signed_in(county, "master", "station", county.stations[1].code)
    assert "本站没有合作社" in other.get("/station/coops").text
    assert other.post("/station/coops", data={**form, "form_key": "k3", "number": "4"}).status_code == 422


def test_the_co_op_and_its_station_see_the_split_on_paper_and_nobody_else(database: str) -> None:
    with db.writing() as session:
        county = small_county(session)
        coop = coop_of(session, county)
        code = coop.code
        earn(session, county, "grower", code, 500, "A1")
        earn(session, county, "grower", county.growers[2].code, 500, "A2")
        freeze(session, county.county, clock.today(), by=ONE)
        statements = {s.party_code: s.code for s in session.exec(select(Statement)).all()}
    path = f"/statements/{statements[code]}/members"
    for who in (signed_in(county, "co-op", "own", code), signed_in(county, "master", "station", county.stations[0].code)):
        assert "合作社公共" in who.get(path).text
        assert who.get(f"{path}.pdf").content.startswith(b"%PDF")
        assert who.get(f"{path}.xlsx").content.startswith(b"PK")
        assert "5.00" in who.get(f"{path}.csv").text
        assert who.get(f"{path}.exe").status_code == 404
    assert signed_in(county, "master", "station", county.stations[1].code).get(path).status_code == 404
    assert signed_in(county, "finance").get(f"/statements/{statements[county.growers[2].code]}/members").status_code == 404
