"""Villagers of the small county who ask for trips."""

from datetime import date, timedelta

from fastapi.testclient import TestClient
from sqlmodel import select

from core import db
from core.outbox import Outbox
from core.pii import unseal
from fulfillment.customised.models import TripRequest
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY
from tests.fulfillment.web import signed_in

TOMORROW = DAY + timedelta(days=1)


def form(county: SmallCounty, **more: str) -> dict[str, str]:
    typed = {
        "start": "葛家村", "to": "县城", "on": TOMORROW.isoformat(), "earliest": "08:20", "latest": "08:40", "seats": "2", "purpose": "clinic",
        "note": "", "form_key": "",
    }  # fmt: skip
    return {**typed, **more}


def villager(county: SmallCounty) -> TestClient:
    return signed_in(county, "consumer", "own")


def asks(county: SmallCounty, **more: str) -> TestClient:
    """A new villager whose request is taken."""
    web = villager(county)
    answer = web.post("/travel/requests", data=form(county, **more))
    assert answer.status_code == 303, answer.text
    return web


def rows_of(day: date | None = None) -> list[TripRequest]:
    with db.reading() as session:
        return list(session.exec(select(TripRequest).order_by(TripRequest.id)).all())


def messages() -> list[str]:
    """Every message that was written, in order."""
    with db.reading() as session:
        sent = session.exec(select(Outbox).where(Outbox.topic == "message.send").order_by(Outbox.id)).all()
        return [unseal(m.payload["words"], m.payload["context"]) for m in sent if "words" in m.payload]
