"""The ledger's five calls driven from another process, on both databases; a county's books are never driven."""

import json
import subprocess
import sys
import uuid
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from core import db
from core.settings import ROOT, settings
from core.tenant import Tenant
from shop import schema
from tests.servers import postgres
from tests.servers.storefront import environment, jishi

ANSWER_S = 60


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, home):
    """What names an empty database to a process."""
    if request.param == "sqlite":
        yield {}
        return
    name = f"l_{uuid.uuid4().hex[:12]}"
    postgres.admin(f"CREATE DATABASE {name}")
    yield {"JISHI_DATABASE_URL": postgres.server_url() % name}
    postgres.admin(f"DROP DATABASE {name} WITH (FORCE)")


def drive(home, calls, *arguments, **more):
    """One process for all of them; a call that is no object goes as it is."""
    lines = [each if isinstance(each, bytes) else json.dumps(each).encode() for each in calls]
    done = subprocess.run(
        [sys.executable, "-m", "shop", "ledger", "--json", *arguments], cwd=ROOT, env=environment(home, **more),
        input=b"\n".join(lines) + b"\n", capture_output=True, timeout=ANSWER_S,
    )  # fmt: skip
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr.decode()


TILL = {"call": "open_account", "account": "till", "side": "debit"}
SALES = {"call": "open_account", "account": "sales", "side": "credit"}


def sold(key, fen):
    return {"call": "post", "key": key, "lines": [["till", fen], ["sales", -fen]]}


def typed(fen):
    return {"call": "post", "key": "w", "lines": [["till", fen], ["sales", fen]]}


def test_a_suite_opens_posts_reverses_and_reads_back(home, address):
    calls = [
        TILL, SALES, sold("k1", 500), sold("k1", 500), sold("k2", 700), {"call": "reverse", "of": "k1", "key": "r1"},
        {"call": "reverse", "of": "k1", "key": "r1"}, {"call": "balance", "account": "sales"}, {"call": "history", "account": "till"},
        {"call": "history", "account": "till", "after": 1, "limit": 1},
    ]  # fmt: skip
    code, said, words = drive(home, calls, **address)
    assert (code, words) == (0, "")
    assert said[0] == {"account": "till", "side": "debit", "may_be_negative": False}
    assert said[2] == said[3], "the same key again is the same entry"
    assert said[2]["lines"] == [["sales", -500], ["till", 500]]
    assert said[5] == said[6]
    assert (said[5]["reverses"], said[5]["lines"]) == ("k1", [["sales", 500], ["till", -500]])
    assert said[7] == {"account": "sales", "side": "credit", "balance": 700}
    assert [(row["entry"], row["amount"]) for row in said[8]["rows"]] == [("k1", 500), ("k2", 700), ("r1", -500)]
    assert [row["entry"] for row in said[9]["rows"]] == ["k2"]
    assert said[9]["next"] == said[9]["rows"][0]["id"]
    again = drive(home, [{"call": "balance", "account": "till"}], **address)[1]
    assert again == [{"account": "till", "side": "debit", "balance": 700}], "the book is kept"
    checked = jishi(home, "check", **address)
    assert checked.returncode == 0, checked.stdout


def test_what_cannot_be_done_is_an_error_in_a_word_and_changes_nothing(home, address):
    wrong = {
        "not_json": [b"{", b"\xff\xfe", b"[" * 5000, b"9" * 5000, b"nul"],
        "too_long": [b'"' + b"x" * 1_000_001 + b'"'],
        "call_unknown": [b"[]", b"null", {"call": "drop"}, {"call": "post "}, {}, {"call": ["post"]}],
        "unbalanced": [{"call": "post", "key": "w", "lines": [["till", 5], ["sales", -4]]}],
        "empty_entry": [sold("w", 0), {"call": "post", "key": "w", "lines": [["till", 0]]}],
        "account_unknown": [{"call": "balance", "account": "nobody"}, {"call": "post", "key": "w", "lines": [["till", 1], ["x", -1]]}],
        "account_differs": [TILL | {"side": "credit"}, TILL | {"may_be_negative": True}],
        "entry_differs": [sold("k1", 501), sold("k1", 500) | {"currency": "USD"}],
        "entry_unknown": [{"call": "reverse", "of": "w", "key": "r"}],
        "already_reversed": [{"call": "reverse", "of": "k2", "key": "r3"}],
        "overdrawn": [sold("w", -501)],
        "invalid": [
            sold("w", 1.5), sold("w", True), typed("5"), typed([5]), typed(None), sold("w", 10**14), sold("w", float("nan")), sold("", 5), sold("a b", 5), sold("\x00", 5),
            sold("\ud800", 5), sold("w" * 101, 5), sold(7, 5), TILL | {"side": "left"}, TILL | {"side": ["debit"]}, TILL | {"account": ["till"]}, TILL | {"may_be_negative": "yes"},
            sold("w", 5) | {"currency": "cny"}, sold("w", 5) | {"memo": "x"}, {"call": "post", "key": "w", "lines": []},
            {"call": "post", "key": "w", "lines": [["till"]]}, {"call": "history", "account": "till", "limit": 0},
            {"call": "history", "account": "till", "after": -1}, {"call": "reverse", "of": "r2", "key": "rr"},
        ],
    }  # fmt: skip
    before = [TILL, SALES, sold("k1", 500), sold("k2", 700), {"call": "reverse", "of": "k2", "key": "r2"}]
    asked = [(code, call) for code, calls in wrong.items() for call in calls]
    after = [{"call": "history", "account": "till"}, {"call": "history", "account": "sales"}]
    code, said, words = drive(home, [*before, *(call for _code, call in asked), *after], **address)
    assert (code, words) == (0, "")
    answers = said[len(before) : -2]
    found = [(code, call, each) for (code, call), each in zip(asked, answers, strict=True) if each.get("error") != code]
    assert found == []
    assert [[row["amount"] for row in each["rows"]] for each in said[-2:]] == [[500, 700, -700], [-500, -700, 700]]


def test_a_countys_books_are_refused_unless_a_scratch_folder_is_named(database, home, tmp_path):
    with db.writing() as session:
        session.add(Tenant(code="xx", name="某县", created_at=datetime(2026, 5, 1, tzinfo=UTC)))
        session.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        session.execute(text("INSERT INTO alembic_version VALUES (:at)"), {"at": schema.head()})
    own = {"JISHI_SECRET_KEY": settings.secret_key or ""} | ({"JISHI_DATABASE_URL": settings.url} if database == "postgresql" else {})
    code, said, words = drive(home, [TILL], **own)
    assert (code, said) == (1, [])
    assert "holds a county's books" in words
    code, said, words = drive(home, [TILL], "--scratch", str(tmp_path / "book"), **own)
    assert (code, said[0]["account"], words) == (0, "till", "")
    with db.reading() as session:
        assert session.execute(text("SELECT count(*) FROM account")).scalar() == 0
    with db.writing() as session:
        session.execute(text("DROP TABLE alembic_version"))


def test_without_json_it_says_what_it_speaks(home):
    done = jishi(home, "ledger")
    assert (done.returncode, "--json" in done.stderr) == (2, True)
    assert not (home / "jishi.db").exists()
