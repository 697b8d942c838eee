"""Alipay's gateway for tests: verifies RSA2, keeps a trade per out_trade_no and a refund per out_request_no, never gives back more than was
paid, signs what it answers and what it tells. `notices` holds what it told so far: deliver it twice, backwards, late or never.

Faults beside those of `serving`: "forged" signs an answer with somebody else's key, "unsure" answers that it does not know, "unread"
that we have no right to ask, and does nothing.
"""

import io
import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from .serving import Answer, Ask, Gateway

APP, SELLER = "2021000000000007", "2088000000000007"


@lru_cache(maxsize=8)
def key(whose: str) -> rsa.RSAPrivateKey:
    """One key a holder, for the whole run."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def private_text(whose: str, form: PrivateFormat = PrivateFormat.PKCS8, *, pem: bool = False) -> str:
    """As Alipay's key tool writes it: bare base64 in one line, or PEM."""
    made = key(whose).private_bytes(Encoding.PEM if pem else Encoding.DER, form, NoEncryption())
    return made.decode() if pem else b64encode(made).decode()


def public_text(whose: str) -> str:
    return b64encode(key(whose).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def signature(text: bytes, whose: str = "alipay", digest: HashAlgorithm | None = None) -> str:
    return b64encode(key(whose).sign(text, PKCS1v15(), digest or SHA256())).decode()


@dataclass
class Trade:
    number: str
    fen: int
    trade_no: str
    status: str = "WAIT_BUYER_PAY"
    refunds: dict[str, int] = field(default_factory=dict)
    notify_url: str = ""
    shared: dict[str, dict[str, int]] = field(default_factory=dict)  # by out_request_no: fen per account
    done_at: dict[str, str] = field(default_factory=dict)  # when it was paid (""), each refund given, each share; by Beijing's clocks

    @property
    def given_back(self) -> int:
        return sum(self.refunds.values())


class Refusal(Exception):
    def __init__(self, sub_code: str, code: str = "40004") -> None:
        super().__init__(sub_code)
        self.code, self.sub_code = code, sub_code


class FakeAlipay(Gateway):
    def __init__(self) -> None:
        super().__init__()
        self.trades: dict[str, Trade] = {}
        self.codes: dict[str, dict[str, Any]] = {}  # QR codes and pages by out_trade_no: a trade begins when a buyer opens one
        self.notices: list[bytes] = []
        self.receivers: dict[str, str] = {}  # real name by account
        self.limit_bp = 3_000  # the part of a trade that may be shared, as agreed with Alipay

    @property
    def url(self) -> str:
        return f"{self.base}/gateway.do"

    # what a buyer does

    def open(self, address: str) -> str:
        """A browser follows the signed address to the cashier; returns the trade's number."""
        answer = httpx.get(address, trust_env=False)
        assert answer.status_code == 200, answer.text
        return answer.text

    def scan(self, number: str) -> str:
        """A phone reads the QR code of a trade."""
        self._begin(self.codes[number])
        return number

    def charge(self, number: str) -> bytes:
        """The buyer pays; what the shop is told of it."""
        with self.lock:
            trade = self.trades[number]
            assert trade.status == "WAIT_BUYER_PAY", trade.status
            trade.status = "TRADE_SUCCESS"
            trade.done_at[""] = _beijing()
            return self.tell(number)

    # what Alipay tells

    def tell(self, number: str, **changes: str) -> bytes:
        """A notice of how a trade stands, signed; its changes are signed too, as only Alipay could."""
        body = self.notice(number, **changes)
        self.notices.append(body)
        return body

    def notice(self, number: str, *, whose: str = "alipay", digest: HashAlgorithm | None = None, **changes: str) -> bytes:
        trade = self.trades.get(number) or Trade(number, 0, "0")
        told = {
            "notify_id": f"n{len(self.notices)}{trade.trade_no}", "notify_type": "trade_status_sync", "app_id": APP, "seller_id": SELLER,
            "charset": "utf-8", "version": "1.0", "sign_type": "RSA2", "notify_time": _beijing(), "trade_no": trade.trade_no,
            "out_trade_no": number, "total_amount": yuan(trade.fen), "trade_status": trade.status, "subject": "订单 & 集市", "body": "",
        } | changes  # fmt: skip
        text = "&".join(f"{name}={value}" for name, value in sorted(told.items()) if name not in ("sign", "sign_type") and value)
        return urlencode({**told, "sign": changes.get("sign") or signature(text.encode(), whose, digest)}).encode()

    # what the shop asks

    def name_of(self, ask: Ask) -> str:
        return _params(ask).get("method", "")

    def work(self, call: str, ask: Ask) -> Answer:
        told = _params(ask)
        try:
            if ask.method == "GET" and ask.target.startswith("/bill"):
                return Answer(200, self.packed_bill(dict(parse_qsl(urlsplit(ask.target).query))["day"]), "application/zip")
            _verify(told)
            if ask.method == "GET":
                if call not in ("alipay.trade.page.pay", "alipay.trade.wap.pay"):
                    raise Refusal("isv.invalid-method", "40002")
                return Answer(200, self._begin(_wanted(told)).encode(), "text/plain")
            if call not in CALLS:
                raise Refusal("isv.invalid-method", "40002")
            return _signed(call, {"code": "10000", "msg": "Success", **CALLS[call](self, _wanted(told))})
        except Refusal as refused:
            if refused.code == "40002":
                return Answer(200, json.dumps({"error_response": {"code": refused.code, "sub_code": refused.sub_code}}).encode())
            return _signed(call, {"code": refused.code, "msg": "Business Failed", "sub_code": refused.sub_code, "sub_msg": "交易失败"})

    def spoil(self, how: str, answer: Answer) -> Answer:
        call = self.calls[-1]
        if how == "unsure":
            return _signed(call, {"code": "20000", "msg": "Service Currently Unavailable", "sub_code": "isp.unknow-error"})
        if how == "unread":
            return _signed(call, {"code": "40006", "msg": "Insufficient Permissions", "sub_code": "isv.insufficient-isv-permissions"})
        inner = json.loads(answer.body)[call.replace(".", "_") + "_response"]
        return _signed(call, inner, whose="mallory")

    def _begin(self, wanted: dict[str, Any]) -> str:
        """A buyer stands at the cashier: the trade exists from now on, once."""
        number, fen = wanted["out_trade_no"], _fen(wanted["total_amount"])
        with self.lock:
            known = self.trades.setdefault(
                number, Trade(number, fen, f"2026{len(self.trades):020}", notify_url=wanted.get("notify_url", ""))
            )
            if known.fen != fen:
                raise Refusal("ACQ.CONTEXT_INCONSISTENT")
        return number

    def trade(self, wanted: dict[str, Any]) -> Trade:
        known = self.trades.get(wanted["out_trade_no"])
        if known is None:
            raise Refusal("ACQ.TRADE_NOT_EXIST")
        return known

    def precreate(self, wanted: dict[str, Any]) -> dict[str, Any]:
        number = wanted["out_trade_no"]
        if number in self.trades and self.trades[number].status != "WAIT_BUYER_PAY":
            raise Refusal("ACQ.TRADE_HAS_SUCCESS")
        self.codes[number] = wanted
        return {"out_trade_no": number, "qr_code": f"https://qr.alipay.com/{number}"}

    def query(self, wanted: dict[str, Any]) -> dict[str, Any]:
        trade = self.trade(wanted)
        return {
            "out_trade_no": trade.number, "trade_no": trade.trade_no, "trade_status": trade.status, "total_amount": yuan(trade.fen),
            "buyer_logon_id": "159****5620",
        }  # fmt: skip

    def close(self, wanted: dict[str, Any]) -> dict[str, Any]:
        trade = self.trade(wanted)
        if trade.status != "WAIT_BUYER_PAY":
            raise Refusal("ACQ.REASON_TRADE_STATUS_INVALID")
        trade.status = "TRADE_CLOSED"
        return {"out_trade_no": trade.number, "trade_no": trade.trade_no}

    def refund(self, wanted: dict[str, Any]) -> dict[str, Any]:
        trade, request, fen = self.trade(wanted), wanted["out_request_no"], _fen(wanted["refund_amount"])
        if trade.status == "WAIT_BUYER_PAY":
            raise Refusal("ACQ.TRADE_STATUS_ERROR")
        known = trade.refunds.get(request)
        if known is not None and known != fen:
            raise Refusal("ACQ.DISCORDANT_REPEAT_REQUEST")
        if known is None:
            if trade.given_back + fen > trade.fen:
                raise Refusal("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL")
            trade.refunds[request] = fen
            trade.done_at[request] = _beijing()
            if trade.given_back == trade.fen:
                trade.status = "TRADE_CLOSED"
            self.tell(trade.number, out_biz_no=request, refund_fee=yuan(trade.given_back), gmt_refund=_beijing())
        return {
            "out_trade_no": trade.number, "trade_no": trade.trade_no, "refund_fee": yuan(trade.given_back),
            "fund_change": "Y" if known is None else "N",
        }  # fmt: skip

    def refunded(self, wanted: dict[str, Any]) -> dict[str, Any]:
        trade, request = self.trade(wanted), wanted["out_request_no"]
        if request not in trade.refunds:
            return {}
        return {
            "out_trade_no": trade.number, "out_request_no": request, "refund_amount": yuan(trade.refunds[request]),
            "refund_status": "REFUND_SUCCESS", "total_amount": yuan(trade.fen),
        }  # fmt: skip

    def bind(self, wanted: dict[str, Any]) -> dict[str, Any]:
        if any(each["name"] == "别人" for each in wanted["receiver_list"]):
            raise Refusal("ACQ.USER_NAME_NOT_MATCH")
        if any((each["type"] == "userId") != each["account"].startswith("2088") for each in wanted["receiver_list"]):
            raise Refusal("ACQ.USER_NOT_EXIST")
        self.receivers |= {each["account"]: each["name"] for each in wanted["receiver_list"]}
        return {"result_code": "SUCCESS"}

    def share(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """All or none, to bound accounts, once per request, up to the agreed part of the trade and what is left of it after refunds."""
        trade = next((t for t in self.trades.values() if t.trade_no == wanted["trade_no"]), None)
        request, parts = wanted["out_request_no"], {each["trans_in"]: _fen(each["amount"]) for each in wanted["royalty_parameters"]}
        if trade is None or len(parts) != len(wanted["royalty_parameters"]):
            raise Refusal("ACQ.INVALID_PARAMETER")
        done = {"trade_no": trade.trade_no, "settle_no": f"s{request}"}
        known = trade.shared.get(request)
        if known is not None and known != parts:
            raise Refusal("ACQ.DISCORDANT_REPEAT_REQUEST")
        if trade.status != "TRADE_SUCCESS":  # also for what was done before: its query still tells of it
            raise Refusal("ACQ.TRADE_STATUS_ERROR")
        if known is not None:
            return done
        if not set(parts) <= set(self.receivers):
            raise Refusal("ACQ.ROYALTY_RECEIVER_INVALID")
        shared = sum(sum(each.values()) for each in trade.shared.values()) + sum(parts.values())
        if shared * 10_000 > trade.fen * self.limit_bp or shared + trade.given_back > trade.fen:
            raise Refusal("ACQ.ALLOC_AMOUNT_VALIDATE_ERROR")
        trade.shared[request] = parts
        trade.done_at[request] = _beijing()
        return done

    def shared_before(self, wanted: dict[str, Any]) -> dict[str, Any]:
        trade = next((t for t in self.trades.values() if t.trade_no == wanted["trade_no"]), None)
        if trade is None or (parts := trade.shared.get(wanted["out_request_no"])) is None:
            raise Refusal("ACQ.TRADE_SETTLE_NOT_EXIST")
        told = [{"operation_type": "transfer", "trans_in": to, "amount": yuan(fen), "state": "SUCCESS"} for to, fen in parts.items()]
        return {"out_request_no": wanted["out_request_no"], "royalty_detail_list": told}

    def bill_address(self, wanted: dict[str, Any]) -> dict[str, Any]:
        if not self._rows(wanted["bill_date"]):
            raise Refusal("isp.bill_not_exist")
        return {"bill_download_url": f"{self.base}/bill?day={wanted['bill_date']}"}

    def _rows(self, day: str) -> list[tuple[str, ...]]:
        """A day's movements; of every thousand it keeps six, and gives them back with what is given back. A share is a line a receiver."""
        found = []
        for trade in self.trades.values():
            for request, at in trade.done_at.items():
                if request in trade.shared:
                    parts = trade.shared[request].values() if at.startswith(day) else ()
                    found += [(trade.trade_no, trade.number, "分账", "订单", at, f"-{yuan(fen)}", request, "0.00") for fen in parts]
                    continue
                fen = trade.refunds[request] if request else trade.fen
                sign, kind = ("-", "退款") if request else ("", "交易")
                fee = yuan(fen * 6 // 1000) if request else f"-{yuan(fen * 6 // 1000)}"
                if at.startswith(day):
                    found.append((trade.trade_no, trade.number, kind, "订单", at, f"{sign}{yuan(fen)}", request, fee))
        return found

    def packed_bill(self, day: str) -> bytes:
        """In the form of a day's bill."""
        head = ["支付宝交易号", "商户订单号", "业务类型", "商品名称", "完成时间", "订单金额（元）", "退款批次号/请求号", "服务费（元）"]
        rows = self._rows(day)
        table = "\r\n".join(
            ["#支付宝业务明细查询", ",".join(head), *("\t,".join(row) + "\t" for row in rows), f"#业务明细列表结束,{len(rows)}笔"]
        )
        packed = io.BytesIO()
        with ZipFile(packed, "w") as tables:
            for name, text in ((f"{SELLER}_业务明细.csv", table), (f"{SELLER}_业务明细(汇总).csv", "#汇总")):
                tables.writestr(name, text.encode("gbk"))
        return packed.getvalue()


CALLS: dict[str, Callable[[FakeAlipay, dict[str, Any]], dict[str, Any]]] = {
    "alipay.trade.precreate": FakeAlipay.precreate,
    "alipay.trade.query": FakeAlipay.query,
    "alipay.trade.close": FakeAlipay.close,
    "alipay.trade.refund": FakeAlipay.refund,
    "alipay.trade.fastpay.refund.query": FakeAlipay.refunded,
    "alipay.trade.royalty.relation.bind": FakeAlipay.bind,
    "alipay.trade.order.settle": FakeAlipay.share,
    "alipay.trade.order.settle.query": FakeAlipay.shared_before,
    "alipay.data.dataservice.bill.downloadurl.query": FakeAlipay.bill_address,
}


def yuan(fen: int) -> str:
    return f"{fen / 100:.2f}"


def sha1_signed(fake: FakeAlipay, number: str) -> bytes:
    """A notice under the old algorithm, which the SDK's own check would take for a good one."""
    return fake.notice(number, digest=SHA1())


def _fen(text: str) -> int:
    whole, _, part = text.partition(".")
    if not (whole.isdigit() and part.isdigit() and len(part) == 2) or int(whole + part) <= 0:
        raise Refusal("ACQ.INVALID_PARAMETER")
    return int(whole + part)


def _params(ask: Ask) -> dict[str, str]:
    text = urlsplit(ask.target).query + ("&" + ask.body.decode() if ask.body else "")
    return dict(parse_qsl(text, keep_blank_values=True))


def _verify(told: dict[str, str]) -> None:
    text = "&".join(f"{name}={value}" for name, value in sorted(told.items()) if name != "sign")
    if told.get("sign_type") != "RSA2" or told.get("app_id") != APP:
        raise Refusal("isv.invalid-app-id", "40002")
    try:
        key("shop").public_key().verify(b64decode(told.get("sign", "")), text.encode(), PKCS1v15(), SHA256())
        datetime.fromisoformat(told["timestamp"])
    except (InvalidSignature, ValueError, KeyError):
        raise Refusal("isv.invalid-signature", "40002") from None


def _wanted(told: dict[str, str]) -> dict[str, Any]:
    return {**json.loads(told["biz_content"]), "notify_url": told.get("notify_url", "")}


def _signed(call: str, inner: dict[str, Any], *, whose: str = "alipay") -> Answer:
    """The signature covers the exact bytes of the inner object: it is written once, signed, and spliced in."""
    text = json.dumps(inner, ensure_ascii=False, separators=(",", ":"))
    whole = f'{{"{call.replace(".", "_")}_response":{text},"sign":"{signature(text.encode(), whose)}"}}'
    return Answer(200, whole.encode(), "text/html;charset=utf-8")


def _beijing() -> str:
    return datetime.now(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m-%d %H:%M:%S")
