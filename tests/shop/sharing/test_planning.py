"""A plan of shares stays within every limit there is, to the fen, and gives the smallest parts first."""

from collections import Counter, defaultdict
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shop.sharing.planning import Part, Payee, Payment, plan

TODAY = date(2026, 5, 20)
fen = st.integers(0, 100_000)
payments = st.lists(
    st.builds(Payment, st.integers(1, 6), fen, fen, st.integers(-3, 3).map(lambda n: TODAY + timedelta(days=n))), max_size=6
)
earned = st.dictionaries(st.integers(1, 7), st.integers(-50_000, 50_000), max_size=7)
payees = st.lists(st.builds(Payee, st.integers(1, 12), st.sampled_from("abcdefgh"), fen, earned), max_size=12)


@given(
    payees.map(lambda all_: list({p.statement: p for p in all_}.values())),
    payments.map(lambda all_: list({p.id: p for p in all_}.values())),
)
def test_a_plan_stays_within_limits_days_payouts_and_what_was_earned(given_payees: list[Payee], given_payments: list[Payment]) -> None:
    requests = plan(given_payees, given_payments, today=TODAY, most=5)
    by_payment: Counter[int] = Counter()
    by_statement: Counter[int] = Counter()
    by_both: Counter[tuple[int, int]] = Counter()
    known = {payment.id: payment for payment in given_payments}
    named = {payee.statement: payee for payee in given_payees}
    for payment, parts in requests:
        assert 0 < len(parts) <= 5
        assert len({named[part.statement].account for part in parts}) == len(parts), "an account stands in a request once"
        for part in parts:
            assert part.amount_fen > 0
            by_payment[payment] += part.amount_fen
            by_statement[part.statement] += part.amount_fen
            by_both[part.statement, payment] += part.amount_fen
    assert all(fen + known[payment].given_fen <= known[payment].limit_fen for payment, fen in by_payment.items())
    assert all(known[payment].share_by >= TODAY for payment in by_payment)
    assert all(fen <= named[statement].payout_fen for statement, fen in by_statement.items())
    assert all(fen <= named[statement].earned[payment] for (statement, payment), fen in by_both.items())


@given(st.lists(st.integers(1, 1_000), min_size=1, max_size=9), st.integers(0, 4_000))
def test_no_other_choice_gives_more_parties_their_part_whole(wanted: list[int], room: int) -> None:
    given_payees = [Payee(n, str(n), fen, {1: fen}) for n, fen in enumerate(wanted)]
    found: defaultdict[int, int] = defaultdict(int)
    for _payment, parts in plan(given_payees, [Payment(1, room, 0, TODAY)], today=TODAY, most=5):
        for part in parts:
            found[part.statement] += part.amount_fen
    most, total = 0, 0
    for each in sorted(wanted):
        total += each
        most += total <= room
    assert sum(found[n] == each for n, each in enumerate(wanted)) == most
    assert sum(found.values()) == min(room, sum(wanted)), "nothing that may be shared is left to a transfer"


def test_six_parties_of_one_payment_take_two_requests() -> None:
    given_payees = [Payee(n, str(n), 100, {1: 10}) for n in range(6)]
    requests = plan(given_payees, [Payment(1, 1_000, 0, TODAY)], today=TODAY, most=5)
    assert [len(parts) for _payment, parts in requests] == [5, 1]


def test_one_account_behind_two_statements_takes_two_requests() -> None:
    given_payees = [Payee(1, "same", 100, {1: 10}), Payee(2, "same", 100, {1: 20})]
    requests = plan(given_payees, [Payment(1, 1_000, 0, TODAY)], today=TODAY, most=5)
    assert requests == [(1, [Part(1, 10)]), (1, [Part(2, 20)])]
