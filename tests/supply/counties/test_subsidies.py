"""Subsidies of a county's file that cannot be reckoned, or name what the county has not, are refused in words."""

from datetime import date
from pathlib import Path

import pytest

from supply.counties.policy import plain, typed
from supply.counties.profile import ProfileError, read_profile
from supply.counties.profile_subsidies import GrowthStep, SubsidyRule

SOUND = """
[[subsidies]]
code = "ss-trial"
name = "进岛补贴"
funder = "县财政"
basis = "piece"
beneficiary = "station"
starts = 2026-01-01
ends = 2028-12-31
budget_fen = 100000
evidence = "扫码记录"
"""


def read(folder: Path, *lines: str) -> SubsidyRule:
    path = folder / "county.toml"
    path.write_text(path.read_text(encoding="utf-8") + SOUND + "\n".join(lines) + "\n", encoding="utf-8")
    return (read_profile(folder).county.subsidies or ())[-1]


def test_a_rule_is_read_with_its_years_steps_and_conditions(folder: Path) -> None:
    rule = read(
        folder, "steps = [{ above_pieces = 0, fen = 30 }, { above_pieces = 500, fen = 50 }]", 'storage = ["chilled"]', "months = [6, 7]"
    )
    assert rule.steps == (GrowthStep(0, 30), GrowthStep(500, 50))
    assert (rule.storage, rule.months, rule.starts) == (("chilled",), (6, 7), date(2026, 1, 1))
    assert typed(SubsidyRule, plain(rule)) == rule, "as rows keep it"


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        (["fen_by_year = [30]", "share_bp = 500"], "[[subsidies]] ss-trial: share_bp: is not known to the basis piece"),
        ([], "[[subsidies]] ss-trial: fen_by_year: give one of fen_by_year, steps"),
        (["fen_by_year = [0]"], "[[subsidies]] ss-trial: fen_by_year: must be above 0"),
        (["fen_by_year = [30]", "cap_fen = 5"], "[[subsidies]] ss-trial: cap_fen: cap_fen and cap_every belong together"),
        (["fen_by_year = [30]", 'energies = ["electric"]'], "[[subsidies]] ss-trial: energies: is not known to the basis piece"),
        (["fen_by_year = [30]", 'directions = ["up"]'], "[[subsidies]] ss-trial: directions: 'up' is not one of out, in"),
        (["fen_by_year = [30]", "months = [13]"], "[[subsidies]] ss-trial: months: names a month outside 1 to 12"),
        (["fen_by_year = [30]", 'nodes = ["ss-nowhere"]'], "[[subsidies]] ss-trial: nodes: ss-nowhere is not known here"),
        (["fen_by_year = [30]", 'storage = ["tepid"]'], "[[subsidies]] ss-trial: storage: 'tepid' is not one of ambient, chilled, frozen"),
        (["steps = [{ above_pieces = 5, fen = 1 }, { above_pieces = 5, fen = 2 }]"], "[[subsidies]] ss-trial: steps: must go up"),
        (["fen_by_year = [30]", "colour = 3"], "].colour is not known here"),
    ],
)  # fmt: skip
def test_a_faulty_rule_is_refused(folder: Path, lines: list[str], fault: str) -> None:
    with pytest.raises(ProfileError) as refused:
        read(folder, *lines)
    assert fault in refused.value.faults[0]
