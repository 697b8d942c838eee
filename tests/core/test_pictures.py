"""Pictures from strangers: only pictures come in, only the picture is kept."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from core.errors import Refused
from core.pictures import LONGEST, drawn_anew
from tests.shop.claims.claiming import photo


def _png(width: int, height: int) -> bytes:
    """A PNG's head of this size with next to nothing behind it: what a bomb looks like."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


def _with_place() -> bytes:
    """A photo taken with the camera turned, which says where."""
    out, exif = BytesIO(), Image.Exif()
    exif[0x0112] = 6  # turned a quarter
    exif[0x010F] = "HUAWEI"
    exif.get_ifd(0x8825)[1] = "N"
    Image.new("RGB", (80, 40), (200, 90, 40)).save(out, "JPEG", exif=exif, comment=b"13912345678")
    return out.getvalue()


def test_where_a_photo_was_taken_and_by_what_is_gone_and_it_stands_upright():
    data = _with_place()
    assert b"HUAWEI" in data
    drawn = drawn_anew(data)
    with Image.open(BytesIO(drawn)) as kept:
        assert (kept.format, kept.size, dict(kept.getexif())) == ("JPEG", (40, 80), {})
        assert set(kept.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert b"HUAWEI" not in drawn
    assert b"13912345678" not in drawn


def test_what_hides_behind_a_picture_is_gone():
    drawn = drawn_anew(photo() + b"<script>alert(1)</script><?php system($_GET[0]); ?>")
    assert b"script" not in drawn
    assert b"php" not in drawn


@pytest.mark.parametrize(
    ("kind", "mode"), [("JPEG", "RGB"), ("JPEG", "CMYK"), ("JPEG", "L"), ("PNG", "RGBA"), ("PNG", "I;16"), ("PNG", "P"), ("WEBP", "RGBA")]
)
def test_every_kind_of_photo_comes_out_as_a_plain_one(kind, mode):
    with Image.open(BytesIO(drawn_anew(photo(kind=kind, mode=mode)))) as kept:
        assert (kept.format, kept.mode, kept.size) == ("JPEG", "RGB", (60, 40))


def test_a_large_photo_is_made_small():
    with Image.open(BytesIO(drawn_anew(photo(size=(4000, 3000))))) as kept:
        assert kept.size == (LONGEST, LONGEST * 3 // 4)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"<html><script>alert(1)</script></html>", b"<?php echo 1; ?>", b"\xff\xd8\xff" + b"x" * 99, b"%PDF-1.7", photo()[:300],
        b"SIMPLE  =                    T", b"8BPS\x00\x01", b"%!PS-Adobe-3.0 EPSF-3.0", b"\x00\x00\x00\x18ftypheic", photo(kind="GIF"),
        photo(kind="TIFF"), photo(kind="BMP"), _png(10_000, 10_000), _png(60_000, 60_000), b"\x89PNG" * 3_000_000,
    ],
    ids=["nothing", "html", "php", "a head alone", "pdf", "half", "fits", "psd", "eps", "heic", "gif", "tiff", "bmp", "bomb", "huge", "12 MB"],
)  # fmt: skip
def test_what_is_no_photo_or_a_bomb_is_refused_at_its_field(data):
    with pytest.raises(Refused) as wrong:
        drawn_anew(data)
    assert wrong.value.more == {"field": "photos"}
