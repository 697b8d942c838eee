"""`jishi settle share`: between the approval and the export, again and again; the royalty list lies beside the payment files."""

import csv
import io
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from core import db
from core.auth import passwords
from core.auth.service import add_user, grant
from shop import schema
from shop.cli import cli
from tests.county import SmallCounty
from tests.gateways.alipay import FakeAlipay
from tests.shop.payments.gateways import worked

from .sharing import approved, paid_by_alipay, shares_out, sold, unbroken

CLERK, PASSWORD = "13800000004", "a-long-password"


def settle(*words: str) -> Result:
    return CliRunner().invoke(cli, ["settle", *words, "--by", CLERK], input=f"{PASSWORD}\n")


def test_a_run_is_shared_out_from_the_command_line(
    county_rows: SmallCounty, alipay: FakeAlipay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "need_current", lambda: None)  # the tables are made without migrations here
    with db.writing() as session:
        user = add_user(session, CLERK, "某人", password_hash=passwords.hash_password(PASSWORD))
        grant(session, user, "finance", tenant_id=county_rows.id)
    _number, _payment, total = sold(county_rows, alipay)
    paid_by_alipay(county_rows)
    run, out = approved(county_rows), str(tmp_path / "out")
    off = settle("share", run)
    assert (off.exit_code, "没有开通" in off.stderr) == (2, True)
    shares_out(county_rows)
    assert "1 unanswered" in settle("share", run).stdout
    early = settle("export", run, "--to", out)
    assert (early.exit_code, "等一等" in early.stderr) == (2, True)
    worked()
    given = f"{total * 3 // 10 / 100:.2f}"
    assert f"{given} shared, 0.00 to be transferred instead, 0 unanswered" in settle("share", run).stdout
    assert settle("export", run, "--to", out).exit_code == 0
    files = sorted((tmp_path / "out").iterdir())
    assert [f.name.removeprefix(run) for f in files] == ["-alipay.csv", "-bank.csv", "-hand.csv", "-royalty.csv"]
    (_head, line) = csv.reader(io.StringIO(files[3].read_text(encoding="utf-8-sig")))
    assert given in line
    unbroken()
