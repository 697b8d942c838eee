"""Messages leave once, sealed until then, and not when they are too late."""

from datetime import timedelta

import pytest
from sqlmodel import select

from core import clock, db, notify
from core.outbox import Outbox
from core.settings import settings
from core.tasks import drain


class Remembering:
    def __init__(self) -> None:
        self.sent: list[tuple[str, str, str]] = []

    def send(self, phone: str, words: str, *, key: str) -> None:
        self.sent.append((phone, words, key))


@pytest.fixture
def sender():
    remembering = Remembering()
    notify.install_sender(remembering)
    yield remembering
    notify.install_sender(None)


def _tell(key: str = "k1") -> None:
    with db.writing() as session:
        notify.tell(session, "13912345678", "包裹到站了", tenant_id=1, key=key)


def test_a_message_is_sent_once_with_its_key_and_lies_sealed_until_then(database, sender):
    _tell()
    _tell()
    with db.reading() as session:
        row = session.exec(select(Outbox)).one()
    assert "139" not in str(row.payload) and "包裹" not in str(row.payload)
    assert drain() == 1
    assert sender.sent == [("13912345678", "【集市】包裹到站了", "1:k1")]


def test_a_message_whose_sender_was_taken_away_waits_and_in_the_demo_it_is_printed_masked(database, sender, monkeypatch, capsys):
    _tell()
    notify.install_sender(None)
    with pytest.raises(notify.NoSender):
        drain()
    monkeypatch.setattr(settings, "demo", True)
    with clock.at(clock.now() + timedelta(seconds=5)):
        assert drain() == 1
    assert capsys.readouterr().out == "[短信 139****5678] 【集市】包裹到站了\n"


def test_where_nobody_sends_no_message_is_written_that_would_only_wait(database):
    _tell()
    with db.reading() as session:
        assert session.exec(select(Outbox)).all() == []


def test_a_one_time_code_that_is_too_late_is_not_sent(database, sender):
    from core.auth.service import send_code

    with db.writing() as session:
        send_code(session, "13912345678", tenant_id=1)
    with clock.at(clock.now() + timedelta(minutes=6)):
        assert drain() == 1
    assert sender.sent == []
