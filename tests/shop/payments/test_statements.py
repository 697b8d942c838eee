"""What a sale costs the database: a bounded number of statements, and for each further line only its own stock's."""

from core import db, tasks
from core.permissions import Actor
from tests.shop.buying import buy, pay
from tests.statements import statements_of

ONE, THREE = [("tomato", 1)], [("tomato", 1), ("tea", 1), ("bamboo", 1)]
PLACING, SETTLING, A_LINE = 18, 40, 1


def _sell(county, wanted):
    """Statements of quoting and placing, and of all that the cashier's notice sets in motion."""
    numbers = []

    def placing():
        with db.writing() as session:
            numbers.append(buy(session, county, *wanted, actor=Actor(tenant_id=county.id)).number)

    placed = statements_of(placing)
    with db.writing() as session:
        pay(session, numbers[0])
    return placed, statements_of(tasks.drain)


def test_placing_and_settling_take_a_bounded_number_of_statements(county_rows):
    _sell(county_rows, THREE)  # accounts are opened, the day's board is made
    one, three = _sell(county_rows, ONE), _sell(county_rows, THREE)
    assert one[0] <= PLACING
    assert one[1] <= SETTLING
    more = 2  # lines; bamboo leaves another station: its consignment is a row more, not a statement
    assert three[0] <= one[0] + more * A_LINE
    assert three[1] <= one[1] + more * A_LINE
