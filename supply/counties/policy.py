"""A county's own rules, kept in its row as loaded (`County.policy`) and read back as the profile's types."""

import json
from datetime import date
from functools import lru_cache
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from .models import County
from .profile_rules import CountyProfile


def to_policy(profile: CountyProfile) -> dict[str, Any]:
    """The profile's `county.toml` as plain JSON; dates are ISO texts."""
    kept = plain(profile)
    assert isinstance(kept, dict)
    return kept


_last: dict[int, tuple[dict[str, Any], CountyProfile]] = {}


def policy_of(county: County) -> CountyProfile:
    """The rules this county trades and moves by; read again only from a row that was read again."""
    kept = _last.get(county.id)
    if kept is None or kept[0] is not county.policy:
        kept = _last[county.id] = (county.policy, _read(json.dumps(county.policy, sort_keys=True, ensure_ascii=False)))
    return kept[1]


@lru_cache(maxsize=64)
def _read(policy: str) -> CountyProfile:
    found = typed(CountyProfile, json.loads(policy))
    assert isinstance(found, CountyProfile)
    return found


def plain(value: Any) -> Any:
    """A rule as JSON: fields by name, dates as ISO texts."""
    if hasattr(value, "_asdict"):
        return {name: plain(part) for name, part in value._asdict().items()}
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    return value.isoformat() if isinstance(value, date) else value


def typed(kind: Any, value: Any) -> Any:
    """JSON that `plain` made, as this kind of rule again."""
    if value is None:
        return None
    if get_origin(kind) is UnionType:
        kind = get_args(kind)[0]
    if hasattr(kind, "_fields"):
        hints = get_type_hints(kind)  # a rule that an older version kept and this one no longer has is left out
        return kind(**{name: typed(hints[name], part) for name, part in value.items() if name in hints})
    if get_origin(kind) is tuple:
        return tuple(typed(get_args(kind)[0], part) for part in value)
    if kind is date:
        return date.fromisoformat(value)
    return kind(value) if isinstance(kind, type) else value
