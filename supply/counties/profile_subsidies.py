"""Subsidies 补贴 as data: who pays whom how much for what, on which conditions; `[[subsidies]]` of county.toml, or typed at the desk.

Money is integer fen, shares are basis points (bp, 1/10,000). A rule states one way of reckoning: an amount by the programme's year, a
share, steps of growth, or an amount by grade. What a basis does not know it may not name.
"""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from core.moments import FIRST_YEAR, LAST_YEAR
from core.money import MAX_FEN

from .profile_cells import CODE
from .profile_kinds import TIERS

ENERGIES = ("electric", "diesel", "petrol", "gas", "hybrid", "none")
TAKEN = ("new", "report")  # what addresses say in a code's place
CAP_SPANS = ("month", "year", "whole")


class GrowthStep(NamedTuple):
    """Each piece after `above_pieces` more than the base brings `fen`, until the next step."""

    above_pieces: int
    fen: int


class GradeAmount(NamedTuple):
    grade: str
    fen: int


class SubsidyRule(NamedTuple):
    """One programme as it stands in force; both days of its term are included. What is None does not bind, or is not given."""

    code: str
    name: str
    funder: str  # 县交通局, 省财政
    basis: str
    beneficiary: str  # station, grower, partner, platform
    starts: date
    ends: date
    budget_fen: int
    evidence: str  # what proves a claim, in words
    fen_by_year: tuple[int, ...] | None = None  # of the first year, the second …; the last goes on
    first_fen: int | None = None  # once, in place of the amount, the first time a vehicle or station is awarded
    share_bp: int | None = None  # of what was sold, built or insured
    most_fen: int | None = None  # of one award by share
    steps: tuple[GrowthStep, ...] | None = None
    base_pieces: int | None = None  # a month's pieces that bring nothing; None with steps: those of the same month a year before
    grades: tuple[GradeAmount, ...] | None = None
    every: str | None = None  # month, year: how often a station is awarded
    after_months: int | None = None  # a vehicle must have run in so many
    cap_fen: int | None = None  # of one beneficiary in `cap_every`
    cap_every: str | None = None
    directions: tuple[str, ...] | None = None
    zones: tuple[str, ...] | None = None
    nodes: tuple[str, ...] | None = None
    storage: tuple[str, ...] | None = None
    categories: tuple[str, ...] | None = None
    products: tuple[str, ...] | None = None
    lines: tuple[str, ...] | None = None
    energies: tuple[str, ...] | None = None
    announced: bool | None = None  # only lines that the county announces: what is on trial is not
    months: tuple[int, ...] | None = None
    min_runs: int | None = None  # in a month, of a vehicle
    min_pieces: int | None = None  # in its period, of a station


class Basis(NamedTuple):
    """What a basis pays for: whom, how it may be reckoned, what must be said, and what may."""

    beneficiaries: tuple[str, ...]
    reckoned: tuple[str, ...]
    needs: tuple[str, ...] = ()
    knows: tuple[str, ...] = ()


GOODS = ("zones", "nodes", "storage", "categories", "products", "months")
RUNS = ("lines", "energies", "announced", "months", "min_runs")
BASES = {
    "piece": Basis(("station", "partner", "platform"), ("fen_by_year", "steps"), knows=("directions", "base_pieces", *GOODS)),
    "vehicle_month": Basis(("partner",), ("fen_by_year",), knows=("first_fen", *RUNS)),
    "vehicle_once": Basis(("partner",), ("fen_by_year",), needs=("after_months",), knows=RUNS),
    "station": Basis(("station",), ("fen_by_year", "grades"), needs=("every",), knows=("first_fen", "nodes", "months", "min_pieces")),
    "grant": Basis(("station", "grower", "partner", "platform"), ("fen_by_year", "share_bp"), knows=("most_fen",)),
    "sale": Basis(("station", "grower", "platform"), ("fen_by_year", "share_bp"), knows=("most_fen", *GOODS)),
}
RECKONED = ("fen_by_year", "share_bp", "steps", "grades")
ALWAYS = ("code", "name", "funder", "basis", "beneficiary", "starts", "ends", "budget_fen", "evidence", "cap_fen", "cap_every")
WORDS = {
    "cap_every": CAP_SPANS, "every": ("month", "year"), "directions": ("out", "in"), "storage": TIERS, "energies": ENERGIES,
}  # fmt: skip


