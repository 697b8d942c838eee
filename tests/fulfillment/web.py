"""People of the small county in the browser and at the interface, signed in as their roles."""

from fastapi.testclient import TestClient
from sqlmodel import Session

from core import clock, db
from core.auth.models import SignIn
from core.auth.service import grant, start_session
from shop.app import create_app
from tests.county import SmallCounty
from tests.documented import watched
from tests.fulfillment.conftest import county_of_days
from tests.shop.selling import make_user

PHONES = iter(range(13900000000, 13999999999))


def county_with_roads() -> SmallCounty:
    from fulfillment.timetable.service import follow_the_clock

    with db.writing() as session:
        county = county_of_days(session)
        follow_the_clock(session, county.id)
    return county


def signed_in(county: SmallCounty, role: str, kind: str = "county", scope: str = "", *, second_factor: bool = True) -> TestClient:
    """A browser whose requests carry this role's session."""
    with db.writing() as session:
        token = session_of(session, county, role, kind, scope, second_factor=second_factor)
    headers = {"authorization": f"Bearer {token}", "sec-fetch-site": "same-origin"}
    return watched(TestClient(create_app(), headers=headers, follow_redirects=False))


def session_of(session: Session, county: SmallCounty, role: str, kind: str, scope: str, *, second_factor: bool) -> str:
    user = make_user(session, str(next(PHONES)), role)
    grant(session, user, role, tenant_id=county.id, scope_kind=kind, scope_code=scope)
    started, token = start_session(session, tenant_id=county.id, user=user, bearer=True)
    session.get_one(SignIn, started.id).second_factor_at = clock.now() if second_factor else None
    return token


def guest() -> TestClient:
    return watched(TestClient(create_app(), headers={"accept": "text/html"}, follow_redirects=False))
