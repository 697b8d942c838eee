"""`jishi settle` from the preview to the bank's list: plain words, exit code 2 on misuse, a second person who proves to be one."""

import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select
from typer.testing import CliRunner, Result

from core import clock, db
from core.auth import passwords
from core.auth.service import add_user, grant
from fulfillment.settlement.models import SettlementRun, Statement
from fulfillment.settlement.payees import set_payee
from shop import schema
from shop.cli import cli
from tests.county import SmallCounty, small_county
from tests.fulfillment.settlement.owing import owed

FIRST, SECOND, CLERK, PASSWORD = "13800000004", "13800000000", "13800000002", "a-long-password"


@pytest.fixture
def rows(database: str, monkeypatch: pytest.MonkeyPatch) -> SmallCounty:
    monkeypatch.setattr(schema, "need_current", lambda: None)  # the tables are made without migrations here
    with db.writing() as session:
        made = small_county(session)
        owed(session, made)
        for phone, role in ((FIRST, "finance"), (SECOND, "finance"), (CLERK, "dispatcher")):
            user = add_user(session, phone, "某人", password_hash=passwords.hash_password(PASSWORD))
            grant(session, user, role, tenant_id=made.id)
        with clock.at(clock.now() - timedelta(days=2)):
            set_payee(
                session, tenant_id=made.id, kind="grower", code=made.growers[1].code, way="bank", holder="=葛农户",
                account="6222020200112233", bank="信用社", by="U9",
            )  # fmt: skip
    return made


def settle(*words: str, secret: str = PASSWORD) -> Result:
    return CliRunner().invoke(cli, ["settle", *words], input=f"{secret}\n")


def code_of() -> str:
    with db.reading() as session:
        return session.exec(select(SettlementRun.code).order_by(SettlementRun.id.desc())).first() or ""  # type: ignore[union-attr]


def test_the_preview_is_the_default_and_writes_nothing(rows: SmallCounty) -> None:
    for asked in (("--until", str(clock.today()), "--dry-run"), ("--until", str(clock.today())), ()):
        told = settle(*asked)
        assert told.exit_code == 0, told.output
        assert "3 statements, 123.00 to pay; 1 carried over" in told.stdout
    assert code_of() == ""


def test_a_run_from_the_command_line_to_the_banks_list(rows: SmallCounty, tmp_path: Path) -> None:
    assert settle("freeze", "--by", FIRST).exit_code == 0
    run = code_of()
    same = settle("approve", run, "--by", FIRST)
    assert (same.exit_code, "另一位财务" in same.stderr) == (2, True)
    assert settle("paid", run, "--by", SECOND).exit_code == 2, "not before it is approved and exported"
    assert settle("approve", run, "--by", SECOND).exit_code == 0
    for _again in range(2):
        assert settle("export", run, "--to", str(tmp_path / "out"), "--by", FIRST).exit_code == 0
    files = sorted((tmp_path / "out").iterdir())
    assert [f.name.removeprefix(run) for f in files] == ["-alipay.csv", "-bank.csv", "-hand.csv"]
    assert {f.stat().st_mode & 0o777 for f in files} == {0o600}
    (paid_to,) = list(csv.reader(io.StringIO(files[1].read_text(encoding="utf-8-sig"))))[1:-1]
    assert (paid_to[1], paid_to[2], paid_to[4]) == ("'=葛农户", "6222020200112233", "88.00")
    assert settle("void", run, "--reason", "晚了", "--by", FIRST).exit_code == 2
    assert "3 paid now, 0 before" in settle("paid", run, "--by", FIRST, "--reference", "B7").stdout
    assert "0 paid now, 3 before" in settle("paid", run, "--by", FIRST).stdout
    with db.reading() as session:
        due = session.exec(select(Statement).order_by(Statement.id)).all()
    lines = [["流水", "附言", "金额", "状态"], *([n, s.code, f"{s.payout_fen / 100:.2f}", "成功"] for n, s in enumerate(due[:2]))]
    out = io.StringIO()
    csv.writer(out).writerows([*lines, [9, due[2].code, "1.00", "成功"]])
    (tmp_path / "bank.csv").write_text(out.getvalue())
    told = settle("reconcile", run, str(tmp_path / "bank.csv"), "--by", FIRST)
    assert (told.exit_code, "2 settled now" in told.stdout, f"{due[2].code}: another amount" in told.stdout) == (1, True, True)
    (tmp_path / "rest.csv").write_text(f'"{due[2].code}","{due[2].payout_fen / 100:.2f}","退回：户名不符"\n')
    assert settle("reconcile", run, str(tmp_path / "rest.csv"), "--by", FIRST).exit_code == 0
    assert "reconciled" in settle("list").stdout
    with db.reading() as session:
        assert session.exec(select(Statement.status).order_by(Statement.id)).all() == ["reconciled", "reconciled", "returned"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--until", "gestern"), "没有这一天"), (("--until", "2099-01-01", "freeze", "--by", FIRST), "preview"),
        (("freeze", "--until", "2099-01-01", "--by", FIRST), "今天"), (("freeze",), "--by"), (("freeze", "--by", CLERK), "nobody of finance"),
        (("freeze", "--by", "not a phone"), "手机号"), (("approve", "SRNONE", "--by", FIRST), "没有这次结算"),
        (("reconcile", "SRNONE", "/nowhere.csv", "--by", FIRST), "/nowhere.csv"),
    ],
)  # fmt: skip
def test_misuse_is_told_and_ends_with_2(rows: SmallCounty, words: tuple[str, ...], said: str) -> None:
    told = settle(*words)
    assert (told.exit_code, said in told.stderr) == (2, True), told.output
    assert code_of() == ""


def test_a_wrong_password_freezes_nothing(rows: SmallCounty) -> None:
    told = settle("freeze", "--by", FIRST, secret="not it")
    assert (told.exit_code, code_of()) == (2, "")
