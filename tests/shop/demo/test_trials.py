"""What `make run` leaves the worker to try out: asked for after loading, answered once the shop is open."""

import pytest
from sqlmodel import Session, select

from core import clock, db, readiness
from core.settings import settings
from core.tasks import drain
from fulfillment.whatif.models import ProposalRun, WhatIf
from shop.demo import load_demo
from shop.demo.trials import LATER, ask_for_trials
from supply.counties.models import County


@pytest.fixture(autouse=True)
def demo_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "demo", True)


def ask() -> None:
    with db.writing() as session:
        ask_for_trials(session, session.exec(select(County)).one())


def rows(session: Session) -> list[WhatIf | ProposalRun]:
    return [*session.exec(select(WhatIf)), *session.exec(select(ProposalRun))]


def test_a_scenario_and_a_look_for_proposals_are_asked_for_and_the_worker_answers_them(database: str) -> None:
    load_demo("shengsi", fresh=False, days=2, orders=4, progress=lambda percent, words: None)
    with db.reading() as session:
        assert rows(session) == [], "nothing is asked while it loads"
    ask()
    with db.reading() as session:
        assert [row.status for row in rows(session)] == ["solving", "solving"]
        assert not readiness.waiting(session), "the shop is ready while they wait their minute"
    with clock.at(clock.now() + LATER):
        drain()
    with db.reading() as session:
        scenario, look = rows(session)
        assert (scenario.status, look.status) == ("done", "done")
        assert scenario.answer["parcels"] > 0 < look.answer["tried"]


def test_a_demonstration_without_parcels_asks_for_nothing(database: str) -> None:
    load_demo("shengsi", fresh=False, days=0, orders=0, progress=lambda percent, words: None)
    ask()
    with db.reading() as session:
        assert rows(session) == []
