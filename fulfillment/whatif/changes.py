"""A change to the timetable is data: eight small kinds, and what each does to a planning problem. Pure, no database.

A run of the timetable is named once, whatever the day: the run `nh-l12-i1` is every departure `nh-l12-i1@…` of the instance, a line's
code is every run of the line, and in an instance without days a departure's own id is a run. Only the roads of goods change: passengers
still ride what is dropped here.

What a parcel has done already cannot be changed after the fact: a run that has parcels aboard, or pinned to it, is left as it is.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from core import i18n
from core.errors import Refused
from fulfillment.batching.instance import TIERS, Capacity, Departure, Instance, Node, Parcel, Stop

from .roadtimes import RoadTimes, Spots

_ = i18n.gettext
MOST_CHANGES = 12
MOST_SHIFT_MIN = 720


class ChangeRefused(Refused):
    """The timetable cannot be changed like that; the words name the run or the place."""

    code = "change_refused"


@dataclass(frozen=True, slots=True)
class Bay:
    """What a bay holds; None leaves it as it is. `boxes` stays uncounted where the timetable does not count them."""

    g: int | None = None
    ml: int | None = None
    boxes: int | None = None
    chilled_ml: int | None = None
    tiers: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class DropRun:
    run: str


@dataclass(frozen=True, slots=True)
class ShiftRun:
    """Later by `minutes`, earlier where they are negative, at every stop alike."""

    run: str
    minutes: int


@dataclass(frozen=True, slots=True)
class AddRun:
    """A copy of `run` that leaves `minutes` later (or earlier), with its bay or another."""

    run: str
    minutes: int
    bay: Bay = Bay()


@dataclass(frozen=True, slots=True)
class ChangeBay:
    run: str
    bay: Bay


@dataclass(frozen=True, slots=True)
class ExtraStop:
    """The run also calls at `node` on its way on from `after`. `detour_min` is what that takes; None: as `RoadTimes` knows it."""

    run: str
    node: str
    after: str
    detour_min: int | None = None


@dataclass(frozen=True, slots=True)
class CloseNode:
    """Nothing boards or leaves at `node` any more; its parcels are brought to, or fetched from, `instead`."""

    node: str
    instead: str


@dataclass(frozen=True, slots=True)
class OpenNode:
    """A new place `node` that takes over `share_pct` of the parcels of `like`. No run calls there until one is given the extra stop."""

    node: str
    like: str
    share_pct: int


Change = DropRun | ShiftRun | AddRun | ChangeBay | ExtraStop | CloseNode | OpenNode


def apply_changes(instance: Instance, changes: Sequence[Change], spots: Spots | None = None) -> Instance:
    """The same problem on the changed timetable; changes take effect one after the other. `spots` are places' coordinates.

    Raises ChangeRefused, naming the run or place.
    """
    if len(changes) > MOST_CHANGES:
        raise ChangeRefused(_("一份试算最多 {n} 处改动").format(n=MOST_CHANGES))
    for change in changes:
        instance = _apply(instance, change, RoadTimes(instance, spots or {}))
    return instance


def run_of(departure: str) -> str:
    """The run that a departure of an instance is one day of."""
    return departure.rpartition("@")[0] or departure


def copied_from(departure: str) -> str | None:
    """The name of the departure that `AddRun` made this one of; None of one that bears no such name."""
    run, at, day = departure.rpartition("@")
    copy = re.fullmatch(r"(.+)[+-]\d+\+*", run or day)
    return copy and copy[1] + (at + day if run else "")


def departures_of(instance: Instance, run: str) -> list[Departure]:
    """Every departure of a run, or of a line. Raises ChangeRefused when there is none."""
    found = [d for d in instance.departures if run in (d.id, d.line, run_of(d.id))]
    if not found:
        raise ChangeRefused(_("没有“{name}”这个班次").format(name=run), field="run")
    return found


def _apply(instance: Instance, change: Change, times: RoadTimes) -> Instance:
    match change:
        case DropRun(run):
            gone = {d.id for d in _free(instance, run)}
            return replace(instance, departures=tuple(d for d in instance.departures if d.id not in gone))
        case ShiftRun(run, minutes):
            return _with(instance, [_shifted(d, _minutes(minutes)) for d in _free(instance, run)])
        case AddRun(run, minutes, bay):
            return _with_copies(instance, departures_of(instance, run), _minutes(minutes, least=0), bay)
        case ChangeBay(run, bay):
            return _with(instance, [_refitted(d, bay) for d in _free(instance, run)])
        case ExtraStop(run, node, after, detour):
            _known(instance, node)
            return _with(instance, [_calling(d, node, after, detour, times) for d in _free(instance, run)])
        case CloseNode(node, instead):
            return _closed(instance, node, instead, times)
        case OpenNode(node, like, share):
            return _opened(instance, node, like, share)


def _minutes(minutes: int, *, least: int = 1) -> int:
    if not least <= abs(minutes) <= MOST_SHIFT_MIN:
        raise ChangeRefused(_("提前或推后要在 {least} 到 {most} 分钟之间").format(least=least, most=MOST_SHIFT_MIN), field="minutes")
    return minutes


def _free(instance: Instance, run: str) -> list[Departure]:
    """A run's departures, none of which a parcel is bound to."""
    found = departures_of(instance, run)
    names = {d.id for d in found}
    _unbound(instance, names)
    return found


