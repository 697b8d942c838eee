"""The small county that is put back is the one that was made."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import Session

from core import clock
from core.outbox import emit
from fulfillment.promise.stamp import timetable_changed_here
from fulfillment.timetable.service import open_days
from shop.tables import metadata
from supply.counties.models import County, Township
from tests import remembered
from tests.county import SmallCounty, small_county
from tests.fulfillment.conftest import DAY, NINE


def _all(session: Session) -> dict[str, list[Any]]:
    return {t.name: session.connection().execute(select(t).order_by(*t.primary_key)).all() for t in metadata.sorted_tables}


def test_what_is_put_back_is_what_was_made_and_goes_on_as_it_would(session: Session) -> None:
    def made() -> SmallCounty:
        rows = small_county(session)
        open_days(session, rows.county, DAY, DAY)
        return rows

    with clock.at(NINE):
        first = remembered.remembered(session, (session.get_bind().dialect.name, "put back"), made)
        skus, before = [v.sku for v in first.variants.values()], _all(session)
        session.rollback()
        session.info.clear()
        remembered.begin()
        again = remembered.remembered(session, (session.get_bind().dialect.name, "put back"), lambda: pytest.fail("made twice"))
        assert _all(session) == before
        assert again.county is session.get(County, again.id)
        assert [v.sku for v in again.variants.values()] == skus
        assert timetable_changed_here(session)
        session.add(Township(tenant_id=again.id, code="new", name="新镇", population=1))
        emit(session, "nobody.listens", tenant_id=again.id, key="new")
        session.flush()
        session.rollback()


def test_where_something_was_written_already_the_county_is_made_anew(session: Session) -> None:
    first, second = small_county(session), small_county(session, code="other", prefix="ot")
    assert (first.id, second.id) == (1, 2)
    assert {v.sku for v in first.variants.values()}.isdisjoint(v.sku for v in second.variants.values())
