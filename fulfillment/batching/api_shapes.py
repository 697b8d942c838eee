"""What the dispatcher's calls answer."""

from typing import Annotated

from typing_extensions import TypedDict

from core.web.shapes import Day, Fen, Moment, told

from .means import MEANS, REASONS
from .models import PLAN_STATES
from .service import REASON_WORDS

KINDS = sorted(set(MEANS.values()))
DONE = "solving until it is done; `optimal` is proven, `feasible` is good, `empty` had nothing to do."
PlanState = Annotated[str, told(DONE, values=PLAN_STATES)]


class PlanAsked(TypedDict):
    """A plan on its way; read it at `GET /plans/{code}`."""

    id: Annotated[str, told("The plan's code.")]
    status: PlanState


class UnplacedParcel(TypedDict):
    """A parcel without a road."""

    parcel: str
    station: Annotated[str, told("The code of the station where it lies.")]
    station_name: str
    reason: Annotated[str, told("The first thing that, left out of account, would have given it a road.", values=REASON_WORDS)]
    words: Annotated[str, told("The reason in plain words.")]


class DepartureWorth(TypedDict):
    """What one more box of bay on a departure could save the plan, at most."""

    departure: Annotated[str, told("The departure's code.")]
    box_fen: Annotated[Fen, told("The model's worth of one standard box more, its kilograms and litres with it, in fen.")]


class MeansOfLine(TypedDict):
    """Which means a line is, what it took, and why no other means did: 宜客则客、宜邮则邮、宜货则货."""

    line: Annotated[str, told("The line's public code.")]
    number: str
    name: str
    means: Annotated[str, told("What kind of carriage it is.", values=KINDS)]
    parcels: Annotated[int, told("Parcels that board it first.")]
    cost_fen: Annotated[Fen, told("The model's cost of one of their whole roads on average, in fen.")]
    next_means: Annotated[str | None, told("The next best means, of the same kinds; null where there is none.")]
    next_cost_fen: Annotated[Fen | None, told("What one would cost by it; null where it has no room or there is none.")]
    reason: Annotated[str, told("Why it was chosen.", values=REASONS)]
    words: Annotated[str, told("The reason in plain words.")]


class ChosenMeans(TypedDict):
    """One means in a township on the plan's day."""

    means: Annotated[str, told("What kind of carriage it is.", values=KINDS)]
    runs: Annotated[int, told("Departures of it that take goods and call in the township that day.")]
    parcels: Annotated[int, told("The township's parcels that board it first.")]
    line: Annotated[str | None, told("The line that takes most of them; null where the plan gave it nothing.")]
    reason: Annotated[str | None, told("Why it was chosen, as that line says.")]
    words: Annotated[str, told("The reason in plain words; empty where it was not chosen.")]


class MeansOfTownship(TypedDict):
    """By which means a township is served, and which the plan chose for its parcels."""

    township: str
    parcels: Annotated[int, told("Parcels of its stations that ride.")]
    means: Annotated[list[ChosenMeans], told("Those with most parcels first; one that runs there and took nothing last.")]


class PlanFigures(TypedDict):
    """What a plan comes to."""

    cost_fen: Annotated[Fen, told("The model's cost, in fen.")]
    bound_fen: Annotated[Fen, told("What no plan can cost less than, in fen.")]
    gap: Annotated[float, told("cost / bound - 1.")]
    placed: Annotated[int, told("Parcels that have a road.")]
    late: Annotated[int, told("Those of them that come after their promise.")]


class PlanDetail(PlanFigures):
    """A batch run. The figures are zero until it is done."""

    id: str
    date: Annotated[Day, told("The service day it plans.")]
    wave: Annotated[str | None, told("HHMM of the trunk cut-off it plans for; null for the whole day.")]
    status: PlanState
    asked_at: Moment
    finished_at: Moment | None
    moved: Annotated[int, told("Those of the parcels with a road that had another place before.")]
    seconds: Annotated[float, told("How long it was solved.")]
    unplaced: list[UnplacedParcel]
    worth: Annotated[list[DepartureWorth], told("Departures on which a box more would be worth something, most first.")]
    means: Annotated[list[MeansOfLine], told("By line, those with most parcels first.")]
    townships: Annotated[list[MeansOfTownship], told("By township, those with most parcels first.")]