def _unbound(instance: Instance, departures: set[str]) -> None:
    for parcel in instance.parcels:
        bound = {leg.departure for leg in parcel.fixed_legs} | parcel.pin
        if taken := bound & departures:
            raise ChangeRefused(_("包裹 {parcel} 已经在“{run}”上，改不了").format(parcel=parcel.id, run=min(taken)), field="run")


def _with(instance: Instance, changed: Iterable[Departure]) -> Instance:
    anew = {d.id: d for d in changed}
    return replace(instance, departures=tuple(anew.get(d.id, d) for d in instance.departures))


def _shifted(departure: Departure, minutes: float) -> Departure:
    return replace(departure, stops=tuple(Stop(s.node, s.arr + minutes, s.dep + minutes) for s in departure.stops))


def _with_copies(instance: Instance, originals: list[Departure], minutes: int, bay: Bay) -> Instance:
    """Copies named `run+minutes`, each day its own; a second one of that name gets a `+` more."""
    known = {d.id for d in instance.departures}
    copies = []
    for each in originals:
        run, at, day = each.id.rpartition("@")
        name = f"{run or each.id}{minutes:+d}"
        while f"{name}{at}{day if run else ''}" in known:
            name += "+"
        copy = replace(_shifted(_refitted(each, bay), minutes), id=f"{name}{at}{day if run else ''}")
        known.add(copy.id)
        copies.append(copy)
    return replace(instance, departures=(*instance.departures, *copies))


def _refitted(departure: Departure, bay: Bay) -> Departure:
    if any(v is not None and v < 0 for v in (bay.g, bay.ml, bay.boxes, bay.chilled_ml)):
        raise ChangeRefused(_("“{name}”的货舱不能小于零").format(name=run_of(departure.id)), field="bay")
    if bay.tiers is not None and not (bay.tiers and set(bay.tiers) <= set(TIERS)):
        raise ChangeRefused(_("“{name}”能装的温层写得不对").format(name=run_of(departure.id)), field="tiers")
    cap, more = departure.cap, {name: getattr(bay, name) for name in ("g", "ml", "boxes", "chilled_ml") if getattr(bay, name) is not None}
    fitted = Capacity(**{"g": cap.g, "ml": cap.ml, "boxes": cap.boxes, "chilled_ml": cap.chilled_ml, **more})
    return replace(departure, cap=fitted, tiers=departure.tiers if bay.tiers is None else frozenset(bay.tiers))


