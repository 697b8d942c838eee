"""A plan's means as its page and its JSON tell them: the line's plate, its figures and one plain sentence."""

from typing import Any, NamedTuple

from sqlmodel import Session, col, select

from core import i18n
from core.money import format_fen
from fulfillment.network.models import Line

from .api_shapes import MeansOfLine
from .models import BatchPlan

MEANS_WORDS = i18n.marked({"passenger": "客车", "post": "邮车", "freight": "货车", "ferry": "渡船", "courier": "同城车"})
WHY = i18n.marked({
    "only": "这条路只有{means}走", "cold": "要冷，只有{means}有冷舱", "full": "量大，{other}装不完，{means}装得下",
    "in_time": "要赶时间，{other}到得晚", "cheaper": "坐{means}一件省 {saved} 元", "same": "和{other}一样价",
})  # fmt: skip
EMPTY_SEATS = i18n.marked("人少车空，坐{means}一件省 {saved} 元")


class Told(NamedTuple):
    """One line of a plan; amounts are the model's fen of a parcel's whole road."""

    line: Line
    means: str
    parcels: int
    fen: int
    next_means: str | None
    next_fen: int | None
    reason: str

    @property
    def words(self) -> str:
        """Why this means and no other."""
        saved = format_fen((self.next_fen or self.fen) - self.fen)
        said = EMPTY_SEATS if self.reason == "cheaper" and self.means == "passenger" else WHY[self.reason]
        return i18n.gettext(said).format(means=self.name, other=self.next_name, saved=saved)

    @property
    def name(self) -> str:
        return i18n.gettext(MEANS_WORDS[self.means])

    @property
    def next_name(self) -> str:
        return i18n.gettext(MEANS_WORDS[self.next_means]) if self.next_means else ""

    def as_json(self) -> MeansOfLine:
        return {
            "line": self.line.code, "number": self.line.number, "name": self.line.name, "means": self.means, "parcels": self.parcels,
            "cost_fen": self.fen, "next_means": self.next_means, "next_cost_fen": self.next_fen, "reason": self.reason, "words": self.words,
        }  # fmt: skip


def told_means(session: Session, plan: BatchPlan) -> list[Told]:
    """The lines of a plan, those with most parcels first; one query."""
    kept: list[dict[str, Any]] = plan.facts.get("means", [])
    rows = session.exec(select(Line).where(Line.tenant_id == plan.tenant_id, col(Line.code).in_([row["line"] for row in kept])))
    lines = {line.code: line for line in rows}
    return [
        Told(
            lines[row["line"]], row["means"], row["parcels"], round(row["fen"]), row["next_means"],
            None if row["next_fen"] is None else round(row["next_fen"]), row["reason"],
        )
        for row in kept
        if row["line"] in lines
    ]  # fmt: skip
