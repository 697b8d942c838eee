"""A broken promise is named by its invariant: each probe is shown a database that breaks it."""

import pytest
from sqlalchemy import text
from sqlmodel import select

import shop.invariants
from core import audit, clock, db
from core.checks import append_only_is_guarded
from core.idempotency import IdempotencyKey
from core.inbox import Inbox
from core.ledger.models import Journal
from core.outbox import Outbox, emit
from core.status import StatusEvent
from core.triggers import apply_triggers
from shop.check import late, report, standing


class Undo(Exception):
    """Leaves the transaction without keeping what it broke."""


def _broken(*rows) -> set[str]:
    """Codes of the invariants that these rows break; nothing is kept."""
    found: set[str] = set()
    with pytest.raises(Undo), db.writing() as session:
        session.add_all(rows)
        session.flush()
        found |= {f.invariant.words for f in shop.invariants.check(session) if f.count}
        raise Undo
    return found


def _event(source: str | None, target: str, subject: str = "DP1") -> StatusEvent:
    return StatusEvent(tenant_id=1, kind="departure", subject=subject, source=source, target=target, at=clock.now())


def test_a_legal_history_breaks_nothing(database):
    assert (
        _broken(_event(None, "scheduled"), _event("scheduled", "open"), _event("open", "closed"), _event(None, "scheduled", "DP2")) == set()
    )


def test_an_illegal_move_and_a_gap_are_named(database):
    assert "status moves are legal" in _broken(_event("arrived", "open"))
    assert "each move starts where the one before ended, and the first of all comes from nowhere" in _broken(
        _event("scheduled", "open"), _event("closed", "departed")
    )


def test_an_idempotency_key_without_its_answer_is_named(database):
    key = IdempotencyKey(tenant_id=1, actor="guest", route="POST /x", key="k", body_hash="h", created_at=clock.now())
    assert _broken(key) == {"every idempotency key has its answer"}


def test_a_notice_nobody_works_on_is_named(database):
    notice = Inbox(tenant_id=1, provider="sandbox", event_id="e", body="{}", received_at=clock.now())
    assert _broken(notice) == {"every kept notice was asked to be worked on, and is until it was"}


@pytest.mark.parametrize(
    ("words", "open_"),
    [
        ("打给 13812345678", True), ("13812345678", True), ("JS13812345678X", False), ("138****5678", False), ("2026112213812345678", False),
        ("身份证11010519491231002X", True), ("110105194912310021", False), ("卡 6222 0212 3456 7894", True), ("4111-1111-1111-1111", True),
        ("4111111111111111", True), ("4111111111111112", False), ("6222021234567894123456", False),
    ],
)  # fmt: skip
def test_a_full_number_of_a_person_is_found_and_digits_inside_codes_are_not(database, words, open_):
    with pytest.raises(Undo), db.writing() as session:
        session.add(StatusEvent(tenant_id=1, kind="departure", subject="DP1", target="scheduled", at=clock.now(), note=words))
        emit(session, "x", tenant_id=1, key="1", payload={"words": words})
        session.flush()
        found = shop.invariants.check(session, touched={"status_event", "outbox"})
        assert sum(f.count for f in found if f.invariant.code == "I15") == (2 if open_ else 0)
        raise Undo


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("打给 13812345678", "打给 138****5678"),
        ("身份证11010519491231002X。", "身份证1101**********002X。"),
        ("卡 6222 0212 3456 7894", "卡 6222********7894"),
        ("运单 6222021234567890", "运单 6222021234567890"),
    ],
)
def test_a_reason_keeps_no_number_of_a_person(database, said, kept):
    """The trail is never changed, so what must not stand in it must not come into it."""
    with db.writing() as session:
        audit.record(session, "reveal.phone", tenant_id=1, actor="user:U1", subject="JS1", reason=said)
    with db.reading() as session:
        assert session.exec(select(audit.AuditEntry.reason)).one() == kept


def test_the_audit_chain_notices_a_changed_row(database):
    with clock.at(clock.now() - audit.SETTLED), db.writing() as session:
        for n in range(3):
            audit.record(session, "reveal.phone", tenant_id=1, actor="user:U1", subject=f"JS{n}")
    with db.writing() as session:
        assert audit.seal(session) == 3
    off = "DROP TRIGGER audit_entry_no_update" if database == "sqlite" else "ALTER TABLE audit_entry DISABLE TRIGGER USER"
    with pytest.raises(Undo), db.writing() as session:
        session.execute(text(off))
        assert len(list(append_only_is_guarded(session))) == 1
        session.execute(text("UPDATE audit_entry SET subject = 'JS9' WHERE id = 2"))
        assert audit.broken_seals(session) == [2]
        raise Undo
    with db.writing() as session:
        apply_triggers(session.connection())
        assert audit.broken_seals(session) == []


def test_a_journal_on_the_wrong_business_day_is_named(database):
    eve = clock.on(clock.today(), -1)  # a minute before midnight in Shanghai: yesterday there, and not always in UTC
    wrong = Journal(
        tenant_id=1, key="k", kind="x", cause_kind="x", cause_code="x", posted_at=eve, business_date=clock.business_date(clock.now())
    )
    assert "a journal's business day is its instant's day in Shanghai" in _broken(wrong)


def test_late_work_counts_only_after_a_minute(database, capsys):
    with db.writing() as session:
        emit(session, "x", tenant_id=1, key="1")
    assert report() == 0
    with db.writing() as session:
        session.exec(select(Outbox)).one().available_at = clock.on(clock.today(), -30)
    assert report() == 1
    assert "BROKEN      1  the outbox is not behind by more than 60 s" in capsys.readouterr().out
    with db.reading() as session:
        assert {line.code for line in [*standing(session), *late(session)]} >= {
            "I1",
            "I4",
            "I7",
            "I8",
            "I9",
            "I10",
            "I13",
            "I15",
            "I16",
            "I19",
        }
