from datetime import date

import pytest

from core import clock
from core.errors import Refused
from supply.growers.models import Agreement, AgreementKind
from supply.growers.queries import growers_of
from supply.growers.service import GrowerUnknown, add_grower, grower_named, phone_of
from tests.county import small_county


def test_a_grower_joins_with_a_sealed_phone_or_without_one(session, small):
    station = small.stations[0]
    with_phone = add_grower(session, station, name="葛福生", phone="139 1111 2222").grower
    without = add_grower(session, station, name="葛银娣").grower
    assert "13911112222" not in with_phone.phone_sealed
    assert (phone_of(with_phone), phone_of(without)) == ("13911112222", None)
    assert {with_phone.code, without.code} == {f"{station.code}-g2", f"{station.code}-g3"}
    assert grower_named(session, without.code, tenant_id=small.id) is without


def test_nonsense_is_refused(session, small):
    for wrong in [{"name": " "}, {"phone": "12345"}, {"share_bp": 10_001}, {"share_bp": -1}]:
        with pytest.raises(Refused):
            add_grower(session, small.stations[0], **{"name": "葛福生", **wrong})
    assert len(growers_of(session, small.stations[0].node_id, tenant_id=small.id)) == 1


def test_each_grower_is_shown_with_the_agreement_in_force_today(session, small):
    grower, first = add_grower(session, small.stations[0], name="葛福生", agreement=AgreementKind.PURCHASE, share_bp=7800)
    first.starts_on, first.ends_on = date(2020, 1, 1), date(2020, 12, 31)
    now = Agreement(tenant_id=small.id, grower_id=grower.id, kind=AgreementKind.CONSIGNMENT, starts_on=clock.today())
    later = Agreement(tenant_id=small.id, grower_id=grower.id, kind=AgreementKind.PURCHASE, starts_on=date(2099, 1, 1))
    session.add_all([now, later])
    session.flush()
    shown = {g.name: a for g, a in growers_of(session, small.stations[0].node_id, tenant_id=small.id)}
    assert shown["葛福生"] is now


def test_another_county_does_not_find_it(session, small):
    other = small_county(session, code="other", prefix="ot")
    with pytest.raises(GrowerUnknown):
        grower_named(session, small.growers[0].code, tenant_id=other.id)
