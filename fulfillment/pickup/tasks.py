"""Shelves are looked through again and again: who is to be reminded, what goes back."""

from sqlmodel import select

from core import db
from core.tasks import every
from supply.counties.models import County

from .ageing import MOST, remind, send_back_one


@every(600, "pickup.follow")
def follow() -> None:
    """Every county in its own transactions; each return in one of its own, as a scan is."""
    with db.reading() as session:
        counties = [county.id for county in session.exec(select(County)).all()]
    for number in counties:
        while db.run_write(lambda session, number=number: remind(session, session.get_one(County, number))) >= MOST:  # type: ignore[misc]
            pass
        while db.run_write(lambda session, number=number: send_back_one(session, session.get_one(County, number))):  # type: ignore[misc]
            pass
