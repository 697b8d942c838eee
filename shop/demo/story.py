"""A replayed history: an agenda of moments, each lived with the clock at its instant and its effects following at once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from random import Random

from sqlmodel import Session, func, select

from core import clock
from core.outbox import Outbox
from supply.counties.models import County
from supply.counties.profile_rows import Profile

from .effects import follow
from .people import People

Moment = Callable[["Story", Session], None]


@dataclass
class Story:
    """The county as the history's moments see it. The same seed and first day give the same story."""

    county: County
    profile: Profile
    people: People
    dice: Random
    agenda: list[tuple[datetime, int, Moment]] = field(default_factory=list)
    booked: int = 0

    def book(self, at: datetime, moment: Moment) -> None:
        """Something will happen at this instant, or never if the history ends before."""
        self.booked += 1
        heappush(self.agenda, (at, self.booked, moment))

    def later(self, low: float, high: float) -> datetime:
        """An instant between `low` and `high` minutes from now, to the second."""
        return clock.now() + timedelta(seconds=self.dice.randint(round(low * 60), round(high * 60)))

    def play(self, session: Session, until: datetime) -> None:
        """Live every booked moment before `until`, in order."""
        seen = session.exec(select(func.max(Outbox.id))).one() or 0
        while self.agenda and self.agenda[0][0] < until:
            at, _, moment = heappop(self.agenda)
            with clock.at(at):
                moment(self, session)
                session.flush()
                seen = follow(session, after_id=seen)