def _known(instance: Instance, node: str, field: str = "node") -> None:
    if node not in {n.id for n in instance.nodes}:
        raise ChangeRefused(_("没有“{name}”这个地方").format(name=node), field=field)


def _calling(departure: Departure, node: str, after: str, detour: int | None, times: RoadTimes) -> Departure:
    """Put in after the first call at `after`; it stands there as long as at that stop, and everything later moves by the detour."""
    run = run_of(departure.id)
    at = next((i for i, s in enumerate(departure.stops[:-1]) if s.node == after), None)
    if at is None:
        raise ChangeRefused(_("“{run}”不从“{after}”往前开").format(run=run, after=after), field="after")
    here, there = departure.stops[at], departure.stops[at + 1]
    if node in (here.node, there.node):
        raise ChangeRefused(_("“{run}”本来就停“{node}”").format(run=run, node=node), field="node")
    if detour is not None and not 0 <= detour <= MOST_SHIFT_MIN:
        raise ChangeRefused(_("绕路要在 0 到 {most} 分钟之间").format(most=MOST_SHIFT_MIN), field="detour_min")
    way = times.by_way_of(departure, at, node, detour)
    if way is None:
        raise ChangeRefused(_("不知道“{run}”绕到“{node}”要多久，请写明分钟").format(run=run, node=node), field="detour_min")
    to, on = way
    call = Stop(node, here.dep + to, here.dep + to + here.dep - here.arr)
    later = max(0.0, call.dep + on - there.arr)
    return replace(
        departure,
        stops=(*departure.stops[: at + 1], call, *(Stop(s.node, s.arr + later, s.dep + later) for s in departure.stops[at + 1 :])),
    )


def _closed(instance: Instance, node: str, instead: str, times: RoadTimes) -> Instance:
    """Its parcels stand at `instead` as much later as the road there takes (at once where no run drives it)."""
    _known(instance, node)
    _known(instance, instead, "instead")
    if node == instead:
        raise ChangeRefused(_("“{name}”关了，要另选一个地方收货").format(name=node), field="instead")
    if any(n.id == node and n.kind == "hub" for n in instance.nodes) or any(t.hub == node for t in instance.trunks):
        raise ChangeRefused(_("“{name}”是共配中心，不能关").format(name=node), field="node")
    _unbound(instance, {d.id for d in instance.departures if any(s.node == node for s in d.stops)})
    road = times.between(node, instead) or 0.0

    def moved(parcel: Parcel) -> Parcel:
        if parcel.origin == node:
            parcel = replace(parcel, origin=instead, ready=parcel.ready + road)
        return replace(parcel, to=instead) if parcel.to == node else parcel

    passing = (replace(d, stops=tuple(s for s in d.stops if s.node != node)) for d in instance.departures)
    return replace(instance, departures=tuple(d for d in passing if len(d.stops) > 1), parcels=tuple(moved(p) for p in instance.parcels))


def _opened(instance: Instance, node: str, like: str, share: int) -> Instance:
    """Every so manieth of the parcels of `like`, in their order, so that the same share is always the same parcels."""
    _known(instance, like, "like")
    if any(n.id == node for n in instance.nodes) or not node:
        raise ChangeRefused(_("已经有“{name}”这个地方了").format(name=node), field="node")
    if not 1 <= share <= 100:
        raise ChangeRefused(_("分走的包裹要在百分之 1 到 100 之间"), field="share_pct")
    seen, parcels = 0, []
    for parcel in instance.parcels:
        if like in (parcel.origin, parcel.to) and not parcel.fixed_legs:
            seen += 1
            if seen * share // 100 > (seen - 1) * share // 100:
                parcel = replace(
                    parcel, origin=node if parcel.origin == like else parcel.origin, to=node if parcel.to == like else parcel.to
                )
        parcels.append(parcel)
    return replace(instance, nodes=(*instance.nodes, Node(node, "station")), parcels=tuple(parcels))
