"""Alipay's bill of a day: what moved by its own account, to be held against ours line by line.

Alipay answers an address that is good for half a minute, where a ZIP of tables lies: GBK, a `#` before every line that is
not data, tabs behind the cells. The table of single movements is the one whose name does not say 汇总.
"""

import csv
import io
from datetime import date, datetime
from zipfile import BadZipFile, ZipFile

from core import i18n
from core.clock import SHANGHAI
from core.errors import JishiError
from core.money import parse_yuan

from .alipay_client import DONE, ask, fetch
from .provider import BillLine, GatewayRefused, GatewaySilent

_ = i18n.gettext
NO_BILL = "isp.bill_not_exist"  # nothing moved that day
MOST_BYTES = 200_000_000  # unpacked; a county's year is less
KINDS = {"交易": "payment", "退款": "refund", "分账": "royalty"}
NUMBER, REQUEST, KIND, AMOUNT = "商户订单号", "退款批次号/请求号", "业务类型", "订单金额（元）"
FEE, DONE_AT, TRADE = "服务费（元）", "完成时间", "支付宝交易号"  # not in every bill


def bill_of(day: date) -> list[BillLine]:
    """All that moved on a business day that is over. Raises GatewaySilent, GatewayRefused."""
    answer = ask("AlipayDataDataserviceBillDownloadurlQuery", {"bill_type": "trade", "bill_date": day.isoformat()})
    if answer.sub_code == NO_BILL:
        return []
    if answer.code != DONE:
        raise GatewayRefused(_("支付宝没有接受这个请求"))
    return read_bill(fetch(answer.bill_download_url))


def read_bill(packed: bytes) -> list[BillLine]:
    """The lines of a downloaded bill. Raises GatewaySilent where it is none: half a bill must not pass for a whole one."""
    try:
        with ZipFile(io.BytesIO(packed)) as tables:
            [single] = [t for t in tables.infolist() if "汇总" not in _name(t.filename, t.flag_bits)]
            if single.file_size > MOST_BYTES:
                raise ValueError("too large")
            text = tables.read(single).decode("gbk")
        rows = [row for row in csv.reader(io.StringIO(text)) if row and not row[0].startswith("#")]
        head, *lines = [[cell.strip() for cell in row] for row in rows]
        return _whole([_line(dict(zip(head, line, strict=True))) for line in lines])
    except (BadZipFile, ValueError, KeyError, JishiError, csv.Error) as wrong:
        raise GatewaySilent(_("支付宝的账单读不出来，过一会儿再取")) from wrong


def _line(told: dict[str, str]) -> BillLine:
    """Whatever sign a fee is written with, a payment's is kept by Alipay and a refund's given back."""
    kind, fee = KINDS[told[KIND]], _fen(told.get(FEE) or "0")
    at = datetime.strptime(told[DONE_AT], "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI) if told.get(DONE_AT) else None
    signed = -fee if kind == "refund" else fee
    return BillLine(kind, told[NUMBER], told[REQUEST], _fen(told[AMOUNT]), signed, told.get(TRADE, ""), at)


def _whole(lines: list[BillLine]) -> list[BillLine]:
    """Parts of one request for shares, a line each at Alipay, as the one movement they are."""
    shared: dict[str, BillLine] = {}
    for line in lines:
        if line.kind == "royalty":
            known = shared.get(line.number, line._replace(amount_fen=0, fee_fen=0))
            shared[line.number] = known._replace(amount_fen=known.amount_fen + line.amount_fen, fee_fen=known.fee_fen + line.fee_fen)
    return [line for line in lines if line.kind != "royalty"] + list(shared.values())


def _fen(text: str) -> int:
    return parse_yuan(text.removeprefix("-"))


def _name(name: str, flags: int) -> str:
    """A table's name; what ZIP does not mark as UTF-8 is GBK, which Python reads as code page 437."""
    return name if flags & 0x800 else name.encode("cp437").decode("gbk")
