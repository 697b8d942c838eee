"""An address pasted in one piece – 王小满 13800000000 浙江省杭州市西湖区文一路 1 号 – read into its parts.

A place is one only where an address may begin: at the head of a word, or in full right behind a name; 北京路 is a street.
A city that everybody knows brings its province. What cannot be read stays for the buyer to fill in; nothing is guessed.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from core.settings import ROOT
from core.text import clean

PHONE = re.compile(r"(?:\+?86)?[ -]?(1[3-9](?:[ -]?\d){9})(?!\d)")
LABEL = re.compile(r"(收货人|收件人|姓名|电话|手机号?码?|所在地区|详细地址|收货地址|地址) ")
MUNICIPALITIES = ("北京", "上海", "天津", "重庆")
TAIL = re.compile(r"(?:维吾尔|壮族|回族)?(?:省|市|自治区|特别行政区)$")
CITY = re.compile(r"^\s*([^\s\d区县旗路街巷弄号]{1,12}?(?:自治州|地区|市|盟))")
DISTRICT = re.compile(r"^\s*([^\s\d][^\s\d路街巷弄号]{0,11}?(?:自治县|新区|区|县|市|旗))")
STREET = re.compile(r"[东西南北中一二三四五]?[东西南北中]?(?:路|街|道|大道|大街|巷|弄|里|村|庄|桥|区|县)")  # behind a short name: no city
PLACES = re.compile(r"[市区县镇乡村路街道号]")
NAME = re.compile(r"^[^\W\d_][\w·]{0,19}$")
LAST = re.compile(r"[^\W\da-zA-Z_](?:[^\W\da-zA-Z_]{0,3}|[^\W\da-zA-Z_·]*·[^\W\da-zA-Z_·]+)")
NO_NAME = re.compile(r"[室号楼幢栋座层元区村镇乡县市路街道巷弄园城厦苑口院里店铺站厂场校府邨坊旁边侧门]$")


class Pasted(NamedTuple):
    name: str
    phone: str
    province: str
    city: str
    district: str
    detail: str


def read_pasted(text: str, provinces: Iterable[str], cities: Mapping[str, str] | None = None) -> Pasted:
    """The parts of a pasted address. `provinces` are full names as the county's zones know them, `cities` name a city's province."""
    line = re.sub(r"[\s,，;；、:：|]+", " ", clean(text[:400], newlines=True)).strip()
    line = LABEL.sub("", line)
    phone = ""
    if found := PHONE.search(line):
        phone, line = re.sub(r"\D", "", found[1]), (line[: found.start()] + " " + line[found.end() :]).strip()
    known = list(dict.fromkeys(provinces))
    before, province, city, rest = _place(line, known, {**prefectures(), **(cities or {})})
    if province not in known:  # nothing is sent there, or nobody knows: the buyer chooses
        province = ""
    if not province and not city:
        name, detail = (line, "") if NAME.match(line) else _named("", line) if PLACES.search(line) else ("", line)
        return Pasted(name, phone, "", "", "", detail)
    district, rest = _part(DISTRICT, rest)
    name, detail = _named(before.strip(), rest.strip())
    return Pasted(name, phone, province, city, district, detail)


@lru_cache(maxsize=1)
def prefectures() -> Mapping[str, str]:
    """The country's cities by name, with the province each lies in."""
    with (ROOT / "data" / "prefectures.csv").open(encoding="utf-8", newline="") as file:
        return {city: row["province"] for row in csv.DictReader(file) for city in row["cities"].split()}


def _place(line: str, provinces: list[str], cities: Mapping[str, str]) -> tuple[str, str, str, str]:
    """What stands before the address, its province and city, and what is left of it; no province and city where none begins."""
    for start in [0, *(at.end() for at in re.finditer(" ", line))]:
        before, here = line[:start], line[start:]
        if found := _province(here, provinces):
            city, rest = _city(found[0], found[1], cities)
            return before, found[0], city, rest
        if in_city := _known_city(here, cities):
            return before, cities[in_city[0]], *in_city
        behind_name = next((at for p in provinces if 2 <= (at := here.find(p)) <= 20 and LAST.fullmatch(here[:at])), 0)
        if behind_name:
            province, rest = _province(here[behind_name:], provinces) or ("", "")
            return before + here[:behind_name], province, *_city(province, rest, cities)
    return "", "", "", line


def _province(here: str, provinces: list[str]) -> tuple[str, str] | None:
    """The province at the head of these words and what follows."""
    for full in provinces:
        if here.startswith(full):
            return full, here[len(full) :]
    for full in provinces:
        short = TAIL.sub("", full)
        if here.startswith(short) and not STREET.match(here[len(short) :]):
            return full, here[len(short) :]
    return None


def _known_city(here: str, cities: Mapping[str, str]) -> tuple[str, str] | None:
    """A city everybody knows at the head of these words, said with or without 市, and what follows."""
    if (found := CITY.match(here)) and found[1] in cities:
        return found[1], here[found.end() :]
    for length in (2, 3, 4):
        city = here[:length] + "市"
        if city in cities and not STREET.match(here[length:]):
            return city, here[length:]
    return None


def _city(province: str, rest: str, cities: Mapping[str, str]) -> tuple[str, str]:
    short = TAIL.sub("", province)
    if short in MUNICIPALITIES:
        return province, re.sub(rf"^\s*(?:{short}市?|市辖区|\s)*", "", rest)
    if (found := _known_city(rest.lstrip(), cities)) and cities[found[0]] == province:
        return found
    return _part(CITY, rest)


def _named(name: str, detail: str) -> tuple[str, str]:
    """Name and street apart where the name came last: 地址 姓名."""
    start, gap, last = detail.rpartition(" ")
    last = re.sub(r"[（(]?收[)）]?$", "", last) or last
    if not name and gap and LAST.fullmatch(last) and not NO_NAME.search(last):
        return last, start
    return name, detail


def _part(pattern: re.Pattern[str], rest: str) -> tuple[str, str]:
    found = pattern.match(rest)
    return (found[1], rest[found.end() :]) if found else ("", rest)
