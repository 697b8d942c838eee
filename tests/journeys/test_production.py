"""Going to production as docs/production.md says it: real processes, from an empty folder to an administrator at the desk."""

import fcntl
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.servers.storefront import ANSWER_S, ROOT, START_S, STOP_S, Client, environment, fetch, free_port, jishi, own_home

SECRET = "kXw3-tests-9Qpz_only-72hfBvM-not-a-real-one"
TOKEN = "a-token-for-those-who-watch"
PHONE = "13912345678"


@pytest.fixture
def serving():
    """Serves a home in production until the test ends; the address."""
    running = []

    def start(home: Path, **more: str) -> str:
        port = free_port()
        env = environment(home, JISHI_SECRET_KEY=SECRET, JISHI_PORT=str(port), JISHI_METRICS_TOKEN=TOKEN, **more)
        process = subprocess.Popen([sys.executable, "-m", "shop", "serve"], cwd=ROOT, env=env, start_new_session=True)
        running.append(process)
        address, until = f"http://127.0.0.1:{port}", time.monotonic() + START_S
        while time.monotonic() < until:
            try:
                if fetch(f"{address}/readyz").json().get("code") != "loading":
                    return address
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        raise AssertionError("it never answered")

    yield start
    for process in running:
        os.killpg(process.pid, signal.SIGTERM)
        assert process.wait(STOP_S) == 0


@pytest.fixture(scope="module")
def founded(tmp_path_factory) -> Path:
    """A migrated home with the county of 嵊泗 in it."""
    home = tmp_path_factory.mktemp("production") / "home"
    for arguments in (("migrate",), ("county", "load", "shengsi")):
        done = jishi(home, *arguments, JISHI_SECRET_KEY=SECRET)
        assert done.returncode == 0, done.stdout + done.stderr
    return home


def _said(done: subprocess.CompletedProcess[str], code: int = 1) -> str:
    """What a refused command said: one line, no traceback."""
    assert done.returncode == code, done.stdout + done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    return done.stderr


def test_from_an_empty_folder_to_an_administrator_at_the_desk(tmp_path, serving):
    home = tmp_path / "home"
    assert jishi(home, "migrate", JISHI_SECRET_KEY=SECRET).returncode == 0
    assert "county load" in _said(jishi(home, "admin", "add", PHONE, "--name", "应国华", JISHI_SECRET_KEY=SECRET))
    address = serving(home)
    before = fetch(f"{address}/readyz")
    assert (before.status_code, before.json()["detail"]) == (503, "no county: run jishi county load")
    closed = fetch(f"{address}/", Accept="text/html")
    assert (closed.status_code, "集市还没有开张" in closed.text) == (503, True)
    loaded = jishi(home, "county", "load", str(ROOT / "data/counties/shengsi"), JISHI_SECRET_KEY=SECRET)
    assert loaded.returncode == 0, loaded.stderr
    ready = fetch(f"{address}/readyz")
    assert (ready.status_code, ready.json()["mode"]) == (200, "production")
    assert fetch(f"{address}/", Accept="text/html").status_code == 200
    made = jishi(home, "admin", "add", PHONE, "--name", "应国华", JISHI_SECRET_KEY=SECRET)
    once = re.search(r"password +(\S+)", made.stdout)
    assert once, made.stdout + made.stderr
    client = Client(address)
    entered = client.submit("/api/v1/auth/sessions", {"phone": PHONE, "password": once[1]}).json()
    assert (entered["user"]["roles"], entered["needs_second_factor"]) == (["admin"], True)
    asked = client.post("/account/password", data={"password": "a sentence of their own"}, headers={"Origin": address})
    assert asked.headers["location"].startswith("/account/second-factor")
    assert jishi(home, "check", JISHI_SECRET_KEY=SECRET).returncode == 0


def test_a_founded_county_has_its_goods_without_stock_and_nobody_invented(founded, serving):
    client = Client(serving(founded))
    until = time.monotonic() + ANSWER_S
    while not (items := client.ask("/api/v1/products", limit=100)["items"]) and time.monotonic() < until:
        time.sleep(0.2)  # the index is made by the worker
    assert items
    assert not any(item["in_stock"] for item in items)
    with sqlite3.connect(founded / "jishi.db") as rows:
        growers = rows.execute("SELECT g.name = s.name, g.phone_sealed FROM grower g JOIN station s ON s.node_id = g.station_id").fetchall()
        assert set(growers) == {(1, None)}
        for table in ("app_user", "orders", "lot", "stock_movement", "role_grant"):
            assert rows.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table
        assert rows.execute("SELECT count(*) FROM departure").fetchone()[0] > 0


def test_a_county_is_loaded_once_and_another_is_refused(founded):
    again = jishi(founded, "county", "load", "shengsi", JISHI_SECRET_KEY=SECRET)
    assert (again.returncode, "nothing was changed" in again.stdout) == (0, True)
    assert "serves one county" in _said(jishi(founded, "county", "load", "ninghai", JISHI_SECRET_KEY=SECRET))
    assert "no county 'atlantis'" in _said(jishi(founded, "county", "load", "atlantis", JISHI_SECRET_KEY=SECRET))


