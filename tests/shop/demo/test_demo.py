"""What `jishi demo` promises, on small histories of the shipped counties."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, func, select

import shop.invariants
from core import clock, db, pii
from core.auth.models import Grant, User
from core.auth.passwords import matches
from core.settings import ROOT, settings
from core.triggers import apply_triggers
from fulfillment.consignments.models import Parcel
from fulfillment.custody.models import Scan
from fulfillment.income.goods import goods_of
from fulfillment.income.models import IncomeEntry
from shop import loading
from shop.app import create_app
from shop.channels.models import Channel
from shop.demo import load_demo
from shop.demo.sign_ins import sign_ins
from shop.listings.models import Listing, ListingPrice
from shop.orders.models import Order
from shop.tables import metadata
from supply.counties import profile
from supply.growers.models import Grower
from supply.products.models import Product, Variant
from supply.stations.models import Station
from supply.stock.queries import available

SECRET = {
    "payment_attempt.code", "payment_attempt.gateway_ref", "sandbox_charge.payment", "sandbox_refund.payment", "inbox.event_id", "inbox.body",
    "journal.key", "outbox.key", "outbox.payload", "status_event.subject",
}  # fmt: skip  # each is, or holds, a payment's unguessable code


@pytest.fixture(autouse=True)
def demo_mode(monkeypatch):
    monkeypatch.setattr(settings, "demo", True)


def load(county="shengsi", **more):
    load_demo(county, progress=lambda percent, words: None, **{"fresh": False, "days": 2, "orders": 4, **more})


def plain(value):
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC).isoformat() if value.tzinfo is None else value.astimezone(UTC).isoformat()
    return json.dumps(value, sort_keys=True, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def rows() -> dict[str, Counter]:
    """Every table's rows without secrets and without the database's own numbers."""
    found = {}
    with db.reading() as session:
        for table in metadata.sorted_tables:
            kept = [
                c for c in table.columns
                if f"{table.name}.{c.name}" not in SECRET and not c.name.endswith(("_sealed", "_hash")) and not (c.primary_key or c.foreign_keys)
            ]  # fmt: skip
            found[table.name] = Counter(tuple(plain(v) for v in row) for row in session.execute(select(*kept))) if kept else Counter()
    return found


def test_the_same_seed_and_date_give_the_same_rows(database, tmp_path, monkeypatch):
    load()
    first = rows()
    db.dispose()
    (tmp_path / "another").mkdir()
    monkeypatch.setattr(settings, "home", tmp_path / "another")
    monkeypatch.setattr(settings, "database_url", None)
    metadata.create_all(db.engine())
    with db.engine().begin() as connection:
        apply_triggers(connection)
    load()
    second = rows()
    assert {name: (first[name] - second[name], second[name] - first[name]) for name in first if first[name] != second[name]} == {}
    assert sum(first["orders"].values()) == 8


def test_ninghai_is_open_for_business_all_over(database):
    load("ninghai", days=1, orders=8)
    with db.reading() as session:
        stations = session.exec(select(Station.code)).all()
        selling = session.exec(
            select(Channel.code).join(Listing, col(Listing.channel_id) == col(Channel.id)).where(Listing.status == "published").distinct()
        ).all()  # fmt: skip
        assert len(stations) == 171 and set(selling) == set(stations)
        products = session.exec(select(func.count(col(Product.id)))).one()
        assert session.exec(select(func.count(col(Listing.id))).where(Listing.status == "published")).one() == products
        assert session.exec(select(func.count()).select_from(ListingPrice)).one() == session.exec(select(func.count(col(Variant.id)))).one()
        month = clock.today().month
        ripe = [v for v, months in session.exec(select(Variant.id, Product.months).join(Product)) if month in months]
        assert sum(50 <= free <= 150 for free in available(session, ripe).values()) >= 3
        orders = session.exec(select(Order)).all()
        assert len(orders) == 8
        assert {clock.business_date(o.placed_at) for o in orders} == {clock.today() - timedelta(days=1)}
        assert all(at < clock.midnight(clock.today()) for at in session.exec(select(Scan.occurred_at)))
        assert session.exec(select(func.count(col(Parcel.id)))).one() >= 5
        assert session.exec(select(func.sum(IncomeEntry.amount_fen))).one() > 0


ROLES = {
    "13800000000": "finance", "13800000001": "admin", "13800000002": "dispatcher", "13800000003": "driver", "13800000004": "finance",
    "13800000005": "seller", "13800000006": "consumer", "13800000007": "sorter", "13800000008": "partner", "13800000009": "grower",
    "13800000010": "helper", "13800000011": "master", "13800000040": "master", "13700000001": "merchant",
}  # fmt: skip


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_readme_lists_every_sign_in_and_where_it_begins(readme):
    create_app()  # where the pages are, every role's desk is known
    listed = re.findall(r"^\|[^|]+\| (1\d{10})[^|]*\| `([^`]+)` \|", (ROOT / readme).read_text(), re.M)
    assert sorted(listed) == sorted((person.phone, person.home) for person in sign_ins())


def test_everyone_can_sign_in_with_their_role(database):
    load(days=0)
    with db.reading() as session:
        for phone, role in ROLES.items():
            if (user := session.exec(select(User).where(User.phone_index == pii.blind_index(phone))).first()) is None:
                assert phone == "13800000040"  # a small county has fewer stations
                continue
            assert {g.role for g in session.exec(select(Grant).where(Grant.user_id == user.id))} == {role}
            assert pii.unseal(user.phone_sealed, f"app_user.phone:{user.code}") == phone
        assert matches("jishi-demo", user.password_hash)
        masters = session.exec(select(Station.master_id)).all()
        assert None not in masters and len(set(masters)) == len(masters)
        assert len(session.exec(select(Grower.user_id).where(col(Grower.user_id).is_not(None))).all()) == 2


def test_the_grower_and_the_merchant_have_sold_what_they_brought(database):
    """In whatever month the demonstration is loaded: they are those of whom most was sold."""
    load("shengsi", days=2, orders=12)
    with db.reading() as session:
        codes = {
            grant.role: grant.scope_code for grant in session.exec(select(Grant).where(col(Grant.role).in_(("grower", "merchant")))).all()
        }
        earned = dict(
            session.exec(
                select(IncomeEntry.party_code, func.sum(IncomeEntry.amount_fen)).where(IncomeEntry.party_kind == "grower")
                .where(IncomeEntry.state != "reversed").group_by(col(IncomeEntry.party_code))
            ).all()
        )  # fmt: skip
        kinds = dict(session.exec(select(Grower.code, Grower.kind)).all())
        tenant_id = session.exec(select(Grower.tenant_id)).first()
        for role, code in codes.items():
            alike = [c for c in earned if (kinds[c] == "grower") == (role == "grower")]
            if alike:
                goods = goods_of(session, code, tenant_id=tenant_id)
                assert earned[code] == sum(each.earned_fen for each in goods) > 0
                assert 0 < sum(each.sold for each in goods) <= sum(each.brought for each in goods)
        assert set(codes) == {"grower", "merchant"} and earned[codes["grower"]] > 0


def test_a_county_that_is_there_is_left_alone(database):
    load(days=0)
    before = rows()
    load(days=1)
    assert rows() == before


def test_two_counties_share_people_who_have_a_role_in_both(database):
    load("shengsi", days=0)
    load("ninghai", days=0)
    with db.reading() as session:
        admin = session.exec(select(User).where(User.phone_index == pii.blind_index("13800000001"))).one()
        assert len({g.tenant_id for g in session.exec(select(Grant).where(Grant.user_id == admin.id))}) == 2


def test_a_load_that_was_killed_is_done_again_from_the_start(home):
    command = [sys.executable, "-m", "shop", "demo", "--county", "shengsi", "--days", "2", "--orders", "4", "--progress"]
    environment = {**os.environ, "JISHI_HOME": str(home), "JISHI_SECRET_KEY": settings.secret_key, "PYTHONPATH": str(ROOT)}
    cut = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    for line in cut.stdout:
        if line.startswith("\x1e52 "):
            cut.send_signal(signal.SIGKILL)  # the first day is committed, the second is under way
            break
    assert cut.wait() == -signal.SIGKILL
    cut.stdout.close()
    subprocess.run(command, env=environment, check=True, capture_output=True, cwd=ROOT)
    with db.reading() as session:
        assert session.exec(select(func.count(col(Order.id)))).one() == 8
        assert [f.invariant.words for f in shop.invariants.check(session) if f.count] == []
    again = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=ROOT)
    assert (again.returncode, "loaded already, 2 days of 4 orders" in again.stdout) == (0, True)
    another = subprocess.run([*command, "--county", "ninghai"], env=environment, capture_output=True, text=True, cwd=ROOT)
    assert (another.returncode, "shengsi is loaded already" in another.stderr) == (1, True)


@pytest.fixture
def counties(tmp_path, monkeypatch) -> Path:
    """Profiles that a test may spoil."""
    folder = Path(shutil.copytree(profile.COUNTIES, tmp_path / "counties"))
    monkeypatch.setattr(profile, "COUNTIES", folder)
    return folder


def refusal(county: str, capsys) -> str:
    with pytest.raises(SystemExit) as ended:
        loading.load(county, fresh=True, days=1, orders=1, marked=False)
    assert capsys.readouterr().out == ""
    return str(ended.value.code)  # text ends a command with exit code 1


def test_a_profile_that_cannot_be_used_is_said_before_anything_is_thrown_away(database, counties, capsys):
    load(days=0)
    before = rows()
    assert refusal("shengsj", capsys) == "jishi demo: there is no county 'shengsj' in data/counties, only ninghai and shengsi"
    zones, townships = (counties / "shengsi" / name for name in ("zones.csv", "townships.csv"))
    good = zones.read_text()
    zones.write_text(good.replace(",yes", ",perhaps"))
    townships.write_text(townships.read_text().replace("30.", "95.", 1))
    said = refusal("shengsi", capsys)
    assert said.splitlines()[0] == f"jishi demo: {counties / 'shengsi'}: 2 fault(s)"
    assert {line.split(":")[0] for line in said.splitlines()[1:]} == {"zones.csv", "townships.csv"}
    assert rows() == before


def test_a_county_that_reads_well_but_does_not_work_is_not_loaded(database, counties, capsys):
    toml = counties / "shengsi" / "county.toml"
    toml.write_text(toml.read_text().replace("hubs = 1", "hubs = 2"))
    assert "the county publishes 2 hubs, its files hold 1" in refusal("shengsi", capsys)
    with pytest.raises(profile.ProfileError):
        load(days=0)
    with db.reading() as session:
        assert session.exec(select(Station.code)).all() == []
