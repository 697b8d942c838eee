"""The CSV files of a profile: their columns, and a strict reader that reports every fault by file, line and column.

Files are UTF-8 with a header line; the header names the columns below, in any order. A column whose field has a default in its
row type may be left out.
"""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from supply.products.models import Storage
from supply.stations.models import NodeKind

from . import profile_cells as cell
from . import profile_rows as rows
from .profile_kinds import Basis, LineKind

COUNT = cell.whole(0, 100_000_000)
POSITIVE = cell.whole(1, 100_000_000)
FEN = cell.whole(0, 10_000_000)
OFFSET = cell.whole(0, 2_880)
PERCENT = cell.whole(0, 100)
WIND = cell.maybe(cell.whole(1, 12))
SIGHT = cell.maybe(cell.whole(1, 50_000))
LAT = cell.degrees(3, 54)
LON = cell.degrees(73, 136)
MODE = cell.one_of("road", "sea", "rail", "air", "foot")

PRODUCT_COLUMNS = {
    "category": cell.text,
    "spec": cell.text,
    "net_g": POSITIVE,
    "gross_g": POSITIVE,
    "ml": POSITIVE,
    "box_milli": cell.whole(1, 20_000),
    "price_yuan": cell.yuan,
    "season_months": cell.months,
    "storage": cell.member(Storage),
    "shelf_days": cell.whole(1, 36_500),
    "story": cell.any_text,
}


class Table(NamedTuple):
    """One file: its row type, a parser per column in the field order of the row, and the columns that make a row unique."""

    file: str
    row: type[tuple[Any, ...]]
    columns: Mapping[str, cell.Parser[Any]]
    key: tuple[str, ...]
    optional: bool = False

    def default(self, column: str) -> list[Any]:
        """What the field of a column is where no file says it; empty for a column every file has."""
        field = self.row._fields[list(self.columns).index(column)]  # type: ignore[attr-defined]
        return [self.row._field_defaults[field]] if field in self.row._field_defaults else []  # type: ignore[attr-defined]


class Line(NamedTuple):
    """A row with the line of the file it stands on."""

    number: int
    row: Any


class Read(NamedTuple):
    """A file's good rows, the cells of the others by column, and whether the file was read to its end."""

    lines: list[Line]
    spoilt: list[dict[str, str]]
    whole: bool

    def named(self, column: str) -> set[str]:
        """What its rows are called in this column, the spoilt ones too."""
        return {getattr(line.row, column) for line in self.lines} | {row.get(column, "") for row in self.spoilt}


