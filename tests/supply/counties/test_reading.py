"""A faulty profile is refused with the file, the line and the column in plain words; all faults at once."""

import csv
from pathlib import Path

import pytest

from supply.counties.profile import ProfileError, read_profile
from supply.counties.profile_tables import TABLES

RUNS = """[runs]
per_run_fen = 3000
per_min_fen = 120
per_box_fen = 100
call_out_fen = 3000
ready_min = 30
kinds = {kinds}
"""


def spoil(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    source = path.read_text(encoding="utf-8")
    assert old in source
    path.write_text(source.replace(old, new, 1), encoding="utf-8")


def faults(folder: Path) -> list[str]:
    with pytest.raises(ProfileError) as refused:
        read_profile(folder)
    return refused.value.faults


def test_an_untouched_copy_reads_like_the_original(folder: Path, shengsi):
    assert read_profile(folder) == shengsi


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        ("nodes.csv", "30.724", "95", "nodes.csv:2: column 'lat': 95 is not between 3 and 54"),
        ("nodes.csv", "30.724", "nan", "nodes.csv:2: column 'lat': nan is not between 3 and 54"),
        ("nodes.csv", "30.724", "north", "nodes.csv:2: column 'lat': 'north' is not a number"),
        (
            "nodes.csv",
            "ss-hub,嵊泗",
            "Hub 1,嵊泗",
            "nodes.csv:2: column 'code': 'Hub 1' is not a code: lower-case letters, digits and single hyphens",
        ),
        ("nodes.csv", ",hub,菜园镇", ",port,菜园镇", "nodes.csv:2: column 'kind': 'port' is not one of hub, township, "),
        ("nodes.csv", "05:30,20:30", "5h30,20:30", "nodes.csv:2: column 'opens': '5h30' is not a time of day like 05:40"),
        ("nodes.csv", "20:30,no", "20:30,maybe", "nodes.csv:2: column 'flagship': 'maybe' is neither yes nor no"),
        ("nodes.csv", "菜园镇,,30.724", "菜园乡,,30.724", "nodes.csv:2: column 'township': '菜园乡' is not in townships.csv"),
        ("nodes.csv", "ss-hub,嵊泗", "nh-hub,嵊泗", "nodes.csv:2: column 'code': 'nh-hub' must begin with ss-"),
        ("nodes.csv", "code,name", "code,title", "nodes.csv:1: column 'name' is missing"),
        ("nodes.csv", "code,name", "code,title", "nodes.csv:1: column 'title' is not known here"),
        ("stops.csv", "1,ss-p-nangang", "1,ss-p-nowhere", "stops.csv:2: column 'node': 'ss-p-nowhere' is not in nodes.csv"),
        ("stops.csv", "ss-p-nangang,0,0", "ss-p-nangang,0,3", "stops.csv:2: column 'dep_min': a trip starts at its first stop at minute 0"),
        ("stops.csv", "ss-p-wulong,35,35", "ss-p-wulong,35,34", "stops.csv:3: column 'dep_min': leaves before it arrives"),
        ("stops.csv", "ss-p-wulong,35,35", "ss-p-wulong,0,35", "stops.csv:3: column 'arr_min': is not after leaving the stop before"),
        ("trips.csv", "ss-daily", "ss-sundays", "trips.csv:2: column 'calendar': 'ss-sundays' is not in calendars.csv"),
        ("calendars.csv", "1111111", "111111", "calendars.csv:2: column 'weekdays': '111111' is not seven marks of 0 or 1, Monday first"),
        ("calendars.csv", "2024-01-01", "2024-02-30", "calendars.csv:2: column 'starts': '2024-02-30' is not a date like 2026-05-20"),
        (
            "vehicles.csv",
            ",yes,",
            ",no,",
            "vehicles.csv:2: column 'has_bay': without a bay nothing can be carried: caps must be 0 and tiers empty",
        ),
        ("trunks.csv", "10:40,11:20", "10:40,10:20", "trunks.csv:2: column 'departs': is before the cut-off"),
        ("trunks.csv", "ss-hub", "ss-gouqi", "trunks.csv:2: column 'hub': ss-gouqi is not a hub"),
        ("trunks.csv", "|frozen", "|tepid", "trunks.csv:2: column 'tiers': 'tepid' is not one of ambient, chilled, frozen"),
        ("zones.csv", "z1,", "z0,", "zones.csv:3: column 'code': z0 already stands in line 2"),
        ("products.csv", ",48,", ",48.005,", "products.csv:2: column 'price_yuan': '48.005' is not an amount in yuan above 0"),
        ("products.csv", ",48,", ",0,", "products.csv:2: column 'price_yuan': '0' is not an amount in yuan above 0"),
        ("products.csv", ",5-10,", ",5-13,", "products.csv:2: column 'season_months': '5-13' names a month outside 1 to 12"),
        ("products.csv", ",5-10,", ",6-10,", "products.csv:3: column 'season_months': differs from the other specs of 枸杞贻贝"),
        ("products.csv", "枸杞乡,枸杞驿站", "嵊山镇,枸杞驿站", "products.csv:2: column 'township': 枸杞驿站 does not trade in 嵊山镇"),
        ("products.csv", ",2500,3410,", ",2500,2410,", "products.csv:2: column 'gross_g': is less than net_g"),
        ("products.csv", ",2500,3410,", ",2600,3410,", "products.csv:2: column 'net_g': is 2600, but 5斤装 is 2500 g"),
        ("product_templates.csv", ",250,410,", ",270,410,", "product_templates.csv:2: column 'net_g': is 270, but 250g is 250 g"),
        ("products.csv", ",2500,3410,", ",2.5,3410,", "products.csv:2: column 'net_g': '2.5' is not a whole number"),
        ("county.toml", 'code = "shengsi"', 'code = "chengsi"', "county.toml: code 'chengsi' is not the folder's name 'shengsi'"),
        ("county.toml", "transfer_min = 15", "transfer_min = -1", "county.toml: hub.transfer_min: -1 is below 0"),
        ("county.toml", "transfer_min = 15", 'transfer_min = "15"', "county.toml: hub.transfer_min: '15' is not a whole number"),
        ("county.toml", "transfer_min = 15", "transfer_hours = 1", "county.toml: hub.transfer_hours is not known here"),
        ("county.toml", "transfer_min = 15", "transfer_hours = 1", "county.toml: hub.transfer_min is missing"),
        (
            "county.toml",
            "platform_bp = 400",
            "platform_bp = 500",
            "[[shares]] 2024-1: consignment_bp, master_sale_bp and platform_bp must add up",
        ),
        ("county.toml", 'category = "*"', 'category = "茶饮"', '[[claims]]: a rule for category "*" is needed'),
        ("county.toml", 'bearer = "grower"', 'bearer = "buyer"', "[[claims]] *: bearer is not one of grower, master, transport, platform"),
        ("county.toml", 'live_rides_as = "chilled"', 'live_rides_as = "live"', "county.toml: storage.live_rides_as: 'live' is not one of"),
        ("county.toml", "[home]", "[home", "county.toml: "),
        ("county.toml", "[home]", RUNS.format(kinds='["tram"]') + "[home]", "runs.kinds: 'tram' is not one of bus, coach"),
        ("county.toml", "[home]", RUNS.format(kinds="[]").replace("ready_min = 30", "") + "[home]", "runs.ready_min is missing"),
    ],
)
def test_a_fault_is_named_where_it_stands(folder: Path, file: str, old: str, new: str, fault: str):
    spoil(folder, file, old, new)
    assert any(line.startswith(fault) or fault in line for line in faults(folder)), faults(folder)


