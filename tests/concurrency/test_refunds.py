"""Two colleagues with one claim, two refunds of one line, a refund beside a sale: never more than was paid, and nobody waits in a circle."""

from collections import Counter
from collections.abc import Callable

from sqlmodel import select

from core import db, tasks
from core.errors import JishiError
from shop.claims.deciding import Decision, decide
from shop.payments.giving import Part, give_back
from shop.payments.models import Refund
from tests.concurrency.rivals import at_once
from tests.shop.buying import order_of
from tests.shop.claims.claiming import claim, colleague, delivered
from tests.shop.earning import sell
from tests.shop.payments.test_giving import lines_of


def _tried(work: Callable[[], str]) -> str:
    try:
        return work()
    except JishiError as refused:
        return refused.code


def test_two_colleagues_who_decide_one_claim_at_once_pay_it_once(county_rows):
    number = delivered(county_rows, ("clam", 1))
    made = claim(number)

    def decided(code: str) -> str:
        return db.run_write(lambda session: decide(session, colleague(county_rows, "finance", code), made.code, Decision(True)).status)

    answers = at_once([lambda code=code: _tried(lambda: decided(code)) for code in ("U7", "U8", "U9")])
    assert Counter(answers) == {"approved": 1, "claim_decided": 2}
    tasks.drain()
    with db.reading() as session:
        assert order_of(session, number).refunded_fen == 6900
        assert len(session.exec(select(Refund)).all()) == 1


def test_refunds_of_one_line_at_once_never_give_back_more_than_it_cost(county_rows):
    number = sell(county_rows, ("tomato", 2))

    def given(key: str) -> str:
        def write(session):
            line = lines_of(session, number)[0]
            return give_back(session, order_of(session, number), [Part(line.id or 0, 3000)], key=key, reason="试").status

        return db.run_write(write)

    answers = at_once([lambda n=n: _tried(lambda: given(f"r{n}")) for n in range(6)])
    assert Counter(answers) == {"queued": 2, "refund_too_much": 4}  # of 72.00 and its freight: twice 30.00
    tasks.drain()
    with db.reading() as session:
        assert order_of(session, number).refunded_fen == 6000


def test_refunds_with_parties_in_every_order_never_deadlock(county_rows):
    numbers = [sell(county_rows, ("tomato", 1), ("clam", 1), ("bamboo", 1)) for _ in range(4)]

    def given(n: int, number: str) -> str:
        def write(session):
            lines = lines_of(session, number)
            parts = [Part(line.id or 0, 100) for line in (lines[::-1] if n % 2 else lines)]
            return give_back(
                session, order_of(session, number), parts, key=f"{number} {n}", reason="试", bearer=("", "master")[n % 2]
            ).status

        return db.run_write(write)

    answers = at_once([lambda n=n, number=number: _tried(lambda: given(n, number)) for n in range(4) for number in numbers])
    assert Counter(answers) == {"queued": 16}
    tasks.drain()
