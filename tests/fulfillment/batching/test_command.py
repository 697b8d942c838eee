"""`jishi plan --instance` as it is typed: the same file gives the same bytes, whatever it is given time to be, and a wrong wish is one line."""

import json
import re

import pytest

from bench.planner_instances import county
from fulfillment.batching.answer import plan_as_json
from fulfillment.batching.reading import parse_instance
from fulfillment.batching.solve import first_come, solve
from tests.servers.storefront import jishi

from .checker import judge


@pytest.fixture
def crowded(tmp_path):
    """A file whose search takes all the planner's steps and ends long before the time is up."""
    path = tmp_path / "in.json"
    path.write_text(json.dumps(county(5, 250, fill=30)))
    return path


def test_the_same_file_gives_the_same_bytes_but_for_the_seconds_whatever_python_hashes_by(tmp_path, crowded):
    answers = []
    for run, seed in enumerate(("0", "1", "4242")):
        out = tmp_path / f"out{run}.json"
        said = jishi(tmp_path, "plan", "--instance", str(crowded), "--out", str(out), "--seconds", "3600", PYTHONHASHSEED=seed)
        assert said.returncode == 0, said.stderr
        answers.append(re.sub(rb'"seconds": [\d.e-]+', b"", out.read_bytes()))
    assert answers[0] == answers[1] == answers[2]
    assert json.loads(out.read_bytes())["gap"] > 0, "a county without a choice would prove nothing"


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "inf", "1e300", "86401", "soon", ""])
def test_seconds_that_are_none_are_refused_and_nothing_is_written(tmp_path, crowded, seconds):
    out = tmp_path / "out.json"
    said = jishi(tmp_path, "plan", "--instance", str(crowded), "--out", str(out), f"--seconds={seconds}")
    assert (said.returncode, out.exists()) == (2, False)
    assert "--seconds" in said.stderr and "Traceback" not in said.stderr


@pytest.mark.parametrize("out", ["", "/", ".", "..", "no/such/folder.json", "/dev/null/x", "x" * 300])
def test_an_answer_that_has_no_place_to_go_is_one_line(tmp_path, crowded, out):
    said = jishi(tmp_path, "plan", "--instance", str(crowded), "--out", out, "--seconds", "1")
    assert said.returncode == 2
    assert said.stderr.startswith("jishi plan: ") and said.stderr.count("\n") == 1
    assert not list(tmp_path.glob("*.part"))


def test_an_answer_never_takes_the_place_of_its_instance(tmp_path, crowded):
    before = crowded.read_bytes()
    (tmp_path / "link.json").symlink_to(crowded)
    for out in (crowded, tmp_path / "link.json", tmp_path / "." / ".." / tmp_path.name / "in.json"):
        said = jishi(tmp_path, "plan", "--instance", str(crowded), "--out", str(out), "--seconds", "1")
        assert (said.returncode, said.stderr.count("\n")) == (2, 1)
        assert said.stderr.startswith("jishi plan: --out: ")
    assert crowded.read_bytes() == before


def test_stopped_at_once_five_thousand_parcels_have_a_legal_plan_and_a_true_bound():
    file = county(3, 5000)
    instance = parse_instance(file)
    plan = plan_as_json(solve(instance, seconds=0.1))
    verdict = judge(file, plan)
    assert (verdict.late, verdict.unserved) == (plan["late"], plan["unserved"])
    assert plan["cost_fen"] == pytest.approx(verdict.cost)
    # no legal plan costs less than a true bound: not this one, nor one made another way
    assert 0 < plan["bound_fen"] <= min(plan["cost_fen"], first_come(instance).cost_fen)
    assert plan["gap"] == pytest.approx(plan["cost_fen"] / plan["bound_fen"] - 1)
