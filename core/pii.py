"""Personal data: sealed per field, found by a blind index, masked by default.

AES-256-GCM with a random 96-bit nonce; the associated data is the field's context (`table.column:row code`), so a
value moved to another row does not open. Phones are looked up by an HMAC under another key. Keys are derived from the
root secret by HKDF; the key id prefix lets two generations live side by side during rotation.
"""

import hmac
import os
import re
import unicodedata
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache
from hashlib import sha256

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.errors import Refused
from core.settings import settings

KEY_ID = "k1"
_PHONE, _ID, _CARD = r"1[3-9]\d{9}", r"[1-9]\d{16}[\dXx]", r"[3-69]\d{3}(?:[ -]?\d{4}){3}(?:[ -]?\d{1,3})?"
OPEN_NUMBER = re.compile(rf"(?<![0-9A-Za-z_\-])(?:(?P<phone>{_PHONE})|(?P<id>{_ID})|(?P<card>{_CARD}))(?![0-9A-Za-z_\-])", re.ASCII)
ID_WEIGHTS, ID_CHECKS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), "10X98765432"  # GB 11643-1999


@lru_cache(maxsize=32)
def _derive(secret: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=f"jishi:{purpose}".encode()).derive(secret)


def derived_key(purpose: str) -> bytes:
    """A 256-bit key for one purpose (sessions, links, sandbox notices …), derived from the root secret."""
    return _derive(settings.secret(), purpose)


@lru_cache(maxsize=4)
def _box(key: bytes) -> AESGCM:
    return AESGCM(key)


def seal(plain: str, context: str) -> str:
    """Encrypt a field; `context` names table, column and row (`orders.phone:JS…`)."""
    nonce = os.urandom(12)
    box = _box(derived_key("pii")).encrypt(nonce, plain.encode(), context.encode())
    return f"{KEY_ID}.{urlsafe_b64encode(nonce + box).decode()}"


def unseal(sealed: str, context: str) -> str:
    """Open a sealed field. Raises cryptography's InvalidTag when it was tampered with or moved."""
    raw = urlsafe_b64decode(sealed.partition(".")[2])
    return _box(derived_key("pii")).decrypt(raw[:12], raw[12:], context.encode()).decode()


def blind_index(text: str) -> str:
    """A stable fingerprint to look a value up by, useless without the key."""
    return hmac.new(derived_key("blind"), text.encode(), sha256).hexdigest()[:40]


def normalise_phone(text: str) -> str:
    """A mainland mobile number as 11 digits. Accepts 86 before it, spaces, dashes and full-width digits; refuses anything else."""
    digits = re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", text))
    digits = re.sub(r"^(\+|00)?86(?=1\d{10}$)", "", digits)
    if not re.fullmatch(r"1[3-9][0-9]{9}", digits):
        raise Refused("手机号是 1 开头的 11 位数字", field="phone")
    return digits


def mask_phone(phone: str) -> str:
    """`13911112222` → `139****2222`."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) == 11 else "****"


def mask_numbers(text: str) -> str:
    """Every full mobile, ID and bank card number in a text masked: for words that others read or that history keeps.

    An ID or card number is one by its check digit, so that most other long numbers stay readable.
    """
    return OPEN_NUMBER.sub(_masked, text)


def _masked(found: re.Match[str]) -> str:
    number = found[0]
    if found["phone"]:
        return mask_phone(number)
    digits = re.sub(r"[ -]", "", number)
    if is_id_number(digits) or is_card_number(digits):
        return f"{digits[:4]}{'*' * (len(digits) - 8)}{digits[-4:]}"
    return number


def is_id_number(digits: str) -> bool:
    """Whether 18 characters are a resident's number by their check character."""
    return len(digits) == 18 and ID_CHECKS[sum(w * int(d) for w, d in zip(ID_WEIGHTS, digits, strict=False)) % 11] == digits[-1].upper()


def is_card_number(digits: str) -> bool:
    """Whether 16 to 19 digits are a bank card's by the Luhn sum."""
    if not 16 <= len(digits) <= 19 or not digits.isdigit():
        return False
    doubled = [2 * int(d) for d in digits[-2::-2]]
    return (sum(map(int, digits[-1::-2])) + sum(d - 9 if d > 9 else d for d in doubled)) % 10 == 0


def mask_name(name: str) -> str:
    """`王小明` → `王**`: at least one character is always hidden."""
    return f"{name[:1]}{'*' * max(1, len(name) - 1)}" if len(name) > 1 else "*"


def mask_address(detail: str) -> str:
    """The road and number without building, unit and room: cut before the first 幢栋座单元室楼号 with digits after the house number."""
    cut = re.split(r"(?<=号)\s*|\s+(?=\d+\s*[幢栋座])|\d+\s*(?:幢|栋|座|单元|楼|层|室)", detail, maxsplit=1)[0].strip()
    return f"{cut[: max(0, min(len(cut), len(detail) - 1))]}***"
