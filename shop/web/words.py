"""What is wrong with a field, in the words of whoever filled it in: one sentence for each of pydantic's kinds of fault."""

import re
from collections.abc import Mapping
from typing import Any

from core.i18n import gettext, marked
from core.moments import NO_DAY

WORDS = marked(
    {
        "missing": "请填写这一项",
        "extra_forbidden": "没有这一项",
        "string_too_short": "太短，至少 {min_length} 个字",
        "string_too_long": "太长，最多 {max_length} 个字",
        "string_type": "请填写文字",
        "string_pattern_mismatch": "写法不对",
        "int_parsing": "请填写整数",
        "int_type": "请填写整数",
        "int_from_float": "请填写整数",
        "int_parsing_size": "数字太大",
        "greater_than": "要大于 {gt}",
        "greater_than_equal": "不能小于 {ge}",
        "less_than": "要小于 {lt}",
        "less_than_equal": "不能大于 {le}",
        "finite_number": "请填写一个数",
        "bool_type": "请填写是或否",
        "bool_parsing": "请填写是或否",
        "literal_error": "只能是 {expected} 之一",
        "enum": "只能是 {expected} 之一",
        "too_long": "最多 {max_length} 项",
        "too_short": "至少 {min_length} 项",
        "list_type": "请给一个列表",
        "json_invalid": "JSON 写法不对",
        "date_from_datetime_parsing": NO_DAY,
        "date_parsing": NO_DAY,
        "date_type": NO_DAY,
        "timezone_aware": "时刻要带时区",
    }
)
NOT_SO = marked("写法不对")
FIELDS = marked(
    {
        "qty": "份数",
        "phone": "手机号",
        "password": "密码",
        "date": "日期",
        "wave": "波次",
        "reason": "原因",
        "name": "名字",
        "grade": "等级",
        "member": "社员",
        "price": "价格",
        "quota": "名额",
        "commission": "佣金",
        "starts_at": "开始时间",
        "minutes": "时长",
        "units": "份数",
        "harvested_on": "采收日",
        "outcome": "结果",
        "digits": "验证码",
        "session_name": "场次",
        "sku": "规格",
        "spec": "规格",
        "category": "种类",
        "storage": "怎么存",
        "story": "介绍",
        "net_g": "净重",
        "ml": "包装大小",
        "shelf_days": "能放几天",
        "months": "月份",
        "grower": "农户",
        "ends_on": "结束日",
        "starts_on": "开始日",
    }
)


def words_of(fault: Mapping[str, Any]) -> str:
    """A fault of pydantic's, in the page's language."""
    kind, facts = fault["type"], dict(fault.get("ctx", {}))
    if kind == "value_error":
        return gettext(str(facts.get("error", "")) or NOT_SO)
    if kind in ("too_long", "too_short") and isinstance(fault.get("input"), str):
        kind = f"string_{kind}"  # our lines are cleaned first, and their length is asked afterwards
    if "expected" in facts:
        facts["expected"] = gettext("、").join(re.findall(r"'([^']*)'", facts["expected"])) or facts["expected"]
    try:
        return gettext(WORDS.get(kind, NOT_SO)).format(**facts)
    except (KeyError, IndexError):
        return gettext(NOT_SO)


def field_words(name: str) -> str:
    """A field's name as people call it, wherever it lies in the body, or nothing."""
    return gettext(FIELDS.get(name.rpartition(".")[2], ""))


def named(field: str, words: str) -> str:
    """A fault with its field's name before it, unless nobody calls it anything or the sentence says it already."""
    name = field_words(field)
    return f"{name}{gettext('：')}{words}" if name and name not in words else words
