"""What a buyer claims, what the county's rule gives for it, and what people decide."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import select

from core import clock, db, tasks
from core.audit import AuditEntry
from core.auth.service import add_user
from core.errors import Conflict, Forbidden, Refused
from core.invariants import check
from core.outbox import Outbox
from fulfillment.consignments.models import Consignment
from fulfillment.income.models import IncomeEntry
from fulfillment.income.service import mature
from shop.claims.deciding import Decision, OwnClaim, decide
from shop.claims.models import Claim, Reason
from shop.claims.rules import Said, award
from shop.claims.service import ClaimDecided, ClaimUnknown, NotClaimable, withdraw
from shop.orders.earnings import complete_orders
from shop.orders.models import OrderLine
from shop.payments.giving import Left, Part, RefundTooMuch, give_back
from shop.payments.models import BEARERS, Refund, RefundLine, RefundShare
from supply.counties.profile_rules import ClaimRule, ClaimTier
from tests.shop.buying import order_of
from tests.shop.claims.claiming import claim, colleague, delivered, line_code, of_code
from tests.shop.earning import sell

LADDER = ClaimRule("*", 24, 0, "grower", (ClaimTier(10, 20), ClaimTier(30, 50), ClaimTier(60, 100)))
LINE = OrderLine(goods_fen=6000, discount_fen=0, freight_fen=500, quantity=3)


@pytest.mark.parametrize(
    ("said", "fen"),
    [
        (Said(Reason.SPOILED, damaged_pct=9), 0),
        (Said(Reason.SPOILED, damaged_pct=10), 1200),
        (Said(Reason.DAMAGED, damaged_pct=59), 3000),
        (Said(Reason.SPOILED, damaged_pct=100), 6000),
        (Said(Reason.SPOILED, quantity=1), 3000),  # a third of the goods: the second step
        (Said(Reason.MISSING, quantity=1), 2000),
        (Said(Reason.WRONG, quantity=3), 6000),
        (Said(Reason.NOT_ARRIVED), 6500),
    ],
)
def test_the_ladder_gives_by_the_highest_step_reached_and_whole_units_their_part(said, fen):
    assert award(LADDER, LINE, Left(6000, 500), said) == fen


def test_a_rule_gives_at_most_its_cap_and_what_is_left_of_the_line():
    all_of_it = Said(Reason.SPOILED, damaged_pct=100)
    assert award(LADDER._replace(cap_fen=2500), LINE, Left(6000, 500), all_of_it) == 2500
    assert award(LADDER, LINE, Left(700, 500), all_of_it) == 700


def test_a_small_claim_is_approved_by_the_rule_and_its_money_queued_once(county_rows):
    number = delivered(county_rows, ("tomato", 1))
    made = claim(number, Said(Reason.SPOILED, damaged_pct=20))  # 40 % of 36.00
    assert (made.status, made.award_fen, made.amount_fen, made.decided_by) == ("approved", 1440, 1440, "rule")
    tasks.drain()
    with db.reading() as session:
        order = order_of(session, number)
        assert (order.refunded_fen, order.payment_status) == (1440, "part_refunded")
        refund = session.exec(select(Refund)).one()
        assert (refund.key, refund.amount_fen) == (f"claim:{made.code}", 1440)
        assert set(session.exec(select(AuditEntry.act))) >= {"claim.open", "claim.approved"}
        assert session.exec(select(RefundLine.bearer)).one() == "grower"
        told = session.exec(select(Outbox.key).where(Outbox.topic == "message.send")).all()
        assert f"claim:{made.code}" in told


def test_the_rule_alone_approves_no_more_of_an_order_than_the_county_says(county_rows):
    number = delivered(county_rows, ("tomato", 1), ("tea", 1))
    assert claim(number, Said(Reason.SPOILED, damaged_pct=20)).status == "approved"
    assert claim(number, Said(Reason.DAMAGED, damaged_pct=10), at=1).status == "open"  # 26.40 more is above 20.00


def test_what_is_not_delivered_or_past_its_window_cannot_be_claimed(county_rows):
    number = sell(county_rows, ("tomato", 1), packed=True)
    with pytest.raises(NotClaimable, match="送到以后"):
        claim(number)
    number = delivered(county_rows, ("tomato", 1))
    with clock.at(clock.now() + timedelta(hours=24, minutes=1)), pytest.raises(NotClaimable, match="过了售后的时间"):
        claim(number)
    with clock.at(clock.now() + timedelta(hours=23)):
        assert claim(number).status == "open"


def test_too_few_photos_too_little_damage_and_a_second_claim_are_refused_and_nothing_is_kept(county_rows):
    number = delivered(county_rows, ("tomato", 2))
    for said, photos, field in (
        (Said(Reason.SPOILED, damaged_pct=50), 1, "photos"),
        (Said(Reason.SPOILED, damaged_pct=19), 3, "damaged_pct"),
        (Said(Reason.MISSING), 3, "quantity"),
        (Said(Reason.MISSING, quantity=3), 3, "quantity"),
    ):
        with pytest.raises(Refused) as wrong:
            claim(number, said, photos=photos)
        assert wrong.value.more["field"] == field
    with db.reading() as session:
        assert session.exec(select(Claim)).all() == []
    claim(number)
    with pytest.raises(NotClaimable, match="正在处理"):
        claim(number)


def test_income_waits_while_a_claim_lives_and_goes_on_when_it_ends(county_rows):
    number = delivered(county_rows, ("tea", 1))
    made = claim(number, Said(Reason.DAMAGED, damaged_pct=40))
    with clock.at(clock.now() + timedelta(days=30)):
        with db.writing() as session:
            mature(session, tenant_id=county_rows.id)
            sales = session.exec(select(IncomeEntry.state).where(IncomeEntry.source == "sale")).all()
            assert set(sales) == {"pending"}
        complete_orders()
        with db.writing() as session:
            assert order_of(session, number).status == "open"
            decide(session, colleague(county_rows, "dispatcher", "U7"), made.code, Decision(approves=True))
        with db.writing() as session:
            mature(session, tenant_id=county_rows.id)
            assert set(session.exec(select(IncomeEntry.state).where(IncomeEntry.cause_kind != "parcel"))) == {"payable"}
        complete_orders()
        with db.reading() as session:
            assert order_of(session, number).status == "completed"
    tasks.drain()


def test_a_decision_pays_once_and_a_second_one_meets_the_first(county_rows):
    number = delivered(county_rows, ("clam", 1))
    made = claim(number)
    dispatcher, finance = colleague(county_rows, "dispatcher", "U7"), colleague(county_rows, "finance", "U8")
    with db.writing() as session:
        done = decide(session, dispatcher, made.code, Decision(approves=True))
        assert (done.status, done.amount_fen, done.bearer) == ("approved", 6900, "transport")
    with pytest.raises(ClaimDecided), db.writing() as session:
        decide(session, finance, made.code, Decision(approves=True))
    tasks.drain()
    with db.reading() as session:
        assert order_of(session, number).refunded_fen == 6900
        assert len(session.exec(select(Refund)).all()) == 1


def test_another_amount_or_bearer_than_the_rules_needs_a_note_and_so_does_a_refusal(county_rows):
    made = claim(delivered(county_rows, ("clam", 1)))
    finance = colleague(county_rows, "finance", "U8")
    for decision in (Decision(True, 100), Decision(True, None, "platform"), Decision(False)):
        with pytest.raises(Refused) as wrong, db.writing() as session:
            decide(session, finance, made.code, decision)
        assert wrong.value.more["field"] == "note"
    with pytest.raises(RefundTooMuch), db.writing() as session:
        decide(session, finance, made.code, Decision(True, 10**6, None, "多退"))
    with db.writing() as session:
        done = decide(session, finance, made.code, Decision(True, 3210, "platform", "买家等了两天"))
        assert (done.status, done.amount_fen, done.bearer) == ("approved", 3210, "platform")
    tasks.drain()


def test_above_the_limit_a_second_person_decides_and_nobody_is_their_own(county_rows):
    number = delivered(county_rows, ("bamboo", 5))  # 640.00
    made = claim(number, Said(Reason.WRONG, quantity=5))
    first, second = colleague(county_rows, "finance", "U8"), colleague(county_rows, "finance", "U9")
    with db.writing() as session:
        assert decide(session, first, made.code, Decision(approves=True)).status == "second"
        assert session.exec(select(Refund)).all() == []
    with pytest.raises(OwnClaim), db.writing() as session:
        decide(session, first, made.code, Decision(approves=True))
    with pytest.raises(Forbidden), db.writing() as session:
        decide(session, colleague(county_rows, "dispatcher", "U7"), made.code, Decision(approves=True))
    with pytest.raises(Refused), db.writing() as session:
        decide(session, second, made.code, Decision(True, 1))
    with db.writing() as session:
        done = decide(session, second, made.code, Decision(approves=True))
        assert (done.status, done.decided_by, done.second_by) == ("approved", "user:U8", "user:U9")
    tasks.drain()
    with db.reading() as session:
        assert order_of(session, number).refunded_fen == 64000
        acts = session.exec(select(AuditEntry.act, AuditEntry.actor).where(AuditEntry.subject == made.code)).all()
        assert [tuple(each) for each in acts] == [
            ("claim.open", "guest:x"), ("claim.second", "user:U8"), ("claim.approved", "user:U9")
        ]  # fmt: skip


def test_nobody_decides_on_their_own_order(county_rows):
    number = delivered(county_rows, ("clam", 1))
    with db.writing() as session:
        user = add_user(session, "13800001111", "自己")
        order_of(session, number).user_id = user.id
        session.flush()
        mine = colleague(county_rows, "dispatcher", "U7", user=user)
    made = claim(number)
    with pytest.raises(OwnClaim), db.writing() as session:
        decide(session, mine, made.code, Decision(approves=True))


def test_a_claim_is_withdrawn_once_and_not_after_it_was_decided(county_rows):
    number = delivered(county_rows, ("clam", 1))
    made = claim(number)
    for _ in range(2):
        with db.writing() as session:
            assert withdraw(session, order_of(session, number), made.code, by="guest:x").status == "withdrawn"
    again = claim(number)
    with db.writing() as session:
        decide(session, colleague(county_rows, "dispatcher", "U7"), again.code, Decision(False, note="照片看不清"))
    with pytest.raises(ClaimDecided), db.writing() as session:
        withdraw(session, order_of(session, number), again.code, by="guest:x")
    with pytest.raises(ClaimUnknown), db.writing() as session:
        withdraw(session, order_of(session, number), "CLX", by="guest:x")


def test_what_was_lost_on_the_way_is_worth_all_of_its_line_and_transports_to_bear(county_rows):
    number = sell(county_rows, ("tomato", 1), packed=True)
    with db.writing() as session:
        for sent in session.exec(select(Consignment).where(Consignment.source_code == number)):
            for parcel in _parcels(session, sent):
                _lose(session, county_rows, parcel)
    made = claim(number, Said(Reason.NOT_ARRIVED), photos=0)
    with db.writing() as session:
        line = session.get_one(OrderLine, made.line_id)
        assert made.award_fen == line.goods_fen - line.discount_fen + line.freight_fen
        done = decide(session, colleague(county_rows, "finance", "U8"), made.code, Decision(approves=True))
        assert (done.status, done.bearer) == ("approved", "transport")
    tasks.drain()
    with db.reading() as session:
        assert order_of(session, number).payment_status == "refunded"


def _parcels(session, sent):
    from fulfillment.consignments.models import Parcel

    return session.exec(select(Parcel).where(Parcel.consignment_id == sent.id)).all()


def _lose(session, county, parcel):
    from tests.fulfillment.shipping import event, scan

    assert scan(session, county, event("lose", parcel, ""))[0].result == "accepted"


def test_a_refund_in_between_leaves_the_decider_the_current_figure(county_rows):
    number = delivered(county_rows, ("clam", 1))
    made = claim(number)
    with db.writing() as session:
        line = session.get_one(OrderLine, made.line_id)
        give_back(session, order_of(session, number), [Part(line.id or 0, 6000)], key="other road", reason="缺斤少两")
    with pytest.raises(RefundTooMuch) as wrong, db.writing() as session:
        decide(session, colleague(county_rows, "finance", "U8"), made.code, Decision(True, 6900, None, "全退"))
    with db.writing() as session:
        left = wrong.value.more["left_fen"]
        assert decide(session, colleague(county_rows, "finance", "U8"), made.code, Decision(True)).amount_fen == min(left, 6900)
    tasks.drain()


@settings(max_examples=5)
@given(
    steps=st.lists(
        st.tuples(
            st.integers(0, 1), st.sampled_from([r for r in Reason if r != Reason.NOT_ARRIVED]), st.integers(1, 100), st.integers(0, 3),
            st.integers(1, 9000), st.sampled_from([None, *BEARERS]),
        ),
        min_size=1, max_size=5,
    )
)  # fmt: skip
def test_whatever_is_claimed_refunded_and_decided_all_invariants_hold(county_rows, steps):
    number = delivered(county_rows, ("tomato", 2), ("clam", 1))
    for at, reason, pct, deed, fen, bearer in steps:
        try:
            if deed == 0:
                with db.writing() as session:
                    line = session.exec(select(OrderLine).where(OrderLine.code == line_code(session, number, at))).one()
                    parts = [Part(line.id or 0, fen)]
                    give_back(
                        session, order_of(session, number), parts, key=f"{number} {len(steps)} {fen}", reason="试", bearer=bearer or ""
                    )
                continue
            made = claim(number, Said(reason, quantity=1) if reason in ("missing", "wrong") else Said(reason, damaged_pct=pct), at=at)
            if made.status == "open":
                with db.writing() as session:
                    decision = Decision(deed != 1, fen if deed == 3 else None, bearer, "看过照片")
                    decide(session, colleague(county_rows, "finance", "U8"), made.code, decision)
        except (Conflict, Refused):
            continue  # too much, too little, or claimed already: nothing of it is kept
    tasks.drain()
    with db.reading() as session:
        order = order_of(session, number)
        assert order.refunded_fen == sum(session.exec(select(Refund.amount_fen).where(Refund.order_id == order.id)))
        assert sum(session.exec(select(RefundShare.borne_fen))) == sum(session.exec(select(RefundLine.amount_fen)))
        assert [(f.invariant.words, f.broken) for f in check(session) if f.count] == []
        for each in session.exec(select(Claim)):
            assert of_code(session, each.code).status in ("open", "approved", "refused")
