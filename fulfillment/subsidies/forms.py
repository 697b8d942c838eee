"""What is typed at the subsidies' desk: a programme's rule in plain fields, a document, a payment.

Lists are separated by commas or 、; places, lines and kinds may be given by the words that people use or by their codes.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from sqlmodel import Session, col, or_, select

from core import i18n
from core.errors import JishiError, Refused
from core.moments import read_day
from core.money import format_fen, parse_yuan
from core.pii import mask_numbers
from core.text import clean
from core.web.forms import Plain, Typed
from fulfillment.network.models import Line, Zone
from supply.counties.profile_subsidies import GradeAmount, GrowthStep, SubsidyRule, faults_of, unknown_names
from supply.products.models import Product
from supply.stations.models import Node

from .words import direction_words, energy_words, storage_words

_ = i18n.gettext
UNREADABLE = i18n.marked("看不懂，照下面的例子写")
NOT_HERE = i18n.marked("县里没有这个名字，看看有没有写错")
NOT_FITTING = i18n.marked("和“按什么算”“补给谁”配不上")
FIELDS = {"fen_by_year": "amounts", "share_bp": "share", "most_fen": "most", "first_fen": "first", "cap_fen": "cap", "budget_fen": "budget"}
"""What the form calls some of a rule's parts."""
FAULTS = i18n.marked({"is missing": "要填", "is before starts": "不能早于开始的日子", "must be above 0": "要大于 0"})


class RuleForm(Plain):
    code: Typed = ""
    name: Typed = ""
    funder: Typed = ""
    basis: Typed = ""
    beneficiary: Typed = ""
    starts: Typed = ""
    ends: Typed = ""
    from_on: Typed = ""
    budget: Typed = ""
    evidence: Typed = ""
    amounts: Typed = ""
    first: Typed = ""
    share: Typed = ""
    most: Typed = ""
    steps: Typed = ""
    base_pieces: Typed = ""
    grades: Typed = ""
    every: Typed = ""
    after_months: Typed = ""
    cap: Typed = ""
    cap_every: Typed = ""
    directions: Typed = ""
    zones: Typed = ""
    nodes: Typed = ""
    storage: Typed = ""
    categories: Typed = ""
    products: Typed = ""
    lines: Typed = ""
    energies: Typed = ""
    announced: Typed = ""
    months: Typed = ""
    min_runs: Typed = ""
    min_pieces: Typed = ""


class EvidenceForm(Plain):
    party: Typed = ""
    document: Typed = ""
    what: Typed = ""
    on_date: Typed = ""
    amount: Typed = ""
    grade: Typed = ""
    period: Typed = ""


class PaymentForm(Plain):
    amount: Typed = ""
    reference: Typed = ""


class Misread(Refused):
    """A rule's form with what is wrong, by field."""

    def __init__(self, errors: dict[str, str]) -> None:
        field = next(iter(errors))
        super().__init__(errors[field], field=field)
        self.errors = errors


def parts(text: str) -> tuple[str, ...]:
    """`a、b, c` as its parts."""
    return tuple(part.strip() for part in re.split(r"[,，、;；\n]", clean(text)) if part.strip())


def read_rule(session: Session, form: RuleForm, tenant_id: int) -> tuple[SubsidyRule, date]:
    """The rule and the day from which it is in force. Raises Misread."""
    errors: dict[str, str] = {}

    def read(name: str, how: Callable[[str], Any], *, needed: bool = False) -> Any:
        text = str(getattr(form, name)).strip()
        if not text:
            if needed:
                errors[name] = _("要填")
            return None
        try:
            return how(text)
        except (JishiError, ValueError, KeyError):
            errors[name] = _(UNREADABLE)
            return None

    starts, ends = read("starts", read_day, needed=True), read("ends", read_day, needed=True)
    values = {
        "code": read("code", str, needed=True), "name": read("name", _text, needed=True), "funder": read("funder", _text, needed=True),
        "basis": form.basis, "beneficiary": form.beneficiary, "starts": starts, "ends": ends,
        "budget_fen": read("budget", parse_yuan, needed=True), "evidence": read("evidence", _text, needed=True),
        "fen_by_year": read("amounts", lambda text: tuple(parse_yuan(part) for part in parts(text))),
        "first_fen": read("first", parse_yuan),
        "share_bp": read("share", parse_yuan), "most_fen": read("most", parse_yuan), "steps": read("steps", _steps),
        "base_pieces": read("base_pieces", _whole), "grades": read("grades", _grades), "every": read("every", str),
        "after_months": read("after_months", _whole), "cap_fen": read("cap", parse_yuan), "cap_every": read("cap_every", str),
        "directions": read("directions", _worded(direction_words())), "zones": read("zones", _places(session, Zone, tenant_id)),
        "nodes": read("nodes", _places(session, Node, tenant_id)), "storage": read("storage", _worded(storage_words())),
        "categories": read("categories", parts), "products": read("products", parts),
        "lines": read("lines", _places(session, Line, tenant_id)),
        "energies": read("energies", _worded(energy_words())), "announced": True if form.announced else None,
        "months": read("months", lambda text: tuple(_whole(part.removesuffix("月").strip()) for part in parts(text))),
        "min_runs": read("min_runs", _whole), "min_pieces": read("min_pieces", _whole),
    }  # fmt: skip
    from_on = read("from_on", read_day) or starts
    if errors:
        raise Misread(errors)
    rule = SubsidyRule(**values)
    known = _known(session, tenant_id)
    errors = {FIELDS.get(name, name): _(NOT_HERE) for name in unknown_names(rule, known)}
    errors |= {FIELDS.get(name, name): _(FAULTS.get(fault, NOT_FITTING)) for name, fault in faults_of(rule).items()}
    if errors:
        raise Misread(errors)
    return rule, from_on


