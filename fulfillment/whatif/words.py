"""Changes and reasons as sentences, in the reader's language."""

from collections.abc import Mapping
from typing import Any, Final

from core import i18n
from core.money import format_fen

from .book import Book

_ = i18n.gettext
WHY: Final = i18n.marked({
    "full": "这班车常常装满：多一箱，一个月最多能省 ¥{y}。", "empty": "最近四周没有一件包裹坐它。",
    "few": "按最近四周，一个月大约只有 {n} 件坐它，改坐别的车也行。",
    "missed_trunk": "按最近四周，一个月大约有 {n} 件只差几分钟，没赶上早一趟干线。",
   
    "missed_run": "按最近四周，一个月大约有 {n} 件刚备好，这班车已经开走。", "handover": "按最近四周，一个月大约有 {n} 件要在半路换车。",
    "missed_link": "按最近四周，一个月大约有 {n} 件在半路换车，只差几分钟没换上这班。",
    "left": "按最近四周，一个月大约有 {n} 件排不上车或要晚到。",
})  # fmt: skip
TIERS: Final = i18n.marked({"ambient": "常温", "chilled": "冷藏", "frozen": "冷冻"})


def change_words(data: Mapping[str, Any], book: Book) -> str:
    """One change as somebody would say it."""
    run, minutes = book.run(str(data.get("run", ""))), int(data.get("minutes") or 0)
    later = abs(minutes)
    match data["kind"]:
        case "drop_run":
            return _("停开 {run}").format(run=run)
        case "shift_run":
            return (_("{run} 晚 {n} 分钟开") if minutes > 0 else _("{run} 早 {n} 分钟开")).format(run=run, n=later)
        case "add_run":
            when = _("加开一班：照 {run} 的样子，晚 {n} 分钟") if minutes >= 0 else _("加开一班：照 {run} 的样子，早 {n} 分钟")
            return when.format(run=run, n=later) + (_("，货舱 {bay}").format(bay=bay_words(data, book)) if bay_words(data, book) else "")
        case "change_bay":
            return _("{run} 的货舱改成 {bay}").format(run=run, bay=bay_words(data, book))
        case "extra_stop":
            said = _("{run} 过了{after}多停一站{node}").format(run=run, after=book.place(data["after"]), node=book.place(data["node"]))
            return said + (_("，多走 {n} 分钟").format(n=data["detour_min"]) if data.get("detour_min") is not None else "")
        case "close_node":
            return _("{node}不再收发，包裹改到{instead}").format(node=book.place(data["node"]), instead=book.place(data["instead"]))
        case _other:
            return _("新开“{node}”，接走{like}百分之 {n} 的包裹").format(
                node=data["node"], like=book.place(data["like"]), n=data["share_pct"]
            )


def bay_words(data: Mapping[str, Any], book: Book) -> str:
    """`12 筐、250 公斤`, or the vehicle it is."""
    if name := data.get("vehicle"):
        return book.vehicles.get(str(name), str(name))
    parts = [
        _("{n} 筐").format(n=data["boxes"]) if data.get("boxes") is not None else "",
        _("{n} 公斤").format(n=_thousandth(data["g"])) if data.get("g") is not None else "",
        _("{n} 升").format(n=_thousandth(data["ml"])) if data.get("ml") is not None else "",
        _("冷舱 {n} 升").format(n=_thousandth(data["chilled_ml"])) if data.get("chilled_ml") is not None else "",
        *(_(TIERS[tier]) for tier in data.get("tiers") or ()),
    ]
    return _("、").join(part for part in parts if part)


def _thousandth(amount: int) -> str:
    return f"{amount / 1000:g}"


def why_words(item: Mapping[str, Any]) -> str:
    """What a proposal was read off."""
    return _(WHY[item["why"]]).format(n=item["seen"], y=format_fen(item["seen"]))
