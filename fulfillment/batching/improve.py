"""Make room for those who lost most: put a parcel on its best road, let others give way, keep it if all together gain.

A local search by ejection (evict and re-insert; Glover 1996 calls the longer form ejection chains). Every step either
lowers the total cost with a legal assignment or is taken back whole, so it may stop at any moment.
"""

from collections.abc import Callable

from .assignment import Assignment
from .cost import Road
from .search import find_road

_EVICTIONS = 6  # more parcels giving way for one seldom pays
_TRIES = 8  # cheaper roads tried for one parcel in a pass
_WORTH_FEN = 1e-6


def improve(
    assignment: Assignment, alone: list[Road | None], known: list[list[Road]], regrets: list[float], out_of_time: Callable[[], bool]
) -> None:
    """Passes over the losers, largest loss first, until a pass gains nothing or time is up.

    alone: what a parcel would take if nobody else were there, hence what it loses; known: roads worth trying for it.
    """
    gained = True
    while gained:
        gained = False
        for i in _losers(assignment, alone):
            if out_of_time():
                return
            gained |= _reroute(assignment, i) or any(_make_room(assignment, i, road, regrets) for road in _better(assignment, i, known[i]))


def _losers(assignment: Assignment, alone: list[Road | None]) -> list[int]:
    unserved = assignment.problem.instance.unserved_fen
    losses = [(min(best.cost, unserved) - assignment.cost(i), i) for i, best in enumerate(alone) if best is not None]
    return [i for loss, i in sorted(losses) if loss < -_WORTH_FEN]


def _better(assignment: Assignment, i: int, known: list[Road]) -> list[Road]:
    """Known roads cheaper than the present one, cheapest first."""
    cost = assignment.cost(i)
    return sorted((road for road in known if road.cost < cost - _WORTH_FEN), key=lambda road: road.cost)[:_TRIES]


def _reroute(assignment: Assignment, i: int) -> bool:
    """Take a cheaper road if one has become free."""
    before, parcel = assignment.roads[i], assignment.problem.instance.parcels[i]
    cost = assignment.cost(i)
    assignment.take_off(i)
    road = find_road(assignment.problem, parcel, assignment.load, limit=cost - _WORTH_FEN)
    if road is not None or before is not None:
        assignment.put(i, road or before)  # type: ignore[arg-type]
    return road is not None


def _make_room(assignment: Assignment, i: int, road: Road, regrets: list[float]) -> bool:
    """Put the parcel on a cheaper road; whether those who gave way lost less than it gained, else all is taken back."""
    moved: dict[int, Road | None] = {i: assignment.roads[i]}
    gain = assignment.cost(i) - road.cost
    assignment.take_off(i)
    assignment.put(i, road)
    while (place := _overfull(assignment, road)) is not None:
        victim = _victim(assignment, place, moved, regrets) if len(moved) <= _EVICTIONS else None
        if victim is None or (gain := gain - regrets[victim] * 0.1) <= 0:
            _undo(assignment, moved)
            return False
        moved[victim] = assignment.roads[victim]
        assignment.take_off(victim)
    if _settle(assignment, i, road, moved):
        return True
    _undo(assignment, moved)
    return False


def _settle(assignment: Assignment, i: int, road: Road, moved: dict[int, Road | None]) -> bool:
    """Find new roads for those who gave way; whether everything together became cheaper."""
    problem = assignment.problem
    before = sum(problem.instance.unserved_fen if r is None else r.cost for r in moved.values())
    after = road.cost
    for victim in [v for v in moved if v != i]:
        again = find_road(problem, problem.instance.parcels[victim], assignment.load, limit=problem.instance.unserved_fen)
        if again is not None:
            assignment.put(victim, again)
        after += assignment.cost(victim)
        if after >= before - _WORTH_FEN:
            return False
    return after < before - _WORTH_FEN


def _undo(assignment: Assignment, moved: dict[int, Road | None]) -> None:
    for i in moved:
        assignment.take_off(i)
    for i, road in moved.items():
        if road is not None:
            assignment.put(i, road)


def _overfull(assignment: Assignment, road: Road) -> tuple[str, int] | None:
    segment, trunk = assignment.load.overfull(road)
    if segment is not None:
        return "segment", segment
    return None if trunk is None else ("trunk", trunk)


def _victim(assignment: Assignment, place: tuple[str, int], moved: dict[int, Road | None], regrets: list[float]) -> int | None:
    """Who loses least by giving way; among equals the one that frees most."""
    parcels = assignment.problem.instance.parcels
    riders = [r for r in assignment.riders[place] if r not in moved]
    return min(riders, key=lambda r: (regrets[r], -parcels[r].g, r), default=None)