TABLES = {
    "townships": Table(
        "townships.csv",
        rows.TownshipRow,
        {"code": cell.code, "name": cell.text, "population": POSITIVE, "lat": LAT, "lon": LON},
        ("code",),
    ),
    "services": Table(
        "services.csv",
        rows.ServiceRow,
        {"code": cell.code, "name": cell.text, "fee_fen": FEN, "unit": cell.text, "about": cell.text, "county_fee_fen": FEN},
        ("code",),
    ),
    "nodes": Table(
        "nodes.csv",
        rows.NodeRow,
        {
            "code": cell.code,
            "name": cell.text,
            "kind": cell.member(NodeKind),
            "township": cell.text,
            "served_by": cell.maybe(cell.code),
            "lat": LAT,
            "lon": LON,
            "signature": cell.any_text,
            "master": cell.any_text,
            "opens": cell.clock,
            "closes": cell.clock,
            "flagship": cell.yes_no,
            "services": cell.many(cell.code),
            "story": cell.any_text,
        },
        ("code",),
    ),
    "lines": Table(
        "lines.csv",
        rows.LineRow,
        {
            "code": cell.code,
            "number": cell.text,
            "name": cell.text,
            "kind": cell.member(LineKind),
            "mode": MODE,
            "color": cell.whole(1, 8),
            "fee_fen": FEN,
            "close_min": cell.whole(0, 240),
            "max_wind": WIND,
            "operator": cell.text,
            "published": cell.yes_no,
            "min_visibility_m": SIGHT,
            "area": cell.any_text,
            "goods_windows": cell.many(cell.window),
        },
        ("code",),
    ),
    "vehicles": Table(
        "vehicles.csv",
        rows.VehicleRow,
        {
            "code": cell.code,
            "name": cell.text,
            "kind": cell.one_of("bus", "van", "truck", "ship", "trike", "bicycle", "car", "drone"),
            "energy": cell.one_of("electric", "diesel", "petrol", "gas", "hybrid", "none"),
            "seats": cell.whole(0, 1_000),
            "has_bay": cell.yes_no,
            "cap_g": COUNT,
            "cap_ml": COUNT,
            "boxes": cell.maybe(cell.whole(0, 10_000)),
            "chilled_ml": cell.maybe(COUNT),
            "tiers": cell.many(cell.tier),
            "bays": lambda text: tuple(rows.BayRow(*each) for each in cell.many(cell.bay)(text)),
        },
        ("code",),
    ),
    "patterns": Table(
        "patterns.csv",
        rows.PatternRow,
        {"code": cell.code, "line": cell.code, "direction": cell.one_of("out", "in", "loop"), "name": cell.text},
        ("code",),
    ),
    "stops": Table(
        "stops.csv",
        rows.StopRow,
        {
            "pattern": cell.code,
            "seq": cell.whole(1, 200),
            "node": cell.code,
            "arr_min": OFFSET,
            "dep_min": OFFSET,
            "on_request": cell.yes_no,
        },
        ("pattern", "seq"),
    ),
    "calendars": Table(
        "calendars.csv",
        rows.CalendarRow,
        {
            "code": cell.code,
            "name": cell.text,
            "weekdays": cell.weekdays,
            "months": cell.months,
            "starts": cell.day,
            "ends": cell.day,
            "without": cell.many(cell.day),
            "also": cell.many(cell.day),
            "seasons": cell.many(cell.season),
            "market": cell.maybe(cell.market),
            "every_days": cell.maybe(cell.whole(2, 60)),
        },
        ("code",),
    ),
    "trips": Table(
        "trips.csv",
        rows.TripRow,
        {
            "code": cell.code,
            "pattern": cell.code,
            "calendar": cell.code,
            "departs": cell.clock,
            "vehicle": cell.code,
            "block": cell.code,
            "passenger_pct": PERCENT,
        },
        ("code",),
    ),
    "trunks": Table(
        "trunks.csv",
        rows.TrunkRow,
        {
            "code": cell.code,
            "carrier": cell.text,
            "name": cell.text,
            "mode": MODE,
            "hub": cell.code,
            "calendar": cell.code,
            "cutoff": cell.clock,
            "departs": cell.clock,
            "cap_g": POSITIVE,
            "tiers": cell.many(cell.tier),
            "max_wind": WIND,
            "min_visibility_m": SIGHT,
            "area": cell.any_text,
        },
        ("code",),
    ),
    "trunk_zones": Table(
        "trunk_zones.csv",
        rows.TrunkZoneRow,
        {"trunk": cell.code, "zone": cell.code, "base_fen": FEN, "per_kg_fen": FEN, "hours": cell.whole(1, 720)},
        ("trunk", "zone"),
    ),
    "shared_lanes": Table(
        "shared_lanes.csv",
        rows.SharedLaneRow,
        {"lane": cell.code, "trunk": cell.code, "cap_g": cell.whole(0, 10_000_000_000)},
        ("lane",),
        optional=True,
    ),
    "zones": Table("zones.csv", rows.ZoneRow, {"code": cell.code, "name": cell.text, "in_county": cell.yes_no}, ("code",)),
    "places": Table(
        "places.csv",
        rows.PlaceRow,
        {"province": cell.text, "city": cell.any_text, "district": cell.any_text, "zone": cell.code},
        ("province", "city", "district"),
    ),
    "freight": Table(
        "freight.csv",
        rows.FreightRow,
        {"zone": cell.code, "tier": cell.tier, "base_fen": FEN, "per_kg_fen": FEN},
        ("zone", "tier"),
    ),
    "contract_zones": Table(
        "contract_zones.csv",
        rows.ContractZoneRow,
        {
            "code": cell.code,
            "name": cell.text,
            "operator": cell.text,
            "per_piece_fen": FEN,
            "nodes": cell.many(cell.code),
            "starts": cell.maybe(cell.day),
            "ends": cell.maybe(cell.day),
        },
        ("code",),
        optional=True,
    ),
    "contracts": Table(
        "contracts.csv",
        rows.ContractRow,
        {
            "code": cell.code,
            "firm": cell.text,
            "line": cell.maybe(cell.code),
            "from_node": cell.maybe(cell.code),
            "to_node": cell.maybe(cell.code),
            "node": cell.maybe(cell.code),
            "kind": cell.maybe(cell.member(LineKind)),
            "basis": cell.member(Basis),
            "price": FEN,
            "starts": cell.day,
            "tiers": cell.many(cell.price_from),
            "minimum_fen": cell.maybe(FEN),
            "cap_fen": cell.maybe(FEN),
            "ends": cell.maybe(cell.day),
            "before_fen": cell.maybe(FEN),
        },
        ("code",),
        optional=True,
    ),
    "areas": Table(
        "areas.csv",
        rows.AreaRow,
        {"town": cell.text, "village": cell.any_text, "node": cell.code},
        ("town", "village"),
        optional=True,
    ),
    "doors": Table(
        "doors.csv",
        rows.DoorRow,
        {
            "node": cell.code,
            "kind": cell.member(LineKind),
            "first": cell.clock,
            "last": cell.clock,
            "every_min": cell.whole(0, 1_440),
            "minutes": cell.whole(1, 1_440),
        },
        ("node",),
        optional=True,
    ),
    "products": Table(
        "products.csv",
        rows.ProductRow,
        {"township": cell.text, "station": cell.text, "product": cell.text, **PRODUCT_COLUMNS},
        ("station", "product", "spec"),
    ),
    "templates": Table(
        "product_templates.csv",
        rows.TemplateRow,
        {
            "townships": cell.many(cell.text),
            "product": cell.text,
            "category": cell.text,
            "spec": cell.text,
            "net_g": POSITIVE,
            "gross_g": POSITIVE,
            "ml": POSITIVE,
            "box_milli": cell.whole(1, 20_000),
            "price_yuan": cell.yuan,
            "spread_pct": cell.whole(0, 50),
            "season_months": cell.months,
            "storage": cell.member(Storage),
            "shelf_days": cell.whole(1, 36_500),
            "story": cell.any_text,
        },
        ("product", "spec"),
    ),
}


