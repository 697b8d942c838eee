"""The commands as an operator types them: up, killed, up again; check, backup, restore, reindex, plan; what production refuses."""

import os
import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest

from tests.servers.storefront import ROOT, START_S, STOP_S, Storefront, environment, fetch, free_port, jishi, own_home

SECRET = "kXw3-tests-9Qpz_only-72hfBvM-not-a-real-one"


@pytest.fixture(scope="module")
def demo_home(tmp_path_factory):
    """A loaded county that nobody serves."""
    return own_home(tmp_path_factory)


def test_a_shop_that_was_killed_starts_again_with_everything_and_stops_cleanly(tmp_path_factory):
    shop = Storefront(own_home(tmp_path_factory))
    with shop:
        client = shop.client()
        ((_, variant),) = client.in_stock(1)
        placed = client.order([{"sku": variant["sku"], "qty": 1}]).json()
        shop.kill()
        shop.start()
        assert shop.client().ask_order(placed)["total_fen"] == placed["total_fen"]
        ready = fetch(f"{shop.address}/readyz").json()
        assert (ready["ready"], ready["database"], ready["broker"], ready["search"]) == (True, "sqlite", "embedded", "embedded")
        assert shop.stop() == 0
    assert "13800000002" in shop.log.read_text(), "the sign-ins are printed"
    shop.check()


def test_the_door_is_alive_and_says_what_is_going_on_while_the_county_loads(tmp_path):
    shop = Storefront(tmp_path / "new")
    shop.home.mkdir()
    shop.start(ready=False)
    try:
        alive = _until_answer(f"{shop.address}/healthz")
        assert alive.status_code == 200
        assert fetch(f"{shop.address}/readyz").status_code == 503
        page = fetch(f"{shop.address}/", Accept="text/html")
        assert (page.status_code, "正在装货" in page.text, "retry-after" in page.headers) == (503, True, True)
        assert fetch(f"{shop.address}/static/css/tokens.css").status_code == 200
        assert shop.stop() == 0, "it stops cleanly in the middle of loading"
    finally:
        shop.stop()


def _until_answer(address: str) -> httpx.Response:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        try:
            return fetch(address)
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"{address} never answered")


def test_a_taken_port_is_said_in_one_line(demo_home):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = jishi(demo_home, "up", JISHI_PORT=str(port))
    assert said.returncode == 1
    assert said.stderr.strip() == f"port {port} is in use; choose another with JISHI_PORT=8001 make run"


def test_check_is_green_and_names_every_invariant(demo_home):
    said = jishi(demo_home, "check")
    assert said.returncode == 0, said.stdout + said.stderr
    shown = {line.split()[0] for line in said.stdout.splitlines()[:-1]}
    assert shown >= {f"I{n}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15, 16, 17, 19)}
    assert all("holds" in line for line in said.stdout.splitlines()[:-1])


def test_backup_restore_and_check_again(demo_home, tmp_path):
    archive = tmp_path / "all.jishi"
    made = jishi(demo_home, "backup", str(archive))
    assert made.returncode == 0, made.stderr
    restored = jishi(tmp_path / "other", "restore", str(archive))
    assert restored.returncode == 0, restored.stdout + restored.stderr
    assert jishi(tmp_path / "other", "check").returncode == 0
    again = jishi(tmp_path / "other", "restore", str(archive))
    assert (again.returncode, "already" in again.stdout) == (1, True)


def test_a_timetable_that_was_exported_is_there_already(demo_home, tmp_path):
    made = jishi(demo_home, "gtfs", "export", str(tmp_path / "feed.zip"))
    assert made.returncode == 0, made.stderr
    told = jishi(demo_home, "gtfs", "import", str(tmp_path / "feed.zip"))
    assert (told.returncode, told.stdout.strip()) == (0, "feed.zip: the county has all of it; nothing was changed")
    missing = jishi(demo_home, "gtfs", "import", str(tmp_path / "none.zip"))
    assert (missing.returncode, missing.stderr, "nothing was changed" in missing.stdout) == (2, "", True)


def test_reindex_and_plan_run_beside_a_demo(demo_home):
    indexed = jishi(demo_home, "reindex")
    assert int(indexed.stdout.split()[0]) > 50, indexed.stderr
    planned = jishi(demo_home, "plan", "--json")
    assert planned.returncode == 0, planned.stderr
    assert '"status"' in planned.stdout
    refused = jishi(demo_home, "plan", "--date", "2026-02-30")
    assert (refused.returncode, refused.stderr[:11]) == (2, "jishi plan:")


@pytest.mark.parametrize("half", [("--instance", "in.json"), ("--out", "out.json")])
def test_an_instance_and_its_answer_belong_together(tmp_path, half):
    said = jishi(tmp_path / "none", "plan", *half, JISHI_SECRET_KEY=SECRET)
    assert (said.returncode, said.stderr) == (
        2,
        "jishi plan: --instance and --out belong together: a file to plan, and where its answer goes\n",
    )


@pytest.mark.parametrize("command", ["check", "reindex", "backup x", "plan", "dead", "serve", "worker"])
def test_without_data_a_command_says_so_and_makes_none(tmp_path, command):
    said = jishi(tmp_path / "none", *command.split(), JISHI_SECRET_KEY=SECRET)
    assert said.returncode == 1
    assert len(said.stderr.strip().splitlines()) == 1, said.stderr
    assert not (tmp_path / "none" / "jishi.db").exists()


@pytest.mark.parametrize(
    ("command", "secret"),
    [
        ("serve", ""),
        ("worker", ""),
        ("migrate", ""),
        ("serve", "short"),
        ("serve", "a" * 40),
        ("serve", "changeme-changeme-changeme-changeme"),
        ("migrate", "abcdefghij" * 4),
        ("migrate", "1234567890" * 4),
    ],
)
def test_production_refuses_a_missing_or_weak_secret(tmp_path, command, secret):
    said = jishi(tmp_path / "none", command, **({"JISHI_SECRET_KEY": secret} if secret else {}))
    assert said.returncode == 1
    assert "JISHI_SECRET_KEY" in said.stderr
    assert not (tmp_path / "none").exists()


def test_production_serves_without_demo_doors(tmp_path):
    home, port = tmp_path / "new", free_port()
    assert jishi(home, "migrate", JISHI_SECRET_KEY=SECRET).stdout.startswith("migrated to")
    assert jishi(home, "county", "load", "shengsi", JISHI_SECRET_KEY=SECRET).returncode == 0
    env = environment(home, JISHI_SECRET_KEY=SECRET, JISHI_PORT=str(port))
    process = subprocess.Popen([sys.executable, "-m", "shop", "serve"], cwd=ROOT, env=env, start_new_session=True)
    try:
        address = f"http://127.0.0.1:{port}"
        _until_answer(f"{address}/healthz")
        until = time.monotonic() + START_S
        while (ready := fetch(f"{address}/readyz")).status_code != 200 and time.monotonic() < until:
            time.sleep(0.1)
        assert ready.json()["mode"] == "production"
        assert fetch(f"{address}/docs").status_code == 404
        assert fetch(f"{address}/metrics").status_code == 200
        assert fetch(f"{address}/metrics", **{"X-Forwarded-For": "9.9.9.9"}).status_code == 404
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(STOP_S) == 0
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
