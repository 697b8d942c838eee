"""What takes people and goods in this county, in the words of its pages: the bus, or the ferry where the sea is the road."""

from functools import lru_cache
from typing import NamedTuple

from markupsafe import Markup

from core import i18n
from supply.counties.models import County
from supply.counties.policy import policy_of

_ = i18n.gettext


class Carriage(NamedTuple):
    """How pages speak of it; a name in braces is filled in by the page."""

    motto: str
    rides: str
    timetable: str
    left: Markup
    none_left: str
    terms: str
    board: str
    promise: str
    see_next: str
    next: str
    catch_next: str
    how: str
    taking: str
    none_taking: str
    no_road: str
    where: str
    coming: str
    none_coming: str
    basket: str


@lru_cache(maxsize=8)
def _by_bus(locale: str) -> Carriage:
    return Carriage(
        motto=_("跟着班车来的山海物产"), rides=_("班车"), timetable=_("班车时刻"), left=Markup(_("还有 <b>{n}</b> 班车")),  # noqa: S704 - our own sentence
        none_left=_("今天的班车都走了"),
        terms=_("价目、库存与班次以下单时为准。班车载客优先，余位带货；赶不上时我们先改班、再告诉你，误了照规则赔。"),
        board=_("{day}上车"), promise=_("{when} {by} 前下单，{leaves} 上班车，{day}到{city}。"),
        see_next=_("看接下来的班车"), next=_("下一班车"), catch_next=_("赶下一班车"), how=_("公交带货：截单前下单，就坐这一班走。"),
        taking=_("接下来带货的班车"), none_taking=_("这会儿没有能带货的班车"),
        no_road=_("眼下没有班车能把它送到{place}；县内自提不受影响。"),
        where=_("从哪一站上车"), coming=_("接下来的车"), none_coming=_("今明两天没有车了"), basket=_("放进篮子，坐 {t} 的车"),
    )  # fmt: skip


@lru_cache(maxsize=8)
def _by_ferry(locale: str) -> Carriage:
    return Carriage(
        motto=_("跟着渡船来的海岛物产"), rides=_("船班"), timetable=_("船班时刻"), left=Markup(_("还有 <b>{n}</b> 班船")),  # noqa: S704 - our own sentence
        none_left=_("今天的船都开走了"),
        terms=_("价目、库存与船班以下单时为准。渡船载客优先，余位带货，风大停航就等；赶不上时我们先改班、再告诉你，误了照规则赔。"),
        board=_("{day}上船"), promise=_("{when} {by} 前下单，{leaves} 发出，{day}到{city}。"),
        see_next=_("看接下来的船班"), next=_("下一班船"), catch_next=_("赶下一班船"), how=_("渡船带货：截单前下单，就坐这一班走。"),
        taking=_("接下来带货的船班"), none_taking=_("这会儿没有能带货的船班"),
        no_road=_("眼下没有船班能把它送到{place}；县内自提不受影响。"),
        where=_("从哪一站上船"), coming=_("接下来的船班"), none_coming=_("今明两天没有船了"), basket=_("放进篮子，赶 {t} 的船班"),
    )  # fmt: skip


def carriage(county: County | None) -> Carriage:
    """The county's own motto speaks its own language; pages in another one say the common one."""
    words = policy_of(county).words if county else None
    spoken = (_by_ferry if words and words.carrier == "ferry" else _by_bus)(i18n.locale())
    return spoken._replace(motto=words.motto) if words and words.motto and i18n.locale() == "zh" else spoken


def searches(county: County | None) -> str:
    """Examples for a search field: `枇杷、年糕、葛家…`; what can be sought where the county says none."""
    words = policy_of(county).words if county else None
    return f"{_('、').join(words.searches)}…" if words and words.searches else _("搜物产、村子")
