from datetime import timedelta

import pytest
from sqlmodel import Session, select

from core import clock
from core.errors import Refused
from core.outbox import Outbox
from supply.counties.models import County
from supply.lots.models import Lot
from supply.stock.models import StockLevel, StockMovement
from supply.stock.queries import available, levels
from supply.stock.service import HoldGone, LotsShort, SoldOut, allocate, consume, receive_lot, release, reserve, retake, waste
from tests.county import SmallCounty, small_county


def hold(session: Session, small: SmallCounty, name: str, quantity: int, cause: str) -> None:
    wanted = [(small.level(session, name), quantity, cause)]
    reserve(session, wanted, tenant_id=small.id, expires_at=clock.now() + timedelta(minutes=30))


def numbers(session: Session, small: SmallCounty, name: str) -> tuple[int, int, int]:
    session.expire_all()
    level = session.get(StockLevel, small.level(session, name))
    return level.on_hand, level.reserved, level.allocated


def free(session: Session, small: SmallCounty, name: str) -> int:
    variant_id = small.variants[name].id
    return available(session, [variant_id])[variant_id]


def receive(session: Session, small: SmallCounty, name: str, units: int, *, days: int) -> Lot:
    """Another lot of the variant, best before `days` from today."""
    variant = small.variants[name]
    level = levels(session, [variant.id])[variant.id][0]
    today = clock.today()
    return receive_lot(
        session, variant, place_id=level.place_id, grower_id=small.growers[1].id, units=units, grams=units * variant.net_g,
        harvested_on=today + timedelta(days=min(0, days) - 2), best_before=today + timedelta(days=days),
    )  # fmt: skip


def test_a_weigh_in_is_on_hand_at_once_with_the_movement_that_says_why(session, small):
    lot = receive(session, small, "tomato", 20, days=5)
    assert numbers(session, small, "tomato") == (70, 0, 0)
    movement = session.exec(select(StockMovement).where(StockMovement.lot_id == lot.id)).one()
    assert (movement.kind, movement.quantity, movement.cause) == ("received", 20, lot.code)


def test_a_weigh_in_of_nonsense_is_refused(session, small):
    for units in (0, -1, 10**7):
        with pytest.raises(Refused):
            receive(session, small, "tomato", units, days=5)
    assert numbers(session, small, "tomato") == (50, 0, 0)


def test_two_lines_of_one_variant_cannot_together_take_more_than_there_is(session, small):
    level = small.level(session, "tomato")
    with pytest.raises(SoldOut) as refused, session.begin_nested():
        reserve(session, [(level, 30, "JL1"), (level, 30, "JL2")], tenant_id=small.id, expires_at=clock.now())
    assert refused.value.more == {"sku": small.variants["tomato"].sku, "left": 50}
    assert numbers(session, small, "tomato") == (50, 0, 0)


def test_stock_of_another_county_cannot_be_taken(session, small):
    other = small_county(session, code="other", prefix="ot")
    with pytest.raises(SoldOut), session.begin_nested():
        reserve(session, [(small.level(session, "tomato"), 1, "JL1")], tenant_id=other.id, expires_at=clock.now())
    assert numbers(session, small, "tomato") == (50, 0, 0)


def test_a_held_unit_is_not_for_sale_and_comes_back_when_released(session, small):
    hold(session, small, "tomato", 50, "JL1")
    assert free(session, small, "tomato") == 0
    with pytest.raises(SoldOut) as refused, session.begin_nested():
        hold(session, small, "tomato", 1, "JL2")
    assert refused.value.more["left"] == 0
    assert release(session, ["JL1"], tenant_id=small.id) == 50
    assert numbers(session, small, "tomato") == (50, 0, 0)


def test_releasing_twice_gives_back_once(session, small):
    hold(session, small, "tomato", 5, "JL1")
    assert [release(session, ["JL1"], tenant_id=small.id) for _ in range(2)] == [5, 0]
    assert numbers(session, small, "tomato") == (50, 0, 0)


def test_paying_twice_allocates_once(session, small):
    hold(session, small, "tomato", 5, "JL1")
    assert [allocate(session, ["JL1"], tenant_id=small.id) for _ in range(2)] == [5, 0]
    assert numbers(session, small, "tomato") == (50, 0, 5)


def test_a_paid_order_that_is_cancelled_before_packing_gives_its_units_back(session, small):
    hold(session, small, "tomato", 5, "JL1")
    allocate(session, ["JL1"], tenant_id=small.id)
    assert release(session, ["JL1"], tenant_id=small.id) == 5
    assert numbers(session, small, "tomato") == (50, 0, 0)


