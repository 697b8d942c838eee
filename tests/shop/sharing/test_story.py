"""From a sale by Alipay to a grower paid out of the buyer's own payment, the rest by transfer, and a bill that says the same."""

import csv
import io
from datetime import timedelta

import pytest

from core import clock, db
from core.errors import Conflict
from fulfillment.settlement import paying
from fulfillment.settlement import service as settlement
from fulfillment.settlement.files import payment_file
from shop.reconciliation.queries import bill_named, ours, told
from shop.reconciliation.service import read_day
from shop.sharing.service import CannotShare
from tests.county import SmallCounty
from tests.gateways.alipay import FakeAlipay
from tests.shop.payments.gateways import worked
from tests.shop.reconciliation.test_reading import exceptions

from .sharing import (
    GROWER,
    ONE,
    TWO,
    approved,
    held,
    paid_by_alipay,
    requests,
    run_named,
    share,
    shares_out,
    sold,
    statement_of,
    unbroken,
)


def pay(county: SmallCounty, run: str) -> None:
    with db.writing() as session:
        settlement.give_to_bank(session, run_named(session, county, run), by=ONE)
    for each in _codes(county, run):
        with db.writing() as session:
            paying.mark_paid(session, paying.statement_named(session, each, tenant_id=county.id), by=TWO)


def _codes(county: SmallCounty, run: str) -> list[str]:
    with db.reading() as session:
        return [s.code for s in settlement.statements_of(session, run_named(session, county, run))]


def test_a_grower_is_paid_out_of_the_buyers_payment_and_the_rest_is_transferred(county_rows: SmallCounty, alipay: FakeAlipay) -> None:
    shares_out(county_rows)
    _number, payment, total = sold(county_rows, alipay)
    paid_by_alipay(county_rows)
    run = approved(county_rows)
    statement, limit = statement_of(county_rows, run), total * 3000 // 10_000
    assert statement.payout_fen > limit
    assert share(county_rows, run) == 1
    worked()
    assert requests() == [("shared", limit)]
    assert list(alipay.trades[payment].shared.values()) == [{GROWER[0]: limit}]
    statement = statement_of(county_rows, run)
    assert (statement.shared_fen, statement.transfer_fen) == (limit, statement.payout_fen - limit)
    assert held("sharing", "gateway:alipay") == {"sharing": limit, "gateway:alipay": total - limit}
    with db.reading() as session:
        made = payment_file(run_named(session, county_rows, run), [statement], "alipay")
    (line,) = list(csv.reader(io.StringIO(made.body.decode("utf-8-sig"))))[1:]
    assert line[3] == f"{statement.transfer_fen / 100:.2f}"
    unbroken()
    pay(county_rows, run)
    before = held("bank")["bank"]
    for each in _codes(county_rows, run):
        with db.writing() as session:
            paying.reconcile(session, paying.statement_named(session, each, tenant_id=county_rows.id), by=TWO)
    with db.reading() as session:
        stands = run_named(session, county_rows, run)
        assert stands.status == "reconciled"
        paid_out = stands.payout_fen
    assert held("sharing", "payout", f"grower:{statement.party_code}") == {"sharing": 0, "payout": 0, f"grower:{statement.party_code}": 0}
    assert before - held("bank")["bank"] == paid_out - limit, "what was shared never touched the bank"
    unbroken()


