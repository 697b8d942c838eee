"""An address pasted in one piece – 王小满 13800000000 浙江省杭州市西湖区文一路 1 号 – read into its parts.

What cannot be read stays empty for the buyer to fill in; nothing is guessed.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from core.text import clean

PHONE = re.compile(r"(?:\+?86)?[ -]?(1[3-9](?:[ -]?\d){9})(?!\d)")
MUNICIPALITIES = ("北京", "上海", "天津", "重庆")
TAIL = re.compile(r"(?:维吾尔|壮族|回族)?(?:省|市|自治区|特别行政区)$")
CITY = re.compile(r"^\s*([^\s\d]{1,12}?(?:自治州|地区|市|盟))")
DISTRICT = re.compile(r"^\s*([^\s\d]{1,12}?(?:自治县|新区|区|县|市|旗))")
NAME = re.compile(r"^[\w·]{1,20}$")


class Pasted(NamedTuple):
    name: str
    phone: str
    province: str
    city: str
    district: str
    detail: str


def read_pasted(text: str, provinces: Iterable[str]) -> Pasted:
    """The parts of a pasted address; `provinces` are full names as the county's zones know them."""
    line = re.sub(r"[\s,，;；、:：|]+", " ", clean(text[:400], newlines=True)).strip()
    line = re.sub(r"(收货人|收件人|姓名|电话|手机号?码?|所在地区|详细地址|地址) ", "", line)
    phone = ""
    if found := PHONE.search(line):
        phone, line = re.sub(r"\D", "", found[1]), (line[: found.start()] + " " + line[found.end() :]).strip()
    province, before, rest = _province(line, provinces)
    if not province:
        return Pasted(line if NAME.match(line) else "", phone, "", "", "", "" if NAME.match(line) else line)
    city, rest = _city(province, rest)
    district, rest = _part(DISTRICT, rest)
    name, detail = before.strip(), rest.strip()
    if not name and " " in detail:  # 地址 姓名
        start, _, last = detail.rpartition(" ")
        if re.fullmatch(r"[^\d\W]{2,4}", last):
            name, detail = last, start
    return Pasted(name, phone, province, city, district, detail)


def _province(line: str, provinces: Iterable[str]) -> tuple[str, str, str]:
    best: tuple[int, int, str] | None = None
    for full in dict.fromkeys(provinces):
        for said in (full, TAIL.sub("", full)):
            at = line.find(said)
            if at >= 0 and (best is None or (at, -len(said)) < (best[0], best[1])):
                best = (at, -len(said), full)
    if best is None:
        return "", line, ""
    at, length, full = best
    return full, line[:at], line[at - length :]


def _city(province: str, rest: str) -> tuple[str, str]:
    short = TAIL.sub("", province)
    if short in MUNICIPALITIES:
        return province, re.sub(rf"^\s*(?:{short}市?|市辖区|\s)*", "", rest)
    return _part(CITY, rest)


def _part(pattern: re.Pattern[str], rest: str) -> tuple[str, str]:
    found = pattern.match(rest)
    return (found[1], rest[found.end() :]) if found else ("", rest)