def test_a_county_load_that_is_killed_leaves_nothing_half_loaded(tmp_path):
    home = tmp_path / "home"
    assert jishi(home, "migrate", JISHI_SECRET_KEY=SECRET).returncode == 0
    env = environment(home, JISHI_SECRET_KEY=SECRET)
    loading = subprocess.Popen([sys.executable, "-m", "shop", "county", "load", "shengsi"], cwd=ROOT, env=env)
    until = time.monotonic() + START_S
    while not _is_writing(home) and loading.poll() is None and time.monotonic() < until:
        time.sleep(0.005)
    loading.kill()
    loading.wait()
    with sqlite3.connect(home / "jishi.db") as rows:
        nodes, stops = (rows.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("node", "stop_time"))
    assert bool(nodes) == bool(stops)
    assert jishi(home, "county", "load", "shengsi", JISHI_SECRET_KEY=SECRET).returncode == 0
    assert jishi(home, "check", JISHI_SECRET_KEY=SECRET).returncode == 0


def _is_writing(home: Path) -> bool:
    try:
        with sqlite3.connect(home / "jishi.db", timeout=0, isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("ROLLBACK")
    except sqlite3.OperationalError:
        return True
    return False


def test_numbers_are_for_a_tokens_holder_wherever_the_call_comes_from(founded, serving):
    address = serving(founded)
    assert fetch(f"{address}/metrics").status_code == 404
    assert fetch(f"{address}/metrics", Authorization=f"Bearer {TOKEN}").status_code == 200


@pytest.mark.parametrize("command", [("demo",), ("demo", "--fresh"), ("up",)])
def test_a_demonstration_neither_opens_nor_throws_away_a_county_that_trades(founded, command):
    before = (founded / "jishi.db").read_bytes()
    said = jishi(founded, *command, JISHI_SECRET_KEY=SECRET, JISHI_PORT=str(free_port()))
    assert "not a demonstration's home" in _said(said)
    assert (founded / "jishi.db").read_bytes() == before
    assert not (founded / "mode").exists()
    public = jishi(founded.with_name("other"), *command, JISHI_BASE_URL="https://shop.example.cn")
    assert "stays on this machine" in _said(public)
    assert not founded.with_name("other").exists()


def test_a_demonstrations_data_is_not_served_as_production(tmp_path_factory):
    home = own_home(tmp_path_factory)
    secret = (home / "secret").read_text()
    said = _said(jishi(home, "serve", JISHI_DEMO="0", JISHI_SECRET_KEY=secret, JISHI_PORT=str(free_port())))
    assert "jishi-demo" in said
    assert "is not the one" in _said(jishi(home, "serve", JISHI_DEMO="0", JISHI_SECRET_KEY=SECRET, JISHI_PORT=str(free_port())))


@pytest.mark.parametrize("command", ["migrate", "serve", "worker", "check", "backup x", "county load shengsi"])
def test_another_secret_is_refused_in_words(founded, command):
    other = SECRET[::-1]
    said = jishi(founded, *command.split(), JISHI_SECRET_KEY=other, JISHI_PORT=str(free_port()))
    assert "JISHI_SECRET_KEY is not the one this database was made with" in _said(said)


def test_what_is_made_is_the_owners_alone(founded, tmp_path):
    archive = tmp_path / "all.jishi"
    assert jishi(founded, "backup", str(archive), JISHI_SECRET_KEY=SECRET).returncode == 0
    for path in (*founded.iterdir(), archive):
        assert path.stat().st_mode & 0o077 == 0, path


def test_what_is_wrong_around_an_installation_is_one_line(founded, tmp_path):
    broken, blocked = tmp_path / "broken", tmp_path / "file"
    broken.mkdir()
    (broken / "jishi.db").write_bytes(b"this is no database, it is a letter to the county" * 100)
    blocked.write_text("a file where a folder should be")
    for command in ("migrate", "check", "serve"):
        said = _said(jishi(broken, command, JISHI_SECRET_KEY=SECRET, JISHI_PORT=str(free_port())))
        assert "file is not a database" in said
    assert (broken / "jishi.db").read_bytes().startswith(b"this is no database")
    assert str(blocked) in _said(jishi(blocked / "home", "migrate", JISHI_SECRET_KEY=SECRET))
    assert "No such file" in _said(jishi(founded, "backup", str(tmp_path / "nowhere" / "all.jishi"), JISHI_SECRET_KEY=SECRET))
    assert (
        "127.0.0.1"
        in jishi(
            tmp_path / "none", "migrate", JISHI_SECRET_KEY=SECRET, JISHI_DATABASE_URL="postgresql+psycopg://x:hidden@127.0.0.1:1/x"
        ).stderr
    )


def test_a_newer_database_is_named(founded, tmp_path):
    newer = tmp_path / "newer"
    shutil.copytree(founded, newer)
    with sqlite3.connect(newer / "jishi.db") as rows:
        rows.execute("UPDATE alembic_version SET version_num = 'zzzz'")
    for command in ("migrate", "serve", "check"):
        assert "made by a newer jishi" in _said(jishi(newer, command, JISHI_SECRET_KEY=SECRET, JISHI_PORT=str(free_port())))


def test_a_second_demonstration_waits_for_the_one_that_loads_and_takes_what_it_made(tmp_path_factory):
    home = own_home(tmp_path_factory)
    made = (home / "demo.json").read_text()
    (home / "demo.json").write_text('{"state": "loading", "county": "ninghai"}')
    with (home / "loading.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        second = subprocess.Popen(
            [sys.executable, "-m", "shop", "demo", "--progress"], cwd=ROOT, env=environment(home), stdout=subprocess.PIPE, text=True
        )
        assert "另一个程序正在装货" in second.stdout.readline()
        assert (home / "jishi.db").exists()
        (home / "demo.json").write_text(made)
    said = second.communicate(timeout=ANSWER_S)[0]
    assert (second.returncode, "loaded already" in said) == (0, True)
