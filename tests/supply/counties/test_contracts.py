"""Contracted zones that overlap, name unknown nodes or end before they start are refused, the row named."""

from pathlib import Path

import pytest

from tests.supply.counties.faulty import faults_of

HEAD = "code,name,operator,per_piece_fen,nodes,starts,ends\n"


def faults(folder: Path, *rows: str) -> list[str]:
    return faults_of(folder, "contract_zones.csv", HEAD, rows)


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        (["ss-z1,一,甲,60,ss-jihu|ss-nowhere,,"], "contract_zones.csv:2: column 'nodes': 'ss-nowhere' is not in nodes.csv"),
        (["ss-z1,一,甲,60,,,"], "contract_zones.csv:2: column 'nodes': is empty: a zone has at least one node"),
        (["ss-z1,一,甲,60,ss-jihu,2026-06-01,2026-05-31"], "contract_zones.csv:2: column 'ends': is before starts"),
        (["ss-z1,一,甲,60,ss-jihu,2026-13-01,"], "contract_zones.csv:2: column 'starts': '2026-13-01' is not a date like 2026-05-20"),
        (["ss-z1,一,甲,60,ss-jihu,,", "ss-z2,二,乙,60,ss-jinping|ss-jihu,,"], "contract_zones.csv:3: column 'nodes': ss-jihu belongs to ss-z1 of line 2 on the same days"),
        (["ss-z1,一,甲,60,ss-jihu,,2026-05-31", "ss-z2,二,甲,80,ss-jihu,2026-05-31,"], "contract_zones.csv:3: column 'nodes': ss-jihu belongs to ss-z1 of line 2 on the same days"),
        (["ss-z1,一,甲,60,ss-jihu,2026-01-01,", "ss-z2,二,乙,60,ss-jihu,2026-03-01,2026-04-01"], "contract_zones.csv:3: column 'nodes': ss-jihu belongs to ss-z1 of line 2 on the same days"),
    ],
)  # fmt: skip
def test_a_faulty_zone_is_refused_with_its_row(folder: Path, rows: list[str], fault: str) -> None:
    assert faults(folder, *rows) == [fault]


def test_a_zone_may_follow_another_by_date(folder: Path) -> None:
    assert faults(folder, "ss-z1,一,甲,60,ss-jihu,,2026-05-31", "ss-z2,二,乙,80,ss-jihu,2026-06-01,") == []
