import pytest
from sqlalchemy import event

from core.errors import Refused
from supply.counties.models import County
from supply.stations.models import VillageService
from supply.stations.queries import services_of, stations
from supply.stations.service import StationUnknown, edit_station, station_named
from tests.county import small_county


def test_stations_are_listed_by_code_in_pages_and_by_township(session, small):
    every = [s.station.code for s in stations(session, tenant_id=small.id)]
    assert every == sorted(every) and len(every) == 4
    page = stations(session, tenant_id=small.id, limit=3)
    assert [s.station.code for s in stations(session, tenant_id=small.id, after=page[-1].station.code)] == every[3:]
    west = stations(session, tenant_id=small.id, township="西镇")
    assert [s.station.name for s in west] == ["山前驿站"]
    assert [s.station.name for s in stations(session, tenant_id=small.id, township=west[0].township.code)] == ["山前驿站"]
    assert stations(session, tenant_id=small.id, township="nowhere") == []


def test_a_list_of_stations_is_one_query(session, small):
    asked = []
    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    stations(session, tenant_id=small.id)
    assert len(asked) == 1


def test_a_station_edits_what_is_its_own_and_cached_pages_see_it(session, small):
    session.add(VillageService(tenant_id=small.id, code="print", name="打印"))
    session.flush()
    before = session.get(County, small.id).catalogue_version
    station = edit_station(session, small.stations[0], story="新故事", opens_min=420, closes_min=1200, services=["print"])
    assert [s.name for s in services_of(session, station)] == ["打印"]
    session.expire_all()
    assert station_named(session, station.code, tenant_id=small.id).story == "新故事"
    assert session.get(County, small.id).catalogue_version == before + 1


def test_what_makes_no_sense_or_is_not_its_own_is_refused(session, small):
    before = small.stations[0].model_dump()
    for wrong in [{"opens_min": 1200}, {"closes_min": 1441}, {"opens_min": -1}, {"services": ["nuclear"]}, {"code": "x"}, {"master_id": 1}]:
        with pytest.raises(Refused):
            edit_station(session, small.stations[0], **wrong)
    assert small.stations[0].model_dump() == before


def test_another_county_does_not_find_it(session, small):
    other = small_county(session, code="other", prefix="ot")
    with pytest.raises(StationUnknown):
        station_named(session, small.stations[0].code, tenant_id=other.id)
