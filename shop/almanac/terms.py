"""The twenty-four solar terms with their three pentads (七十二候), and the day by the lunar calendar.

Calendar language, the same for every county. Dates come from borax (1900–2100).
"""

from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from borax.calendars.lunardate import LunarDate

from core import i18n

PENTADS = {
    "小寒": ("雁北乡", "鹊始巢", "雉始雊"), "大寒": ("鸡始乳", "征鸟厉疾", "水泽腹坚"), "立春": ("东风解冻", "蛰虫始振", "鱼陟负冰"),
    "雨水": ("獭祭鱼", "候雁北", "草木萌动"), "惊蛰": ("桃始华", "仓庚鸣", "鹰化为鸠"), "春分": ("玄鸟至", "雷乃发声", "始电"),
    "清明": ("桐始华", "田鼠化为鴽", "虹始见"), "谷雨": ("萍始生", "鸣鸠拂其羽", "戴胜降于桑"), "立夏": ("蝼蝈鸣", "蚯蚓出", "王瓜生"),
    "小满": ("苦菜秀", "靡草死", "麦秋至"), "芒种": ("螳螂生", "鵙始鸣", "反舌无声"), "夏至": ("鹿角解", "蜩始鸣", "半夏生"),
    "小暑": ("温风至", "蟋蟀居壁", "鹰始挚"), "大暑": ("腐草为萤", "土润溽暑", "大雨时行"), "立秋": ("凉风至", "白露降", "寒蝉鸣"),
    "处暑": ("鹰乃祭鸟", "天地始肃", "禾乃登"), "白露": ("鸿雁来", "玄鸟归", "群鸟养羞"), "秋分": ("雷始收声", "蛰虫坯户", "水始涸"),
    "寒露": ("鸿雁来宾", "雀入水为蛤", "菊有黄华"), "霜降": ("豺乃祭兽", "草木黄落", "蛰虫咸俯"),
    "立冬": ("水始冰", "地始冻", "雉入水为蜃"),
    "小雪": ("虹藏不见", "天气上升", "闭塞成冬"), "大雪": ("鹖鴠不鸣", "虎始交", "荔挺出"), "冬至": ("蚯蚓结", "麋角解", "水泉动"),
}  # fmt: skip
ENGLISH = {
    "小寒": "Lesser Cold", "大寒": "Greater Cold", "立春": "Start of Spring", "雨水": "Rain Water", "惊蛰": "Insects Awake",
    "春分": "Spring Equinox", "清明": "Clear and Bright", "谷雨": "Grain Rain", "立夏": "Start of Summer", "小满": "Grain Buds",
    "芒种": "Grain in Ear", "夏至": "Summer Solstice", "小暑": "Lesser Heat", "大暑": "Greater Heat", "立秋": "Start of Autumn",
    "处暑": "End of Heat", "白露": "White Dew", "秋分": "Autumn Equinox", "寒露": "Cold Dew", "霜降": "Frost Descent",
    "立冬": "Start of Winter", "小雪": "Lesser Snow", "大雪": "Greater Snow", "冬至": "Winter Solstice",
}  # fmt: skip
NUMBERS = ("一", "二", "三")


class AlmanacDay(NamedTuple):
    """A day of the almanac: its solar term since `since`, the pentad it lies in, the next term, and the lunar date."""

    term: str
    since: date
    pentads: tuple[str, str, str]
    pentad: int  # 0, 1 or 2
    next_term: str
    next_on: date
    lunar: str  # 丙午年四月初五

    @property
    def words(self) -> str:
        """The term's name in the page's language."""
        return ENGLISH[self.term] if i18n.locale() == "en" else self.term

    @property
    def next_words(self) -> str:
        return ENGLISH[self.next_term] if i18n.locale() == "en" else self.next_term

    @property
    def pentad_words(self) -> str:
        """`一候苦菜秀`."""
        return f"{NUMBERS[self.pentad]}候{self.pentads[self.pentad]}"


@lru_cache(maxsize=400)
def almanac_day(day: date) -> AlmanacDay:
    """What the almanac says of a day."""
    term, since = _term(day, step=-1)
    next_term, next_on = _term(day + timedelta(days=1), step=1)
    lunar = LunarDate.from_solar(day)
    words = f"{lunar.gz_year}年{'闰' if lunar.leap else ''}{lunar.cn_month}月{lunar.cn_day}"
    pentad = min((day - since).days // 5, 2)
    return AlmanacDay(term, since, PENTADS[term], pentad, next_term, next_on, words)


def _term(day: date, *, step: int) -> tuple[str, date]:
    while not (term := LunarDate.from_solar(day).term):
        day += timedelta(days=step)
    return str(term), day
