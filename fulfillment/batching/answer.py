"""The plan as it is handed over: in memory to the database path, as a file to `jishi plan --instance`."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple


@dataclass(frozen=True, slots=True)
class PlannedLeg:
    """`board` and `alight` name the node, or `node#i` on a departure that visits it twice."""

    departure: str
    board: str
    alight: str


@dataclass(frozen=True, slots=True)
class PlannedParcel:
    """Either a road (legs, then `trunk` or `to`, and when it arrives in minutes after start) or a reason."""

    id: str
    legs: tuple[PlannedLeg, ...] = ()
    trunk: str | None = None
    to: str | None = None
    arrives: float | None = None
    reason: str | None = None


class Worth(NamedTuple):
    """kind: kg, litre, cold (a litre of the cold room), box or trunk (a kilogram); `fen` per unit.

    where: the departure's id, or the trunk's; stop: the index of the stop its stretch starts at, None of a trunk.
    """

    kind: str
    where: str
    stop: int | None
    fen: float


@dataclass(frozen=True, slots=True)
class Plan:
    """status: optimal (gap <= 1e-4), feasible, or empty. Costs are real fen of the model, not money; `worth` is no part of a file."""

    status: str
    cost_fen: float
    bound_fen: float
    gap: float
    seconds: float
    late: int
    unserved: int
    parcels: tuple[PlannedParcel, ...]
    worth: tuple[Worth, ...] = ()


def plan_as_json(plan: Plan) -> dict[str, Any]:
    """The published answer format."""
    return {
        "status": plan.status,
        "cost_fen": plan.cost_fen,
        "bound_fen": plan.bound_fen,
        "gap": plan.gap,
        "seconds": round(plan.seconds, 3),
        "late": plan.late,
        "unserved": plan.unserved,
        "parcels": [_parcel_as_json(p) for p in plan.parcels],
    }


def write_answer(path: Path | str, plan: Plan) -> None:
    """Write the answer whole or not at all."""
    path = Path(path)
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        draft.write_text(json.dumps(plan_as_json(plan), ensure_ascii=False), encoding="utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _parcel_as_json(parcel: PlannedParcel) -> dict[str, Any]:
    if parcel.reason is not None:
        return {"id": parcel.id, "reason": parcel.reason}
    legs = [{"departure": leg.departure, "board": leg.board, "alight": leg.alight} for leg in parcel.legs]
    end = {"trunk": parcel.trunk} if parcel.trunk is not None else {"to": parcel.to}
    return {"id": parcel.id, "legs": legs, **end, "arrives": parcel.arrives}