def _text(text: str) -> str:
    """What people read, without what no screen shows, nobody's number in it."""
    if not (kept := mask_numbers(clean(text))):
        raise ValueError(text)
    return kept[:200]


def _whole(text: str) -> int:
    if not re.fullmatch(r"\d{1,7}", text, re.ASCII):
        raise ValueError(text)
    return int(text)


def _pairs(text: str) -> list[tuple[str, str]]:
    found = [re.split(r"\s*[:：]\s*", part, maxsplit=1) for part in parts(text)]
    return [(first, second) for first, second in found]


def _steps(text: str) -> tuple[GrowthStep, ...]:
    return tuple(GrowthStep(_whole(above), parse_yuan(fen)) for above, fen in _pairs(text))


def _grades(text: str) -> tuple[GradeAmount, ...]:
    return tuple(GradeAmount(_text(grade), parse_yuan(fen)) for grade, fen in _pairs(text))


def _worded(words: Mapping[str, str]) -> Callable[[str], tuple[str, ...]]:
    codes = {word: code for code, word in words.items()} | {code: code for code in words}
    return lambda text: tuple(codes[part] for part in parts(text))


def _places(session: Session, table: type[Node] | type[Line] | type[Zone], tenant_id: int) -> Callable[[str], tuple[str, ...]]:
    """Codes of what is named; a name that nobody has is kept as it is, and refused as not being here."""

    def read(text: str) -> tuple[str, ...]:
        named = parts(text)
        query = select(table.code, table.name).where(
            table.tenant_id == tenant_id, or_(col(table.name).in_(named), col(table.code).in_(named))
        )
        codes = {name: code for code, name in session.exec(query)}
        return tuple(codes.get(part, part) for part in named)

    return read


def _known(session: Session, tenant_id: int) -> dict[str, set[str]]:
    known = {
        name: set(session.exec(select(table.code).where(table.tenant_id == tenant_id)))
        for name, table in (("nodes", Node), ("lines", Line), ("zones", Zone))
    }
    return known | {"categories": set(session.exec(select(Product.category).where(Product.tenant_id == tenant_id).distinct()))}


def typed_of(rule: SubsidyRule) -> dict[str, str]:
    """A rule as the form would have it, to begin another version from."""
    values = {
        "code": rule.code, "name": rule.name, "funder": rule.funder, "basis": rule.basis, "beneficiary": rule.beneficiary,
        "starts": rule.starts.isoformat(), "ends": rule.ends.isoformat(), "budget": _plain(rule.budget_fen), "evidence": rule.evidence,
        "amounts": "、".join(_plain(fen) for fen in rule.fen_by_year or ()),
        "first": _plain(rule.first_fen), "share": _plain(rule.share_bp),
        "most": _plain(rule.most_fen), "steps": "、".join(f"{s.above_pieces}：{_plain(s.fen)}" for s in rule.steps or ()),
        "grades": "、".join(f"{g.grade}：{_plain(g.fen)}" for g in rule.grades or ()), "cap": _plain(rule.cap_fen),
        "announced": "1" if rule.announced else "",
    }  # fmt: skip
    for name in ("every", "cap_every", "base_pieces", "after_months", "min_runs", "min_pieces"):
        values[name] = "" if getattr(rule, name) is None else str(getattr(rule, name))
    for name, words in (("directions", direction_words()), ("storage", storage_words()), ("energies", energy_words())):
        values[name] = "、".join(words[each] for each in getattr(rule, name) or ())
    for name in ("zones", "nodes", "categories", "products", "lines", "months"):
        values[name] = "、".join(map(str, getattr(rule, name) or ()))
    return values


def _plain(fen: int | None) -> str:
    return "" if fen is None else format_fen(fen).replace(",", "")
