"""Pictures from strangers: known by what is in them, small before they are opened, drawn anew, with nothing of theirs kept.

A child process of little memory opens them, so that a bomb ends the child. What comes out is a JPEG of at most `LONGEST` on its longer
side, turned the way it was held, without EXIF, colour profile, comment or anything hidden behind the picture.
"""

import subprocess
import sys
import warnings
from io import BytesIO

from core.errors import Refused
from core.i18n import gettext as _
from core.settings import ROOT

LARGEST = 10_000_000  # bytes of one picture
PIXELS = 25_000_000
LONGEST = 1600
QUALITY = 82
MEMORY = 512 * 1024 * 1024
SECONDS = 20
FORMATS = ("JPEG", "PNG", "WEBP")
TOO_LARGE, UNKNOWN = 3, 4


def drawn_anew(data: bytes, *, field: str = "photos") -> bytes:
    """The picture as a clean JPEG. Raises Refused with the field's name: too large, or no picture that we know."""
    if not data:
        raise Refused(_("照片是空的，请重新选一张"), field=field)
    if len(data) > LARGEST:
        raise Refused(_("一张照片最多 10 MB，请重新选一张"), field=field)
    command = [sys.executable, "-m", "core.pictures"]
    try:
        done = subprocess.run(command, input=data, capture_output=True, cwd=ROOT, timeout=SECONDS)  # noqa: S603 - our own module
    except subprocess.TimeoutExpired as slow:
        raise Refused(_("这张照片打不开，请重新拍一张"), field=field) from slow
    if done.returncode == TOO_LARGE:
        raise Refused(_("照片太大了，请用手机自带的相机重新拍一张"), field=field)
    if done.returncode or not done.stdout:
        raise Refused(_("这不是照片，或者格式不认识；请用 JPG、PNG 或 WEBP"), field=field)
    return done.stdout


def draw(data: bytes) -> bytes:
    """In the child: open, turn, shrink, drop everything but the picture. Raises what Pillow raises."""
    from PIL import Image, ImageOps  # the child's alone

    Image.MAX_IMAGE_PIXELS = PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    with Image.open(BytesIO(data), formats=FORMATS) as opened:
        if opened.width * opened.height > PIXELS:
            raise Image.DecompressionBombError
        opened.draft("RGB", (LONGEST, LONGEST))
        turned = ImageOps.exif_transpose(opened)
        turned.thumbnail((LONGEST, LONGEST))
        if turned.mode in ("RGBA", "LA", "PA", "P"):  # what shines through is white
            layered = turned.convert("RGBA")
            plain = Image.new("RGB", layered.size, "white")
            plain.paste(layered, mask=layered.getchannel("A"))
        elif turned.mode.startswith("I"):  # sixteen bits of grey
            plain = turned.point(lambda level: level / 256).convert("RGB")
        else:
            plain = turned.convert("RGB")
        out = BytesIO()
        Image.frombytes("RGB", plain.size, plain.tobytes()).save(out, "JPEG", quality=QUALITY, optimize=True)
        return out.getvalue()


def _child() -> int:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        sys.stdout.buffer.write(draw(sys.stdin.buffer.read()))
    except Exception as wrong:
        return TOO_LARGE if type(wrong).__name__.startswith("DecompressionBomb") or isinstance(wrong, MemoryError) else UNKNOWN
    return 0


if __name__ == "__main__":
    sys.exit(_child())