def test_an_expired_hold_cannot_be_paid_but_taken_again_while_there_is_stock(session, small):
    hold(session, small, "tomato", 5, "JL1")
    release(session, ["JL1"], tenant_id=small.id)
    with pytest.raises(HoldGone):
        allocate(session, ["JL1"], tenant_id=small.id)
    assert retake(session, ["JL1"], tenant_id=small.id) == 5
    assert numbers(session, small, "tomato") == (50, 0, 5)
    with pytest.raises(HoldGone):
        retake(session, ["JL1"], tenant_id=small.id)
    assert numbers(session, small, "tomato") == (50, 0, 5)


def test_a_late_payment_of_two_lines_takes_both_again_or_none(session, small):
    reserve(
        session, [(small.level(session, "tomato"), 5, "JL1"), (small.level(session, "clam"), 5, "JL2")],
        tenant_id=small.id, expires_at=clock.now(),
    )  # fmt: skip
    release(session, ["JL1", "JL2"], tenant_id=small.id)
    hold(session, small, "clam", 58, "JL3")
    with pytest.raises(SoldOut) as refused:
        retake(session, ["JL1", "JL2"], tenant_id=small.id)
    assert refused.value.more["left"] == 2
    assert numbers(session, small, "tomato") == (50, 0, 0)
    assert numbers(session, small, "clam") == (60, 58, 0)
    release(session, ["JL3"], tenant_id=small.id)
    assert retake(session, ["JL1", "JL2"], tenant_id=small.id) == 10


def test_packing_binds_lots_first_expiry_first(session, small):
    later, sooner = receive(session, small, "tomato", 4, days=6), receive(session, small, "tomato", 3, days=1)
    hold(session, small, "tomato", 9, "JL1")
    allocate(session, ["JL1"], tenant_id=small.id)
    first, second = consume(session, "JL1", 5, tenant_id=small.id), consume(session, "JL1", 4, tenant_id=small.id)
    assert first == [(sooner.id, 3), (later.id, 2)]
    assert second[0] == (later.id, 2)
    assert second[1][1] == 2  # from the lot the county opened with, good for seven days
    assert numbers(session, small, "tomato") == (48, 0, 0)
    session.refresh(sooner)
    assert (sooner.remaining, sooner.bound) == (0, 3)


def test_more_than_was_paid_for_cannot_be_packed(session, small):
    hold(session, small, "tomato", 3, "JL1")
    with pytest.raises(HoldGone):
        consume(session, "JL1", 3, tenant_id=small.id)  # not paid
    allocate(session, ["JL1"], tenant_id=small.id)
    for quantity in (4, 0, -1):
        with pytest.raises(HoldGone):
            consume(session, "JL1", quantity, tenant_id=small.id)
    assert numbers(session, small, "tomato") == (50, 0, 3)


def test_a_lot_past_its_date_is_not_packed(session, small):
    old = receive(session, small, "bamboo", 10, days=-1)
    hold(session, small, "bamboo", 110, "JL1")
    allocate(session, ["JL1"], tenant_id=small.id)
    with pytest.raises(LotsShort) as refused, session.begin_nested():
        consume(session, "JL1", 110, tenant_id=small.id)
    assert refused.value.more["missing"] == 10
    assert old.id not in {lot for lot, _ in consume(session, "JL1", 100, tenant_id=small.id)}


def test_spoiled_units_go_out_only_if_nobody_holds_them(session, small):
    old = receive(session, small, "clam", 10, days=-1)
    hold(session, small, "clam", 65, "JL1")
    with pytest.raises(SoldOut), session.begin_nested():
        waste(session, old, units=10, cause="spoiled")
    with pytest.raises(LotsShort), session.begin_nested():
        release(session, ["JL1"], tenant_id=small.id)
        waste(session, old, units=11, cause="spoiled")
    waste(session, old, units=5, cause="spoiled")
    session.refresh(old)
    assert (old.remaining, old.wasted) == (5, 5)
    assert numbers(session, small, "clam") == (65, 65, 0)


def test_selling_out_and_coming_back_are_told_to_search_and_to_cached_pages(session, small):
    def told() -> list[str]:
        return [
            row.payload["product_code"] for row in session.exec(select(Outbox).where(Outbox.topic == "stock.changed").order_by(Outbox.id))
        ]

    before, version = told(), session.get(County, small.id).catalogue_version
    code = small.products[0].code
    hold(session, small, "tomato", 49, "JL1")
    assert told() == before
    hold(session, small, "tomato", 1, "JL2")
    assert told() == [*before, code]
    release(session, ["JL1", "JL2"], tenant_id=small.id)
    assert told() == [*before, code, code]
    session.expire_all()
    assert session.get(County, small.id).catalogue_version == version + 2


def test_a_variant_nobody_ever_weighed_in_has_nothing_for_sale(session, small):
    assert free(session, small, "peach") == 0
    assert available(session, [10**6]) == {10**6: 0}
