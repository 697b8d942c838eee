"""What the calls for trying out answer."""

from typing import Annotated, NotRequired

from typing_extensions import TypedDict

from core.web.shapes import Day, DayText, Fen, Moment, Next, told
from fulfillment.batching.api_shapes import PlanFigures

from .changes_data import KINDS
from .models import STATES
from .words import WHY

DONE = "solving until it is done; `failed` says why in `words`; `draft` was never asked for."
State = Annotated[str, told(DONE, values=STATES)]


class ChangeShape(TypedDict):
    """One change to the timetable: its kind and the fields of that kind."""

    kind: Annotated[str, told("What is changed.", values=KINDS)]
    run: NotRequired[Annotated[str, told("A run of the timetable, or a line for all of its runs.")]]
    minutes: NotRequired[Annotated[int, told("Later by so much; earlier where negative.")]]
    node: NotRequired[Annotated[str, told("The place it is about.")]]
    after: NotRequired[Annotated[str, told("The stop after which the run also calls.")]]
    detour_min: NotRequired[Annotated[int | None, told("What the extra stop takes all together; null: as runs drive it, else by the map.")]]
    instead: NotRequired[Annotated[str, told("Where a closed place's parcels go.")]]
    like: NotRequired[Annotated[str, told("Whose parcels a new place takes over.")]]
    share_pct: NotRequired[Annotated[int, told("How many of a hundred of them.")]]
    vehicle: NotRequired[Annotated[str | None, told("A vehicle whose whole bay it has.")]]
    g: NotRequired[Annotated[int | None, told("Room in grams.")]]
    ml: NotRequired[Annotated[int | None, told("Room in millilitres.")]]
    boxes: NotRequired[Annotated[int | None, told("Room in turnover boxes.")]]
    chilled_ml: NotRequired[Annotated[int | None, told("Cold room in millilitres.")]]
    tiers: NotRequired[Annotated[list[str] | None, told("What it can keep: ambient, chilled, frozen.")]]


class SideShape(PlanFigures):
    """One of the two plans."""

    runs_fen: Annotated[Fen, told("What the timetable costs to run more than the present one, in fen a day.")]
    unplaced: Annotated[int, told("Parcels without a road.")]


class FillShape(TypedDict):
    """The fullest stretch, and all parcels that ride on any."""

    weight_pct: Annotated[int | None, told("Of the kilograms; null where there is no room at all.")]
    boxes_pct: Annotated[int | None, told("Of the boxes; null where they are not counted.")]
    parcels: int


class FillPairShape(TypedDict):
    """How full a line or run is now, and how full with the changes."""

    name: Annotated[str, told("A line's code, or a run with its day.")]
    base: Annotated[FillShape | None, told("Null where it does not run.")]
    changed: Annotated[FillShape | None, told("Null where it does not run.")]


class ComparisonShape(TypedDict):
    """The day's parcels on the present timetable and on the changed one."""

    parcels_of: Annotated[DayText, told("The day whose parcels were taken.")]
    parcels: int
    base: SideShape
    changed: SideShape
    saves_fen: Annotated[Fen, told("What the changes save a day, running costs counted, in fen; negative when they cost.")]
    doubt_fen: Annotated[Fen, told("What the two gaps leave open, in fen.")]
    is_told: Annotated[bool, told("Whether the difference is larger than that; if not, none can be told.")]
    lines: list[FillPairShape]
    runs: Annotated[list[FillPairShape], told("Runs that are differently full.")]
    seconds: Annotated[float, told("How long both were solved.")]


class ScenarioBrief(TypedDict):
    """A scenario, as a list shows it."""

    id: Annotated[str, told("The scenario's code.")]
    title: str
    date: Annotated[Day, told("The service day it is tried on.")]
    status: State
    made_at: Moment
    finished_at: Moment | None
    saves_fen: Annotated[Fen | None, told("What it saves a day, in fen; null until it is done.")]


class ScenarioDetail(ScenarioBrief):
    """A scenario: its changes and, once solved, the comparison."""

    changes: list[ChangeShape]
    comparison: ComparisonShape | None
    words: Annotated[str | None, told("Why it could not be solved.")]


class ScenarioPage(TypedDict):
    """Scenarios, newest first."""

    items: list[ScenarioBrief]
    next: Next


class EffectShape(TypedDict):
    """What changes do a month."""

    month_fen: Annotated[Fen, told("What it is worth a month, running costs counted, in fen.")]
    doubt_fen: Annotated[Fen, told("What the gaps of the plans leave open, in fen a month.")]
    runs_fen: Annotated[Fen, told("What it costs to run more, in fen a month; negative: less.")]
    late: Annotated[int, told("Late parcels fewer a month.")]
    unplaced: Annotated[int, told("Parcels without a road fewer a month.")]


class ProposalItem(EffectShape):
    """One proposed change, and what it does alone."""

    change: ChangeShape
    title: Annotated[str, told("The change in words.")]
    why: Annotated[str, told("What it was read off.", values=WHY)]
    words: Annotated[str, told("The same in words.")]


class ProposalsAsked(TypedDict):
    """A look on its way; read it at `GET /proposals/{code}`."""

    id: Annotated[str, told("The code of this look.")]
    status: State


class ProposalDetail(TypedDict):
    """The changes worth most, read off the last four weeks."""

    id: Annotated[str, told("The code of this look.")]
    status: State
    asked_at: Moment
    finished_at: Moment | None
    days: Annotated[int, told("Days with parcels that were looked at.")]
    parcels: Annotated[int, told("Parcels on them.")]
    tried: Annotated[int, told("How many changes were solved to the end.")]
    candidates: Annotated[int, told("How many there might have been.")]
    items: Annotated[list[ProposalItem], told("At most five, most first; more than two of a kind only where no others are worth it.")]
    together: Annotated[EffectShape | None, told("All of them at once, solved again; null for fewer than two, or where time ran out.")]
