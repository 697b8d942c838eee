"""The posts of the county: what each is called, where it is held, and what its holder can do here."""

from typing import NamedTuple

from core.i18n import gettext, marked


class Post(NamedTuple):
    """One role. `scope` is the kind of place it is held for: county, hub, station, line, partner or own."""

    role: str
    name: str  # in Chinese, translated when shown
    scope: str
    duty: str
    links: tuple[tuple[str, str], ...] = ()  # path and words, where the post has no desk of its own

    @property
    def title(self) -> str:
        return gettext(self.name)


POSTS = {
    post.role: post
    for post in marked((
        Post("master", "站长", "station", "管一个驿站：收货、上架、打包、交接，看自己的收入。"),
        Post("helper", "站员", "station", "帮站长打包、交接；看不到收入。"),
        Post("dispatcher", "调度员", "county", "排班次、管中心分拣和异常。"),
        Post("driver", "司机", "line", "装车、卸车，扫码交接。"),
        Post("sorter", "分拣员", "hub", "在共配中心扫码分拣、交给干线。"),
        Post("seller", "主播", "own", "开下单链接，看自己的成交和佣金。", (("/account/income", "我的收入"),)),
        Post("grower", "农户", "own", "货交给驿站代卖：过磅单、卖了多少、该得多少，在这里看。", (("/account/income", "我的收入"),)),
        Post("co-op", "合作社", "own", "社员的货一起交、一起卖，结算先到社里。", (("/account/income", "我的收入"),)),
        Post("merchant", "商户", "own", "自家的货在县里的频道上卖，卖了多少、该得多少，在这里看。", (("/account/income", "我的收入"),)),
        Post(
            "partner", "合作企业", "partner", "自家的班次照时刻表带货，一个月结一次账；哪一笔不对，在结算单上提。",
            (("/travel", "看班次"), ("/partner/months", "看承运账")),
        ),
        Post("finance", "财务", "county", "看账、对账、结算；不能兼县管理员。"),
        Post("admin", "县管理员", "county", "管规则、指标和人员；不能兼财务，也动不了账。"),
    ))
}  # fmt: skip
APART = ({"admin", "finance"},)  # no one person holds both of a set
