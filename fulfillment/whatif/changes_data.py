"""Changes as they are sent, kept and told: flat JSON, one `kind` and the fields that kind needs."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

from core import i18n

from .changes import AddRun, Bay, Change, ChangeBay, ChangeRefused, CloseNode, DropRun, ExtraStop, OpenNode, ShiftRun

_ = i18n.gettext
KINDS: Final[dict[str, type[Change]]] = {
    "drop_run": DropRun, "shift_run": ShiftRun, "add_run": AddRun, "change_bay": ChangeBay, "extra_stop": ExtraStop,
    "close_node": CloseNode, "open_node": OpenNode,
}  # fmt: skip
NAMES: Final = i18n.marked({
    "drop_run": "停一班（或一条线）", "shift_run": "提前或推后", "add_run": "加开一班", "change_bay": "换货舱", "extra_stop": "多停一站",
    "close_node": "关一个站", "open_node": "开一个站",
})  # fmt: skip
_NAME_OF = {shape: name for name, shape in KINDS.items()}
_BAY = tuple(f.name for f in fields(Bay))
OPTIONAL: Final = ("detour_min", "bay")


def change_of(data: Mapping[str, Any], vehicles: Mapping[str, Bay] | None = None) -> Change:
    """The change that flat data says; `vehicle` names a bay of `vehicles`. Raises ChangeRefused, naming the field that is missing."""
    shape = KINDS.get(data.get("kind", ""))
    if shape is None:
        raise ChangeRefused(_("没有这种改动"), field="kind")
    given: dict[str, Any] = {}
    for part in fields(shape):
        if part.name == "bay":
            given["bay"] = _bay(data, vehicles or {})
        elif data.get(part.name) not in (None, ""):
            given[part.name] = data[part.name]
        elif part.name not in OPTIONAL:
            raise ChangeRefused(_("还差一项没填"), field=part.name)
    if shape is ChangeBay and given["bay"] == Bay():
        raise ChangeRefused(_("货舱要改成什么样，请至少填一项"), field="g")
    return shape(**given)


def _bay(data: Mapping[str, Any], vehicles: Mapping[str, Bay]) -> Bay:
    if name := data.get("vehicle"):
        if name not in vehicles:
            raise ChangeRefused(_("没有“{name}”这辆车").format(name=name), field="vehicle")
        return vehicles[name]
    tiers = data.get("tiers")
    return Bay(**{part: data.get(part) for part in _BAY if part != "tiers"}, tiers=tuple(tiers) if tiers else None)


def change_as_data(change: Change) -> dict[str, Any]:
    """The flat form; a bay is told by what it holds."""
    told: dict[str, Any] = {"kind": _NAME_OF[type(change)]}
    for part in fields(change):
        value = getattr(change, part.name)
        if isinstance(value, Bay):
            told |= {name: list(v) if isinstance(v, tuple) else v for name in _BAY if (v := getattr(value, name)) is not None}
        elif value is not None:
            told[part.name] = value
    return told