def test_the_gateways_bill_of_that_day_says_the_same_to_the_fen(county_rows: SmallCounty, alipay: FakeAlipay) -> None:
    shares_out(county_rows)
    _number, _payment, total = sold(county_rows, alipay)
    paid_by_alipay(county_rows)
    paid_by_alipay(county_rows, kind="station", code=county_rows.stations[0].code, account="master@example.cn", holder="应站长")
    run = approved(county_rows)
    share(county_rows, run)
    worked()
    assert requests() == [("shared", total * 3 // 10)]
    (code,) = read_day("alipay", clock.today())
    assert read_day("alipay", clock.today()) == [code]
    assert exceptions() == []
    with db.reading() as session:
        bill = bill_named(session, code, tenant_id=county_rows.id)
        (day,) = told(session, [bill])
        assert (day.standing, day.difference_fen, day.moved.royalty_fen) == ("matched", 0, total * 3 // 10)
        assert ours(session, bill).net_fen == day.moved.net_fen == total - total * 3 // 10
    assert held("gateway:alipay") == {"gateway:alipay": total - total * 3 // 10 - day.moved.fee_fen}
    unbroken()


def test_a_share_that_only_one_of_both_knows_is_an_exception_until_both_do(county_rows: SmallCounty, alipay: FakeAlipay) -> None:
    shares_out(county_rows)
    _number, payment, _total = sold(county_rows, alipay)
    paid_by_alipay(county_rows)
    run = approved(county_rows)
    share(county_rows, run)
    alipay.fail("alipay.trade.order.settle", "silent")
    worked()
    read_day("alipay", clock.today())
    trade = alipay.trades[payment]
    ((number, _parts),) = trade.shared.items()
    assert [each[:3] for each in exceptions()] == [("missing_here", "royalty", number)]
    with clock.at(clock.now() + timedelta(minutes=5)):
        worked()
    read_day("alipay", clock.today())
    assert exceptions() == []
    trade.shared = {"FQNOBODY": {GROWER[0]: 7}}
    trade.done_at["FQNOBODY"] = trade.done_at.pop(number)
    read_day("alipay", clock.today())
    assert exceptions() == [("unknown", "royalty", "FQNOBODY", 0, 7)]


def test_without_the_countys_word_nothing_is_shared_and_nothing_changes(county_rows: SmallCounty, alipay: FakeAlipay) -> None:
    sold(county_rows, alipay)
    paid_by_alipay(county_rows)
    run = approved(county_rows)
    with pytest.raises(CannotShare):
        share(county_rows, run)
    worked()
    assert requests() == []
    assert "alipay.trade.order.settle" not in alipay.calls
    pay(county_rows, run)
    assert statement_of(county_rows, run).transfer_fen == statement_of(county_rows, run).payout_fen
    unbroken()


def test_a_run_waits_for_every_answer_and_is_not_voided_after_one(county_rows: SmallCounty, alipay: FakeAlipay) -> None:
    shares_out(county_rows)
    sold(county_rows, alipay)
    paid_by_alipay(county_rows)
    run = approved(county_rows)
    share(county_rows, run)
    for deed in (lambda s, r: settlement.give_to_bank(s, r, by=ONE), lambda s, r: settlement.void(s, r, by=ONE, reason="错")):
        with pytest.raises(settlement.SharesOpen), db.writing() as session:
            deed(session, run_named(session, county_rows, run))
    worked()
    with pytest.raises(settlement.AlreadyShared), db.writing() as session:
        settlement.void(session, run_named(session, county_rows, run), by=ONE, reason="错")
    pay(county_rows, run)
    assert share(county_rows, run) == 0, "asked for again after all that, it is done already"
    unbroken()


def test_what_was_shared_whole_is_reconciled_as_soon_as_it_is_paid_and_never_sent_back(
    county_rows: SmallCounty, alipay: FakeAlipay
) -> None:
    shares_out(county_rows, limit_bp=9_500)
    sold(county_rows, alipay)
    paid_by_alipay(county_rows)
    alipay.limit_bp = 9_500
    run = approved(county_rows)
    share(county_rows, run)
    worked()
    statement = statement_of(county_rows, run)
    assert (statement.transfer_fen, statement.shared_fen) == (0, statement.payout_fen)
    pay(county_rows, run)
    statement = statement_of(county_rows, run)
    assert statement.status == "reconciled"
    with pytest.raises(Conflict), db.writing() as session:
        paying.send_back(session, paying.statement_named(session, statement.code, tenant_id=county_rows.id), by=TWO)
    unbroken()


def test_a_transfer_that_comes_back_owes_the_transferred_part_again(county_rows: SmallCounty, alipay: FakeAlipay) -> None:
    shares_out(county_rows)
    sold(county_rows, alipay)
    paid_by_alipay(county_rows)
    run = approved(county_rows)
    share(county_rows, run)
    worked()
    pay(county_rows, run)
    statement = statement_of(county_rows, run)
    with db.writing() as session:
        paying.send_back(session, paying.statement_named(session, statement.code, tenant_id=county_rows.id), by=TWO)
    assert held(f"grower:{statement.party_code}", "payout")[f"grower:{statement.party_code}"] == statement.transfer_fen
    unbroken()
