"""Whatever is owed: every row is in one draft, sums hold to the fen, nobody is paid less than is worth it or more than is theirs."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import clock
from fulfillment.settlement.drafting import TOO_SMALL, Row, draft
from supply.counties.profile_rules import SettlementRules

PARTIES = st.sampled_from([("station", "a"), ("station", "b"), ("grower", "a"), ("grower", "g"), ("seller", "s")])
ROWS = st.lists(st.tuples(PARTIES, st.integers(-5_000, 9_000)), max_size=40)


@given(rows=ROWS, cash=st.dictionaries(st.sampled_from(["a", "b", "c"]), st.integers(1, 9_000)), least=st.integers(0, 2_000))
def test_drafts_share_out_every_row_once_and_every_fen(
    rows: list[tuple[tuple[str, str], int]], cash: dict[str, int], least: int
) -> None:  # fmt: skip
    given_rows = [Row(n, kind, code, fen, date(2026, 5, 1)) for n, ((kind, code), fen) in enumerate(rows)]
    drafts = draft(given_rows, cash, SettlementRules(least))
    assert sorted(row.id for d in drafts for row in d.rows) == [row.id for row in given_rows]
    assert len({(d.kind, d.code) for d in drafts}) == len(drafts)
    for d in drafts:
        assert all((row.party_kind, row.party_code) == (d.kind, d.code) for row in d.rows)
        assert d.netted_fen + d.payout_fen == d.amount_fen == sum(row.amount_fen for row in d.rows)
        if d.carried:
            assert d.netted_fen == 0
            assert d.amount_fen <= 0 or d.amount_fen - min(d.amount_fen, cash.get(d.code, 0) if d.kind == "station" else 0) < least
        else:
            assert d.amount_fen > 0 and (d.payout_fen == 0 or d.payout_fen >= least)
            assert 0 <= d.netted_fen <= (cash.get(d.code, 0) if d.kind == "station" else 0)
            assert d.payout_fen == 0 or d.netted_fen == (cash.get(d.code, 0) if d.kind == "station" else 0)


@pytest.mark.parametrize(("age", "within", "carried"), [(100, 180, TOO_SMALL), (151, 180, ""), (200, 180, ""), (151, None, TOO_SMALL)])
def test_little_is_paid_all_the_same_before_its_payment_may_be_shared_no_more(age: int, within: int | None, carried: str) -> None:
    day = clock.today() - timedelta(days=age)
    (found,) = draft([Row(1, "grower", "g", 50, day), Row(2, "grower", "g", 20, clock.today())], {}, SettlementRules(100, within))
    assert (found.carried, found.pay_by) == (carried, day + timedelta(days=within) if within else None)


def test_a_debt_is_never_paid_out_however_old() -> None:
    day = clock.today() - timedelta(days=400)
    (found,) = draft([Row(1, "grower", "g", -50, day)], {}, SettlementRules(100, 180))
    assert found.carried and found.is_urgent
