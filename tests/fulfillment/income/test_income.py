"""Income is recorded once with its cause, matures after the claim window, and equals the ledger."""

from datetime import timedelta

import pytest

from core import clock
from core.errors import Refused
from core.ledger.models import Side
from core.ledger.service import open_account, post, reverse
from core.paging import make_cursor
from core.permissions import Actor
from fulfillment.income import queries, service
from fulfillment.income.invariants import income_equals_ledger
from fulfillment.income.models import IncomeEntry, Source
from fulfillment.income.scopes import may_read, may_read_station
from fulfillment.income.service import Earned
from tests.county import small_county
from tests.trial import TRIAL


@pytest.fixture
def county(session):
    return small_county(session)


def _earn(session, county, line="JL1", amount=320):
    station = county.stations[0].code
    gateway = open_account(session, "till:x", tenant_id=county.id, side=Side.DEBIT)
    account = open_account(session, f"station:{station}", tenant_id=county.id, side=Side.CREDIT)
    journal = post(
        session, f"trial:{line}", [(gateway.id, amount), (account.id, -amount)],
        tenant_id=county.id, kind=TRIAL, cause_kind="rule", cause_code=line,
    )  # fmt: skip
    earned = Earned(
        f"{line}:master", "station", station, Source.SUBSIDY, amount, "rule", line, "货款 40.00 元的 8%", {"title": "番茄"}, "v1"
    )
    return journal, service.record(session, [earned], tenant_id=county.id, journal_id=journal.id)


def _rows(session, county):
    return queries.entries(session, tenant_id=county.id, party_kind="station", party_code=county.stations[0].code)[0]


def test_the_same_cause_earns_once(session, county):
    assert _earn(session, county)[1] == 1
    assert _earn(session, county)[1] == 0
    assert [row.amount_fen for row in _rows(session, county)] == [320]


def test_nothing_is_payable_before_the_claim_window_ends(session, county):
    _earn(session, county)
    assert service.mature(session, tenant_id=county.id) == 0, "not delivered: no window has begun"
    delivered = clock.now()
    service.start_windows(session, {"JL1": delivered + timedelta(hours=48)}, tenant_id=county.id)
    with clock.at(delivered + timedelta(hours=48) - timedelta(seconds=1)):
        assert service.mature(session, tenant_id=county.id) == 0
    with clock.at(delivered + timedelta(hours=48)):
        assert service.mature(session, tenant_id=county.id) == 1
    session.expire_all()
    assert _rows(session, county)[0].state == "payable"


def test_a_refund_takes_back_the_row_and_the_posting(session, county):
    journal, _ = _earn(session, county)
    reverse(session, journal, key="reverse:trial:JL1")
    assert list(income_equals_ledger(session)), "the ledger moved and the row did not: the check must see it"
    service.reverse_for(session, ["JL1"], tenant_id=county.id, by="test")
    session.flush()
    assert not list(income_equals_ledger(session))
    assert _rows(session, county)[0].state == "reversed"


def test_sums_by_source_and_period_agree(session, county):
    _earn(session, county, "JL1", 320)
    with clock.at(clock.now() - timedelta(days=40)):
        _earn(session, county, "JL2", 100)
    session.flush()
    party = {"tenant_id": county.id, "party_kind": "station", "party_code": county.stations[0].code}
    first, last = clock.today() - timedelta(days=60), clock.today()
    sums = queries.by_source_and_state(session, first=first, last=last, **party)
    assert [(s.source, s.state, s.amount_fen, s.entries) for s in sums] == [("subsidy", "pending", 420, 2)]
    for group in ("day", "month", "year"):
        periods = queries.by_period(session, first=first, last=last, group=group, **party)
        assert sum(p.amount_fen for p in periods) == 420
        assert [p.start for p in periods] == sorted(p.start for p in periods)


def test_rows_page_newest_first_without_gaps(session, county):
    for n in range(5):
        _earn(session, county, f"JL{n}", 100 + n)
    party = {"tenant_id": county.id, "party_kind": "station", "party_code": county.stations[0].code}
    seen, cursor = [], None
    while True:
        rows, cursor = queries.entries(session, cursor=cursor, limit=2, **party)
        seen += [row.amount_fen for row in rows]
        if cursor is None:
            break
    assert seen == [104, 103, 102, 101, 100]


def test_a_row_of_an_earlier_day_stands_with_its_day_on_whichever_page(session, county):
    for days, amounts in ((0, (1, 2)), (3, (3, 4)), (1, (5, 6, 7))):  # written in this order
        with clock.at(clock.now() - timedelta(days=days)):
            for amount in amounts:
                _earn(session, county, f"JL{amount}", amount)
    party = {"tenant_id": county.id, "party_kind": "station", "party_code": county.stations[0].code}
    for limit in range(1, 8):
        seen, cursor = [], None
        while not seen or cursor:
            rows, cursor = queries.entries(session, cursor=cursor, limit=limit, **party)
            seen += [row.amount_fen for row in rows]
        assert seen == [2, 1, 7, 6, 5, 4, 3], limit


@pytest.mark.parametrize("key", [(1,), ("yesterday", 1), ("2026-02-30", 1), ("2026-02-03", "1"), ("2026-02-03",)])
def test_a_cursor_that_is_not_ours_is_refused(session, county, key):
    with pytest.raises(Refused):
        queries.entries(session, tenant_id=county.id, party_kind="station", party_code="x", cursor=make_cursor(*key))


def test_income_is_read_by_its_owner_only(session, county):
    own, other = county.stations[0].code, county.stations[1].code
    master = Actor(tenant_id=county.id, user_id=1, user_code="U1", grants=frozenset({("master", "station", own)}))
    assert may_read_station(session, master, own)
    assert not may_read_station(session, master, other)
    assert not may_read_station(session, Actor(tenant_id=county.id + 1, grants=frozenset({("admin", "county", "")})), own)
    assert may_read_station(session, Actor(tenant_id=county.id, grants=frozenset({("finance", "county", "")})), other)
    row = IncomeEntry(party_kind="seller", party_code="U2")
    assert not may_read(master, row)
    assert may_read(Actor(tenant_id=county.id, user_code="U2"), row)
