"""`county.toml`: read into `CountyProfile`, strictly, table by table.

The shape is taken from the row types themselves: a table must hold exactly the fields of its type, each of the field's kind.
"""

import tomllib
from datetime import date
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from supply.products.models import Storage

from .profile_cells import code as parse_code
from .profile_kinds import TIERS, LineKind
from .profile_rules import CountyProfile
from .profile_subsidies import faults_of
from .profile_words import CARRIERS

FILE = "county.toml"
SMALLEST = {
    "transfer_min": 0, "started_g": 1, "max_handovers": 1, "per_station_min": 1, "products_min": 1, "stock_min": 1, "days": 1, "weight": 1,
    "share_within_days": 31, "share_limit_bp": 1,
}  # fmt: skip


def read_county(folder: Path, errors: list[str]) -> CountyProfile | None:
    """The county's own facts and rules, or None when the file is unusable; faults go to `errors`."""
    try:
        raw = tomllib.loads((folder / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        errors.append(f"{FILE}: the file is missing")
        return None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        errors.append(f"{FILE}: {fault}")
        return None
    before = len(errors)
    county = _table(CountyProfile, raw, "", errors)
    if len(errors) > before or not isinstance(county, CountyProfile):
        return None
    errors += [f"{FILE}: {fault}" for fault in _rules(county)]
    return county


def _table(shape: type[Any], raw: object, where: str, errors: list[str]) -> Any:
    if not isinstance(raw, dict):
        errors.append(f"{FILE}: {where} must be a table")
        return None
    hints = get_type_hints(shape)
    errors += [f"{FILE}: {where}{name} is not known here" for name in raw if name not in hints]
    values = []
    for name, kind in hints.items():
        may_be_empty = get_origin(kind) is UnionType
        if name in raw:
            values.append(_value(get_args(kind)[0] if may_be_empty else kind, raw[name], f"{where}{name}", errors))
        elif may_be_empty:
            values.append(None)
        else:
            errors.append(f"{FILE}: {where}{name} is missing")
    return shape(*values) if len(values) == len(hints) else None


def _value(kind: Any, raw: object, where: str, errors: list[str]) -> Any:
    if get_origin(kind) is tuple:
        if not isinstance(raw, list):
            errors.append(f"{FILE}: {where} must be a list")
            return ()
        return tuple(_value(get_args(kind)[0], item, f"{where}[{n}]", errors) for n, item in enumerate(raw, 1))
    if hasattr(kind, "_fields"):
        return _table(kind, raw, f"{where}.", errors)
    if kind is Storage:
        if raw not in TIERS:
            errors.append(f"{FILE}: {where}: {raw!r} is not one of {', '.join(TIERS)}")
            return None
        return Storage(str(raw))
    if type(raw) is not kind:
        errors.append(f"{FILE}: {where}: {raw!r} is not {_WORDS[kind]}")
    elif isinstance(raw, str) and not raw.strip():
        errors.append(f"{FILE}: {where} is empty")
    elif isinstance(raw, int) and raw < 0:
        errors.append(f"{FILE}: {where}: {raw} is below 0")
    elif isinstance(raw, int) and where.endswith("_bp") and raw > 10_000:
        errors.append(f"{FILE}: {where}: {raw} is more than the whole (10000)")
    elif isinstance(raw, int) and where.endswith("_pct") and raw > 100:
        errors.append(f"{FILE}: {where}: {raw} is more than 100")
    elif isinstance(raw, int) and raw < SMALLEST.get(where.rpartition(".")[2], 0):
        errors.append(f"{FILE}: {where} must be at least {SMALLEST[where.rpartition('.')[2]]}")
    return raw


_WORDS = {str: "a text", int: "a whole number", date: "a date", bool: "true or false"}


def _rules(county: CountyProfile) -> list[str]:
    """What must hold between the values of the file."""
    wrong = []
    for name in ("code", "prefix"):
        try:
            parse_code(getattr(county, name))
        except ValueError as fault:
            wrong.append(f"{name}: {fault}")
    if not county.shares:
        wrong.append("[[shares]]: at least one share rule is needed")
    for rule in county.shares:
        if rule.consignment_bp + rule.master_sale_bp + rule.platform_bp != 10_000:
            wrong.append(f"[[shares]] {rule.version}: consignment_bp, master_sale_bp and platform_bp must add up to 10000")
        if (rule.on_behalf_bp or 0) > rule.platform_bp:
            wrong.append(f"[[shares]] {rule.version}: on_behalf_bp is above platform_bp, which pays it")
    for name, seen in (
        ("[[shares]] version", [rule.version for rule in county.shares]),
        ("[[claims]] category", [rule.category for rule in county.claims]),
        ("[[grades]] grade", [rule.grade for rule in county.grades or ()]),
    ):
        wrong += [f"{name}: {word} stands twice" for word in sorted({word for word in seen if seen.count(word) > 1})]
    if county.pickup and county.pickup.return_days is not None and county.pickup.return_days < county.pickup.kept_days:
        wrong.append("pickup.return_days is below pickup.kept_days")
    if "*" not in {rule.category for rule in county.claims}:
        wrong.append('[[claims]]: a rule for category "*" is needed for all other categories')
    for claim in county.claims:
        if not claim.tiers or list(claim.tiers) != sorted(claim.tiers):
            wrong.append(f"[[claims]] {claim.category}: tiers must be a ladder from least to most damage")
        if claim.bearer not in ("grower", "master", "transport", "platform"):
            wrong.append(f"[[claims]] {claim.category}: bearer is not one of grower, master, transport, platform")
    codes = [rule.code for rule in county.subsidies or ()]
    wrong += [f"[[subsidies]] code: {code} stands twice" for code in sorted({code for code in codes if codes.count(code) > 1})]
    for subsidy in county.subsidies or ():
        wrong += [f"[[subsidies]] {subsidy.code}: {name}: {fault}" for name, fault in faults_of(subsidy).items()]
    pairs = (
        ("growers.per_station", county.growers.per_station_min, county.growers.per_station_max),
        ("demo.stock", county.demo.stock_min, county.demo.stock_max),
        ("demo.products", county.demo.products_min, county.demo.products_max),
    )
    wrong += [f"{name}_min is above {name}_max" for name, low, high in pairs if low > high]
    if county.words and county.words.carrier not in (None, *CARRIERS):
        wrong.append(f"words.carrier is not one of {', '.join(CARRIERS)}")
    if county.runs:
        wrong += [f"runs.kinds: {kind!r} is not one of {', '.join(LineKind)}" for kind in county.runs.kinds if kind not in set(LineKind)]
    if not county.growers.surnames or not county.growers.given_names:
        wrong.append("growers: surnames and given_names must not be empty")
    return wrong
