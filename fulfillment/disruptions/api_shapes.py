"""What the calls about disruptions answer."""

from dataclasses import asdict
from typing import Annotated, cast

from typing_extensions import TypedDict

from core import clock, i18n
from core.web.shapes import Day, Fen, Moment, told
from fulfillment.batching.service import REASON_WORDS

from .effect import Effect, Rescue
from .models import Closure
from .neighbours import Neighbour
from .refusals import Refusal


class Figures(TypedDict):
    """What became of the parcels a disruption concerns."""

    parcels: Annotated[int, told("How many it concerns.")]
    moved: Annotated[int, told("How many of them have a road, the old one or another.")]
    late: Annotated[int, told("How many of these come after their promise.")]
    unplaced: Annotated[int, told("How many have none.")]
    notified: Annotated[int, told("How many buyers are told, because the day changes that they know.")]
    cost_fen: Annotated[Fen, told("The model's cost of the new roads, in fen.")]


class DepartureFigures(Figures):
    """What became of the parcels of a departure that is late, full or struck out, or takes a box after all."""

    departure: Annotated[str, told("The departure's code.")]


class LineFigures(Figures):
    """What became of the parcels of a suspended line."""

    line: Annotated[str, told("The line's code.")]


class StationFigures(Figures):
    """What became of the parcels from and to a closed station."""

    station: Annotated[str, told("The station's code.")]


class ParcelShift(TypedDict):
    """One parcel: its road before and after, in words; empty where it has none."""

    parcel: str
    station: Annotated[str, told("The name of the station it comes from.")]
    before: str
    after: str
    reason: Annotated[str, told("Why it has no road; empty when it has one.", values=("", *REASON_WORDS))]
    late: Annotated[bool, told("Whether it comes after its promise.")]
    told: Annotated[Day | None, told("The day its buyer knows, where that changes.")]
    day: Annotated[Day | None, told("The day it comes now, where that changes.")]


class ExtraRun(TypedDict):
    """An emergency run in a cancelled departure's place."""

    vehicle: Annotated[str, told("The plate of the free vehicle that drives it.")]
    leaves_at: Annotated[Moment, told("When it leaves its first stop.")]
    price_fen: Annotated[Fen, told("What it costs the county, in fen.")]


class ExtraRunMade(ExtraRun):
    """The emergency run that drives in the cancelled departure's place."""

    departure: Annotated[str, told("The new departure's code.")]


class CancellationEffect(DepartureFigures):
    """What became of a struck-out departure's parcels."""

    extra_run: Annotated[ExtraRunMade | None, told("Null where none was asked for.")]


class ExtraRunOffer(ExtraRun):
    """An emergency run that could be driven, and what would still be late or without a road."""

    km: Annotated[float, told("How far it drives.")]
    late: Annotated[int, told("How many parcels would still come after their promise.")]
    unplaced: Annotated[int, told("How many would still have no road.")]
    saves_fen: Annotated[Fen, told("What it saves in the model against doing without, in fen.")]


class EffectDetail(Figures):
    """What a disruption would do; nothing is changed by asking."""

    subject: Annotated[str, told("The departure, line or station it strikes, by its code.")]
    departures: Annotated[int, told("How many departures do not run, are late or take nothing more.")]
    more_fen: Annotated[Fen, told("How much more the new roads cost in the model than the old ones, in fen.")]
    shifts: Annotated[list[ParcelShift], told("Parcel by parcel, the worst first.")]
    extra_run: Annotated[ExtraRunOffer | None, told("Offered where a cancellation leaves parcels in trouble and it would help.")]


class NeighbourItem(TypedDict):
    """A station that could take and give in the closed one's place; name it as `instead`."""

    id: Annotated[str, told("The station's code.")]
    name: str
    km: Annotated[float | None, told("How far by road, by the straight line; null where nobody knows where it lies.")]
    minutes: Annotated[int, told("How long goods are carried there: as a line runs where one joins the two, else by the straight line.")]
    line: Annotated[str | None, told("The code of the line that joins the two; null where none does.")]
    words: Annotated[str, told("The way in plain words.")]


class ClosingDetail(EffectDetail):
    """What closing a station would do, and who could stand in for it."""

    neighbours: Annotated[list[NeighbourItem], told("The nearest stations that are open all the while, nearest first.")]


class Restored(TypedDict):
    """What runs again."""

    departures: Annotated[int, told("How many departures run again.")]
    may_gain: Annotated[int, told("How many parcels are late or without a road now; a better plan is looked for in the background.")]
    back: Annotated[int, told("Of a station: how many consignments that were to be collected next door are collected there again.")]
    stay: Annotated[int, told("Of a station: how many went next door already and stay there.")]


class ClosureItem(TypedDict):
    """A line or station out of service, or a departure that takes nothing more."""

    id: Annotated[str, told("Its code, by which it is lifted.")]
    kind: Annotated[str, told("What is out of service.", values=("line", "station", "departure"))]
    subject: Annotated[str, told("The line's, station's or departure's code.")]
    begins_at: Moment
    ends_at: Annotated[Moment | None, told("Null until further notice.")]
    reason: str
    instead: Annotated[str, told("The station that takes and gives in a closed one's place; empty where none does.")]


class Closures(TypedDict):
    """Lines and stations out of service."""

    items: list[ClosureItem]
    next: None


class RefusalItem(TypedDict):
    """A box that a driver did not take."""

    id: Annotated[str, told("Its code, by which it is undone.")]
    parcel: Annotated[str, told("The parcel's code.")]
    departure: Annotated[str, told("The departure's code.")]
    words: Annotated[str, told("Why, as the driver said.")]
    refused_at: Moment


class Refusals(TypedDict):
    """Boxes that a departure does not take."""

    items: list[RefusalItem]
    next: None


def effect_as_json(effect: Effect) -> EffectDetail:
    return {
        "parcels": effect.parcels, "moved": effect.moved, "late": effect.late, "unplaced": effect.unplaced, "notified": effect.notified,
        "cost_fen": effect.cost_fen, "subject": effect.subject, "departures": effect.departures, "more_fen": effect.more_fen or 0,
        "shifts": [cast(ParcelShift, asdict(shift)) for shift in effect.shifts],
        "extra_run": None if effect.rescue is None else _offer_as_json(effect.rescue),
    }  # fmt: skip


def _offer_as_json(rescue: Rescue) -> ExtraRunOffer:
    offer = rescue.offer
    return {
        "vehicle": offer.plate, "leaves_at": clock.local(offer.leaves_at), "km": offer.km, "price_fen": offer.price_fen,
        "late": rescue.late, "unplaced": rescue.unplaced, "saves_fen": rescue.saves_fen,
    }  # fmt: skip


def closure_as_json(closure: Closure) -> ClosureItem:
    return {
        "id": closure.code, "kind": closure.subject_kind, "subject": closure.subject_code, "begins_at": clock.local(closure.begins_at),
        "ends_at": None if closure.ends_at is None else clock.local(closure.ends_at), "reason": closure.reason, "instead": closure.instead,
    }  # fmt: skip


def neighbour_as_json(near: Neighbour) -> NeighbourItem:
    line = None if near.ride is None else near.ride.line
    return {"id": near.code, "name": near.name, "km": near.km, "minutes": near.minutes, "line": line, "words": near.words}


def refusal_as_json(refusal: Refusal) -> RefusalItem:
    return {
        "id": refusal.code, "parcel": refusal.parcel, "departure": refusal.departure, "words": i18n.retold(refusal.words),
        "refused_at": clock.local(refusal.refused_at),
    }  # fmt: skip