def test_all_faults_come_at_once(folder: Path):
    spoil(folder, "nodes.csv", "30.724", "95")
    spoil(folder, "trips.csv", "07:10", "7 o'clock")
    spoil(folder, "county.toml", "transfer_min = 15", "transfer_min = true")
    found = faults(folder)
    assert {line.split(":")[0] for line in found} == {"nodes.csv", "trips.csv", "county.toml"}


def test_faults_of_rows_do_not_hide_those_between_rows(folder: Path):
    planted = [
        ("county.toml", "transfer_min = 15", 'transfer_min = "15"', "county.toml: hub.transfer_min: '15' is not a whole number"),
        ("nodes.csv", "30.724", "95", "nodes.csv:2: column 'lat': 95 is not between 3 and 54"),
        ("nodes.csv", ",hub,菜园镇", ",hub,菜园乡", ""),  # of the row that is refused already
        ("stops.csv", "ss-p-wulong,35,35", "ss-p-wulong,35,34", "stops.csv:3: column 'dep_min': leaves before it arrives"),
        ("trips.csv", "ss-daily", "ss-sundays", "trips.csv:2: column 'calendar': 'ss-sundays' is not in calendars.csv"),
        ("calendars.csv", "2024-01-01", "2036-01-01", "calendars.csv:2: column 'ends': is before starts"),
        (
            "vehicles.csv",
            ",yes,",
            ",no,",
            "vehicles.csv:2: column 'has_bay': without a bay nothing can be carried: caps must be 0 and tiers empty",
        ),
        ("trunks.csv", "10:40,11:20", "10:40,10:20", "trunks.csv:2: column 'departs': is before the cut-off"),
        (
            "products.csv",
            ",48,",
            ",0,",
            "products.csv:2: column 'price_yuan': '0' is not an amount in yuan above 0 with at most two decimals",
        ),
        ("product_templates.csv", ",250,410,", ",250,210,", "product_templates.csv:2: column 'gross_g': is less than net_g"),
    ]
    for file, old, new, _ in planted:
        spoil(folder, file, old, new)
    assert sorted(faults(folder)) == sorted(fault for *_, fault in planted if fault)


@pytest.mark.parametrize(
    "spoilt",
    [
        ("stops.csv", "1,ss-p-nangang,0,0", "1,ss-p-nangang,x,0"),
        ("trunks.csv", "10:40", "25:99"),
        ("nodes.csv", "30.724", "north"),
        ("calendars.csv", "1111111", "11"),
        ("zones.csv", ",yes", ",perhaps"),
    ],
)
def test_a_spoilt_row_is_not_also_missed_by_those_that_name_it(folder: Path, spoilt):
    spoil(folder, *spoilt)
    (fault,) = faults(folder)
    assert fault.startswith(spoilt[0])


