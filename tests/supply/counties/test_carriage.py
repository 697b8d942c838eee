"""Contracts of carriage that cover nothing, too much, or the same twice are refused, the row named."""

from pathlib import Path

import pytest

from supply.counties.profile import read_profile
from tests.supply.counties.faulty import faults_of

HEAD = "code,firm,line,from_node,to_node,node,kind,basis,price,tiers,minimum_fen,cap_fen,starts,ends\n"


def faults(folder: Path, *rows: str) -> list[str]:
    return faults_of(folder, "contracts.csv", HEAD, rows)


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        (["c1,嵊泗客渡,,,,,,piece,60,,,,2026-01-01,"], "column 'line': name one thing: a line, a node, or a kind"),
        (["c1,嵊泗客渡,ss-lf1,,,ss-hub,,piece,60,,,,2026-01-01,"], "column 'line': name one thing: a line, a node, or a kind"),
        (["c1,嵊泗客渡,ss-lf1,,,,ferry,piece,60,,,,2026-01-01,"], "column 'kind': is the line's own"),
        (["c1,嵊泗客渡,ss-lf1,ss-p-wulong,,,,piece,60,,,,2026-01-01,"], "a stretch of a line has from_node and to_node"),
        (["c1,嵊泗客渡,ss-lf1,ss-p-wulong,ss-jihu,,,piece,60,,,,2026-01-01,"], "column 'to_node': ss-lf1 does not call at ss-jihu"),
        (["c1,别家,ss-lf1,,,,,piece,60,,,,2026-01-01,"], "column 'firm': ss-lf1 is run by 嵊泗客渡"),
        (["c1,嵊泗客渡,,,,,bus,piece,60,,,,2026-01-01,"], "column 'kind': 嵊泗客渡 runs no line of the kind bus"),
        (["c1,嵊泗客渡,ss-nowhere,,,,,piece,60,,,,2026-01-01,"], "column 'line': 'ss-nowhere' is not in lines.csv"),
        (["c1,甲/乙,,,,ss-hub,,piece,60,,,,2026-01-01,"], "column 'firm': has a slash: it stands in addresses"),
        (["c1,嵊泗客渡,,,,,ferry,ton,60,,,,2026-01-01,"], "column 'basis': 'ton' is not one of"),
        (["c1,嵊泗客渡,,,,,ferry,freight_share,10001,,,,2026-01-01,"], "a share has at most 10000 basis points"),
        (["c1,嵊泗客渡,,,,ss-hub,,trip,60,,,,2026-01-01,"], "column 'basis': only lines run"),
        (["c1,嵊泗客渡,,,,,ferry,piece,60,1:50,,,2026-01-01,"], "column 'tiers': '1:50' is not a tier like 1001:55"),
        (["c1,嵊泗客渡,,,,,ferry,piece,60,20:50|10:40,,,2026-01-01,"], "column 'tiers': stand in order"),
        (["c1,嵊泗客渡,,,,,ferry,piece,60,,500,400,2026-01-01,"], "column 'cap_fen': is less than minimum_fen"),
        (["c1,嵊泗客渡,,,,,ferry,piece,60,,,,2026-06-01,2026-05-31"], "column 'ends': is before starts"),
        (["c1,嵊泗客渡,,,,,ferry,piece,60,,,,,"], "column 'starts'"),
        (["ss-z-lvhua,嵊泗客渡,,,,,ferry,piece,60,,,,2026-01-01,"], "ss-z-lvhua is a zone of contract_zones.csv"),
        (
            ["c1,嵊泗客渡,,,,,ferry,piece,60,,,,2026-01-01,", "c2,嵊泗客渡,,,,,ferry,kg,60,,,,2026-03-01,"],
            "contracts.csv:3: column 'starts': c1 of line 2 covers the same on the same days",
        ),
    ],
)
def test_a_contract_that_cannot_be_is_refused(folder: Path, rows: list[str], fault: str) -> None:
    assert any(fault in told for told in faults(folder, *rows)), faults(folder, *rows)


def test_a_new_price_is_a_row_that_begins_when_the_old_one_ends(folder: Path) -> None:
    old, new = (
        "c1,嵊泗客渡,,,,,ferry,piece,60,,,,2026-01-01,2026-02-28",
        "c2,嵊泗客渡,,,,,ferry,piece,70,1001:65|5001:60,100,900,2026-03-01,",
    )
    assert faults(folder, old, new) == []
    first, second = read_profile(folder).contracts
    assert (first.price, second.tiers, second.minimum_fen, second.cap_fen) == (60, ((1001, 65), (5001, 60)), 100, 900)


def test_a_county_without_contracts_is_complete(folder: Path) -> None:
    (folder / "contracts.csv").unlink()
    assert read_profile(folder).contracts == ()