def read_table(folder: Path, table: Table, errors: list[str]) -> Read:
    """The rows of one file with their line numbers; what is wrong is added to `errors`."""
    path = folder / table.file
    try:
        source = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        if not table.optional:
            errors.append(f"{table.file}: the file is missing")
        return Read([], [], table.optional)
    except UnicodeDecodeError:
        errors.append(f"{table.file}: the file is not UTF-8 text")
        return Read([], [], False)
    reader = csv.reader(source.splitlines(), strict=True)
    header = next(reader, [])
    wrong = [f"column {name!r} is missing" for name in table.columns if name not in header and not table.default(name)]
    wrong += [f"column {name!r} is not known here" for name in header if name not in table.columns]
    wrong += [f"column {name!r} stands twice" for name in sorted({n for n in header if header.count(n) > 1})]
    if wrong:
        errors += [f"{table.file}:1: {fault}" for fault in wrong]
        return Read([], [], False)
    told = [(name, header.index(name), parse) for name, parse in table.columns.items() if name in header]
    untold = {name: table.default(name)[0] for name in table.columns if name not in header}
    lines: list[Line] = []
    spoilt: list[dict[str, str]] = []
    first_line: dict[tuple[str, ...], int] = {}
    key_places = [header.index(name) for name in table.key]
    try:
        for record in reader:
            number, cells = reader.line_num, [each.strip() for each in record]
            if len(record) != len(header):
                errors.append(f"{table.file}:{number}: {len(record)} cells where the header has {len(header)}")
                spoilt.append(dict(zip(header, cells, strict=False)))
                continue
            values, good = dict(untold), True
            for name, index, parse in told:
                try:
                    values[name] = parse(cells[index])
                except ValueError as fault:
                    errors.append(f"{table.file}:{number}: column {name!r}: {fault}")
                    good = False
            key = tuple(cells[index] for index in key_places)
            if (first := first_line.setdefault(key, number)) != number:
                errors.append(f"{table.file}:{number}: column {table.key[-1]!r}: {' / '.join(key)} already stands in line {first}")
                good = False
            if good:
                lines.append(Line(number, table.row(*(values[name] for name in table.columns))))
            else:
                spoilt.append(dict(zip(header, cells, strict=True)))
    except csv.Error as fault:
        errors.append(f"{table.file}:{reader.line_num}: not readable as CSV: {fault}")
        return Read(lines, spoilt, False)
    return Read(lines, spoilt, True)
