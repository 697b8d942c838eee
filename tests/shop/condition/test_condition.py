"""Work that was given up is seen and can be tried again; who works here is told when something behind the counter is in trouble."""

import pytest
from fastapi import Request
from sqlmodel import select

from core import audit, clock, condition, db
from core.outbox import Outbox, emit
from core.permissions import Actor
from core.settings import settings
from core.tasks import drain, handler, registry, relay
from core.tasks.effects import TRIES
from core.tenant import Tenant
from shop.condition.command import list_dead, replay_dead
from shop.condition.told import told
from shop.search import tasks as searching
from shop.search.engine import Health
from tests.statements import statements_of

PHONE = "13911112222"
AWAY = "搜索连不上了"


@pytest.fixture(autouse=True)
def unseen(monkeypatch):
    """What another test's look found is forgotten."""
    monkeypatch.setattr(condition, "_found", condition.Condition())
    monkeypatch.setattr(relay._Refusals, "at", None)


@pytest.fixture
def given_up(county_rows, monkeypatch):
    """Two effects that failed until they were given up, and whose cause is gone now; a third of another county."""
    monkeypatch.setattr(registry, "handlers", {})
    monkeypatch.setattr("core.tasks.effects.handlers", registry.handlers)
    poison = [True]

    @handler("message.send")
    def fail(_session, _event):
        if poison[0]:
            raise RuntimeError(f"no road to {PHONE}")

    with db.writing() as session:
        other = Tenant(code="other", name="other", created_at=clock.now())
        session.add(other)
        session.flush()
        for key, tenant in (("a", county_rows.id), ("b", county_rows.id), ("c", other.id)):
            emit(session, "message.send", tenant_id=tenant, key=key)
        dead = Outbox.__table__.update().where(Outbox.topic == "message.send")
        session.execute(dead.values(attempts=TRIES - 1))
    drain(raising=False)
    poison[0] = False
    monkeypatch.setattr(settings, "county", county_rows.county.code)
    return county_rows


def _letters() -> dict[str, Outbox]:
    with db.reading() as session:
        return {row.key: row for row in session.exec(select(Outbox).where(Outbox.topic == "message.send"))}


def _replays() -> list[audit.AuditEntry]:
    with db.reading() as session:
        return list(session.exec(select(audit.AuditEntry).where(audit.AuditEntry.act == "outbox.replay").order_by(audit.AuditEntry.id)))


def test_the_command_lists_what_was_given_up_without_personal_data_and_tries_it_again(given_up, capsys):
    assert list_dead() == 0
    said = capsys.readouterr().out
    assert "message.send a" in said and "8 tries" in said and "RuntimeError: no road to 139****2222" in said
    assert PHONE not in said and "3 given up" in said
    one = _letters()["a"].id
    assert [replay_dead(which) for which in (str(one), str(one), "some", "all")] == [0, 1, 2, 0]
    assert drain() == 3
    assert all(letter.done_at and letter.dead_at is None for letter in _letters().values())
    assert (_replays()[0].actor, _replays()[0].facts) == ("operator", {"letters": [one]})
    capsys.readouterr()
    list_dead()
    assert capsys.readouterr().out == "0 given up\n"


def test_the_administrator_sees_their_county_s_and_gives_new_tries(signed_in, given_up):
    admin, letters = signed_in("admin", "county", ""), _letters()
    shown = admin.get("/county/undone").text
    assert "发短信" in shown and "139****2222" in shown and PHONE not in shown
    assert [f'value="{letters[key].id}"' in shown for key in "abc"] == [True, True, False], "another county's is none of theirs"
    assert admin.post("/county/undone/replays", data={"letter": letters["a"].id}).headers["location"] == "/county/undone"
    assert admin.post("/county/undone/replays", data={"letter": letters["c"].id}).status_code == 303
    assert [_letters()[key].dead_at is None for key in "abc"] == [True, False, False]
    admin.post("/county/undone/replays", data={"letter": "all"})
    assert [_letters()[key].dead_at is None for key in "abc"] == [True, True, False]
    assert [(e.role, e.facts["letters"]) for e in _replays()] == [("admin", [letters["a"].id]), ("admin", [letters["b"].id])]
    assert "没有落下的事" in admin.get("/county/undone").text


def test_the_count_of_what_was_given_up_is_told_to_the_administrator_alone(signed_in, given_up):
    condition.look()
    assert "有 2 件后台的事" in signed_in("admin", "county", "").get("/county").text
    assert "件后台的事" not in signed_in("master", "station", "sm-gejia").get("/station").text


def test_staff_are_told_that_the_search_is_down_and_buyers_are_not(signed_in, monkeypatch):
    master, buyer = signed_in("master", "station", "sm-gejia"), signed_in("consumer", "own", "")
    assert condition.look().troubles == ()

    class Away:
        name = "away"

        def health(self):
            return Health(False, "away", None, 0, "no answer")

    monkeypatch.setattr(searching, "engine", Away)
    condition.look()
    assert AWAY in master.get("/station").text
    assert master.get("/readyz").json()["trouble"] == ["search"]
    for page in ("/", "/account", "/search?q=x"):
        assert AWAY not in buyer.get(page).text


def test_telling_costs_a_page_no_statement(monkeypatch):
    monkeypatch.setattr(condition, "_found", condition.Condition(("search", "behind", "broker"), {1: 2}))
    actor = Actor(tenant_id=1, user_id=1, grants=frozenset({("admin", "county", "")}))
    said = []
    assert statements_of(lambda: said.append(told(Request({"type": "http", "state": {"actor": actor}})))) == 0
    assert said[0]["given_up"] == 2
    assert [words in "".join(said[0]["troubles"]) for words in (AWAY, "排起了队", "没有回应")] == [True] * 3


def test_work_that_waits_for_a_minute_is_behind_and_a_broker_that_refuses_is_told_until_it_takes_again(county_rows, monkeypatch):
    with db.writing() as session:
        emit(session, "order.paid", tenant_id=county_rows.id, key="late")
        session.execute(Outbox.__table__.update().values(done_at=None))
    assert condition.look().troubles == ()
    with clock.at(clock.now() + condition.LATE * 2):
        assert condition.look().troubles == ("behind",)

        def refuse(_parcel):
            raise ConnectionError

        relay.pump(refuse)
        assert condition.look().troubles == ("behind", "broker")
    with clock.at(clock.now() + condition.LATE * 3):
        relay.pump(lambda parcel: parcel.work())
        assert condition.look().troubles == ()


def test_a_probe_that_fails_or_a_database_that_is_away_costs_nobody_a_page(county_rows, monkeypatch):
    def broken():
        raise OSError

    monkeypatch.setitem(condition._probes, "search", broken)
    monkeypatch.setattr(condition, "dead_counts", broken)
    assert condition.look() == condition.Condition()
