"""What one more unit of room would be worth: the shadow prices of a plan, by departure and stretch.

They are the duals of the cheapest mix (Dantzig and Wolfe 1960): an upper bound of what one more kilogram, litre or box of
room would save, exact for the mix as long as no other room becomes short. What is not named is worth nothing.
"""

from .answer import Worth
from .prices import KINDS, Prices, prices_of
from .targets import Problem


def worth_of(problem: Problem, prices: Prices) -> tuple[Worth, ...]:
    instance, network = problem.instance, problem.network
    found = []
    for s in sorted(prices.segments):
        d = network.departure[s]
        for kind, fen in zip(KINDS, prices.segments[s], strict=True):
            if fen > 0:
                found.append(Worth(kind, instance.departures[d].id, network.stop(d, s), fen))
    found += [Worth("trunk", instance.trunks[k].id, None, fen) for k, fen in sorted(prices.trunks.items()) if fen > 0]
    return tuple(found)


def prices_from(problem: Problem, worth: tuple[Worth, ...]) -> Prices:
    """The prices of an earlier plan on this problem's network; departures and trunks it does not know are left out."""
    network = problem.network
    values = {}
    for kind, where, stop, fen in worth:
        if stop is None and where in network.trunk_of:
            values["trunk", network.trunk_of[where]] = fen
        elif stop is not None and (d := network.departure_of.get(where)) is not None and network.first[d] + stop < network.first[d + 1] - 1:
            values[kind, network.first[d] + stop] = fen
    return prices_of(values)