def test_a_missing_file_is_named(folder: Path):
    (folder / "trunks.csv").unlink()
    assert faults(folder) == ["trunks.csv: the file is missing"]


def test_a_county_without_contract_zones_is_complete(folder: Path):
    (folder / "contract_zones.csv").unlink()
    assert read_profile(folder).contract_zones == ()


def test_a_file_that_is_not_text_is_refused(folder: Path):
    (folder / "zones.csv").write_bytes(b"\xff\xfe\x00code")
    assert "zones.csv: the file is not UTF-8 text" in faults(folder)


def test_a_short_row_is_refused(folder: Path):
    with (folder / "zones.csv").open("a", encoding="utf-8") as file:
        file.write("z9,somewhere\n")
    assert any(line.endswith("2 cells where the header has 3") for line in faults(folder))


def test_a_file_saved_by_a_spreadsheet_with_a_byte_order_mark_reads(folder: Path, shengsi):
    path = folder / "zones.csv"
    path.write_text("\ufeff" + path.read_text(encoding="utf-8").replace("\n", "\r\n"), encoding="utf-8", newline="")
    assert read_profile(folder) == shengsi


def test_a_folder_that_does_not_exist_is_a_profile_error(tmp_path: Path):
    assert "county.toml: the file is missing" in faults(tmp_path / "nowhere")


def test_a_profile_without_the_columns_that_may_be_left_out_reads_as_before(folder: Path):
    """Every column with a default, struck out of every file: what is left is the county without those rules."""
    struck = 0
    for table in TABLES.values():
        path = folder / table.file
        if not path.exists():
            continue
        rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
        kept = [name for name in table.columns if not table.default(name)]
        struck += len(table.columns) - len(kept)
        with path.open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, kept, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
    bare = read_profile(folder)
    assert struck >= 10
    assert {(line.min_visibility_m, line.area, line.goods_windows) for line in bare.lines} == {(None, "", ())}
    assert not any(stop.on_request for stop in bare.stops)
    assert {(row.seasons, row.market, row.every_days) for row in bare.calendars} == {((), None, None)}


def respell(folder: Path, file: str, column: str, value: str, *, row: int = 0) -> None:
    """Write one cell anew, in a column the file may not have had."""
    rows = list(csv.DictReader((folder / file).read_text(encoding="utf-8").splitlines()))
    default = {"on_request": "no"}.get(column, "")
    for number, each in enumerate(rows):
        each[column] = value if number == row else each.get(column, default)
    with (folder / file).open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def test_a_terminus_cannot_be_a_request_stop(folder: Path):
    respell(folder, "stops.csv", "on_request", "yes")
    assert faults(folder) == ["stops.csv:2: column 'on_request': a trip starts and ends at a stop it always calls at"]


@pytest.mark.parametrize(
    ("bays", "fault"),
    [
        ("前舱:5|冷柜:2:cold", "holds fewer boxes than the vehicle carries"),
        ("前舱:20|前舱:4:cold", "names a bay twice"),
        ("前舱:20", "has no cold bay for a vehicle that keeps cold"),
        ("冷柜:30:cold", "has cold bays only"),
    ],
)
def test_bays_that_do_not_suit_their_vehicle_are_refused(folder: Path, bays: str, fault: str):
    respell(folder, "vehicles.csv", "bays", bays)
    assert f"vehicles.csv:2: column 'bays': {fault}" in faults(folder)


@pytest.mark.parametrize(
    ("rules", "days", "limit_bp"),
    [("", None, 3_000), ("share_out = false\n", None, 3_000), ("share_out = true\n", 180, 3_000),
     ("share_out = true\nshare_limit_bp = 2000\nshare_within_days = 90\n", 90, 2_000)],
)  # fmt: skip
def test_a_county_shares_out_where_it_says_so(folder: Path, rules: str, days: int | None, limit_bp: int):
    spoil(folder, "county.toml", "[home]", f"[settlement]\nmin_payout_fen = 100\n{rules}[home]")
    settlement = read_profile(folder).county.settlement
    assert settlement is not None
    assert (bool(settlement.share_out), settlement.share_days, settlement.limit_bp) == ("= true" in rules, days, limit_bp)


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ("share_out = 1", "settlement.share_out: 1 is not true or false"),
        ("share_limit_bp = 0", "settlement.share_limit_bp must be at least 1"),
        ("share_limit_bp = 10001", "settlement.share_limit_bp: 10001 is more than the whole (10000)"),
        ("share_within_days = 30", "settlement.share_within_days must be at least 31"),
    ],
)
def test_a_rule_of_sharing_out_that_makes_no_sense_is_refused(folder: Path, rule: str, fault: str):
    spoil(folder, "county.toml", "[home]", f"[settlement]\nmin_payout_fen = 100\n{rule}\n[home]")
    assert faults(folder) == [f"county.toml: {fault}"]