def faults_of(rule: SubsidyRule) -> dict[str, str]:
    """What is wrong with a rule, by the name of what is wrong; empty when it can be reckoned."""
    basis = BASES.get(rule.basis)
    if basis is None:
        return {"basis": f"{rule.basis!r} is not one of {', '.join(BASES)}"}
    wrong: dict[str, str] = {}
    given = {name for name, value in rule._asdict().items() if value is not None}
    if not CODE.fullmatch(rule.code) or len(rule.code) > 40 or rule.code in TAKEN:
        wrong["code"] = f"{rule.code!r} is not a code of at most 40 lower-case letters, digits and single hyphens, nor {', '.join(TAKEN)}"
    if rule.beneficiary not in basis.beneficiaries:
        wrong["beneficiary"] = f"{rule.beneficiary!r} is not one of {', '.join(basis.beneficiaries)}"
    if rule.ends < rule.starts:
        wrong["ends"] = "is before starts"
    if rule.starts.year < FIRST_YEAR or rule.ends.year > LAST_YEAR:
        wrong["ends"] = f"the term lies outside the years {FIRST_YEAR} to {LAST_YEAR}"
    allowed = {*ALWAYS, *basis.reckoned, *basis.needs, *basis.knows}
    wrong |= dict.fromkeys(sorted(given - allowed), f"is not known to the basis {rule.basis}")
    wrong |= {name: "is missing" for name in basis.needs if name not in given}
    if len(given & set(RECKONED)) != 1:
        wrong["fen_by_year"] = f"give one of {', '.join(basis.reckoned)}"
    if ("cap_fen" in given) != ("cap_every" in given):
        wrong["cap_fen"] = "cap_fen and cap_every belong together"
    if rule.base_pieces is not None and rule.steps is None:
        wrong["base_pieces"] = "belongs to steps"
    if rule.most_fen is not None and rule.share_bp is None:
        wrong["most_fen"] = "belongs to share_bp"
    for name, words in WORDS.items():
        value = getattr(rule, name)
        for word in value if isinstance(value, tuple) else (value,) if value is not None else ():
            if word not in words:
                wrong[name] = f"{word!r} is not one of {', '.join(words)}"
    if any(not 1 <= month <= 12 for month in rule.months or ()):
        wrong["months"] = "names a month outside 1 to 12"
    return wrong | _amounts(rule)


def _amounts(rule: SubsidyRule) -> dict[str, str]:
    wrong = {}
    for name in ("directions", "zones", "nodes", "storage", "categories", "products", "lines", "energies", "months", *RECKONED):
        if getattr(rule, name) == ():
            wrong[name] = "is empty"
    amounts: dict[str, Iterable[int]] = {
        "budget_fen": (rule.budget_fen,), "cap_fen": _one(rule.cap_fen), "first_fen": _one(rule.first_fen),
        "most_fen": _one(rule.most_fen), "fen_by_year": rule.fen_by_year or (), "steps": [step.fen for step in rule.steps or ()],
        "grades": [each.fen for each in rule.grades or ()], "share_bp": _one(rule.share_bp), "after_months": _one(rule.after_months),
    }  # fmt: skip
    wrong |= {name: "must be above 0" for name, found in amounts.items() if any(not 0 < fen <= MAX_FEN for fen in found)}
    if (rule.share_bp or 0) > 10_000:
        wrong["share_bp"] = "is more than the whole (10000)"
    above = [step.above_pieces for step in rule.steps or ()]
    if above != sorted(set(above)):
        wrong["steps"] = "must go up"
    grades = [each.grade for each in rule.grades or ()]
    if len(set(grades)) != len(grades):
        wrong["grades"] = "names a grade twice"
    return wrong


def _one(value: int | None) -> tuple[int, ...]:
    return () if value is None else (value,)


NAMES = ("nodes", "lines", "zones", "categories")
"""Conditions that name something of the county."""


def unknown_names(rule: SubsidyRule, known: dict[str, set[str]]) -> dict[str, str]:
    """Conditions that name what the county does not have; `known` by condition."""
    found = {}
    for name in NAMES:
        missing = [each for each in getattr(rule, name) or () if each not in known[name]]
        if missing:
            found[name] = f"{', '.join(missing)} is not known here"
    return found
