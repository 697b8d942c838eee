"""A county that has one of everything, loaded from its folder as any other, and the hands with which a test touches it."""

from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from fastapi.testclient import TestClient
from sqlmodel import Session, col, select

import shop.wiring  # noqa: F401 - who answers what
from core import clock, db, tasks
from fulfillment.batching.models import PlannedLeg
from fulfillment.batching.service import plan_day
from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.consignments.service import pack
from fulfillment.contracts.loading import load_contracts
from fulfillment.network.service import load_network
from fulfillment.subsidies.loading import load_subsidies
from fulfillment.timetable.models import Departure
from fulfillment.timetable.service import open_days
from shop.app import create_app
from shop.listings.loading import load_shopfront
from supply.counties.models import County
from supply.counties.profile import profile_in
from supply.counties.service import load_county
from supply.products.models import Product, Variant
from tests.fulfillment.conftest import DAY, NINE
from tests.fulfillment.shipping import event, person, scan
from tests.fulfillment.web import session_of
from tests.shop.buying import pay

FOLDER = Path(__file__).parent / "duo"
AFAR = {"province": "上海市", "city": "上海市", "district": "徐汇区", "detail": "天平路 7 号"}
HERE = {"province": "浙江省", "city": "某市", "district": "多县"}
JUNE = DAY.replace(month=6, day=15)


class World(NamedTuple):
    county: County
    skus: dict[str, str]  # of the county's own produce, by product

    @property
    def id(self) -> int:
        return self.county.id

    def get(self, path: str, role: str = "", kind: str = "county", scope: str = "") -> Any:
        """JSON of a call, the text of a page."""
        answer = self.client(role, kind, scope).get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:400])
        return answer.json() if path.startswith("/api") else answer.text

    def client(self, role: str = "", kind: str = "county", scope: str = "") -> TestClient:
        headers = {"sec-fetch-site": "same-origin"}
        if role:
            with db.writing() as session:
                headers["authorization"] = f"Bearer {session_of(session, self, role, kind, scope, second_factor=True)}"  # type: ignore[arg-type]
        return TestClient(create_app(), headers=headers, follow_redirects=False)

    def quoted(self, product: str, to: dict[str, str], qty: int = 1) -> Any:
        """What `POST /quotes` promises for one product, or how it refuses."""
        body = {"items": [{"sku": self.skus[product], "qty": qty}], "address": to}
        answer = self.client().post("/api/v1/quotes", json=body)
        return answer.json()["stations"][0] if answer.status_code == 200 else answer.json()

    def road(self, product: str, to: dict[str, str]) -> list[str]:
        """The kinds of carriage of a promised road, in order."""
        return [leg["kind"] for leg in self.quoted(product, to)["path"]]

    def bought(self, product: str, to: dict[str, str], qty: int = 1) -> str:
        """A paid and packed order's parcel, planned with all that waits."""
        client = self.client()
        items = [{"sku": self.skus[product], "qty": qty}]
        total = client.post("/api/v1/quotes", json={"items": items, "address": to}).json()["total_fen"]
        body = {"items": items, "address": to, "contact": {"name": "赵立春", "phone": "13912345678"}, "expected_total_fen": total}
        number = client.post("/api/v1/orders", json=body).json()["number"]
        with db.writing() as session:
            pay(session, number)
        tasks.drain()
        with db.writing() as session:
            whole = session.exec(select(Consignment).where(Consignment.source_code == number)).one()
            pack(session, whole, by="UMASTER")
            return session.exec(select(Parcel.code).where(Parcel.consignment_id == whole.id)).one()

    def delivered(self, product: str, to: dict[str, str]) -> str:
        """The same, gone by bus over the hub and the post's trunk to its buyer since nine o'clock."""
        parcel = self.bought(product, to)
        self.planned()
        road = (("load", self.ride(parcel)), ("receive", "du-hub"), ("dispatch", "du-k-post"), ("deliver", "du-k-post"))
        for minute, (action, place) in enumerate(road):
            with clock.at(NINE + timedelta(minutes=minute)):
                self.scan(action, parcel, place)
        return parcel

    def planned(self) -> str:
        """The day planned; the plan's code."""
        with db.writing() as session:
            return plan_day(session, session.get_one(County, self.id), clock.today()).code

    def ride(self, parcel: str) -> str:
        """The departure a plan puts a parcel on first."""
        with db.reading() as session:
            legs = select(Departure.code).join(PlannedLeg, col(PlannedLeg.departure_id) == col(Departure.id)).join(Parcel)
            mine = legs.where(Parcel.code == parcel, col(PlannedLeg.voided_at).is_(None))
            return session.exec(mine.order_by(col(PlannedLeg.position))).first() or ""

    def scan(self, action: str, parcel: str, place: str) -> None:
        with db.writing() as session:
            (outcome,) = scan(session, self, event(action, parcel, place), actor=person(self, "dispatcher"))  # type: ignore[arg-type]
        assert (outcome.result, outcome.code) == ("accepted", ""), outcome

    def runs(self, line: str, day: Any = DAY) -> list[Any]:
        return list(self.get(f"/api/v1/departures?date={day.isoformat()}&line={line}")["items"])


def load_world(session: Session) -> World:
    profile = profile_in(FOLDER)
    loaded = load_county(session, profile, profile.county.demo.seed)
    load_network(session, profile, loaded.county.id)
    load_contracts(session, profile, loaded.county.id)
    load_subsidies(session, profile, loaded.county.id)
    load_shopfront(session, loaded.products, loaded.county.id, by="test")
    for first in (DAY, JUNE):
        open_days(session, loaded.county, first, first + timedelta(days=5))
    own = {row.product for row in profile.products}
    rows = session.exec(select(Product.name, Variant.sku).join(Variant, col(Variant.product_id) == col(Product.id)))
    return World(loaded.county, {name: sku for name, sku in rows if name in own})
