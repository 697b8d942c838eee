"""A solved day's shadow prices: as its plan tells them, else from the relaxation of the same problem."""

from fulfillment.batching.answer import Plan
from fulfillment.batching.bound import roads_alone
from fulfillment.batching.generation import Relaxation, relax
from fulfillment.batching.instance import Instance
from fulfillment.batching.targets import Problem, build_problem

from .worth import UNITS, Worth, prices_of_plan


def prices_of(instance: Instance, plan: Plan) -> tuple[Worth, ...]:
    """Empty where every parcel has its best road: then nothing is short."""
    return prices_of_plan(plan) or relaxed_prices(instance)


def relaxed_prices(instance: Instance) -> tuple[Worth, ...]:
    """The duals of the relaxation (fulfillment.batching.generation), solved to its end."""
    problem, relaxation = relaxed(instance)
    network, prices = problem.network, relaxation.prices
    on_stretches = [
        Worth(kind, instance.departures[network.departure[segment]].id, network.stop(network.departure[segment], segment), fen)
        for segment, kinds in sorted(prices.segments.items())
        for kind, fen in zip(UNITS, kinds, strict=True)
        if fen > 0
    ]
    return (*on_stretches, *(Worth("trunk", instance.trunks[k].id, None, fen) for k, fen in sorted(prices.trunks.items())))


def relaxed(instance: Instance) -> tuple[Problem, Relaxation]:
    """The cheapest mix where parcels may be split and boxes are shares, its prices and its bound."""
    problem = build_problem(instance)
    alone = roads_alone(problem)
    return problem, relax(problem, alone, [None] * len(alone), lambda: False)
