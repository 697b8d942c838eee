"""Cut the product's two font files. Needs fonttools[woff]; the sources are all under the SIL Open Font License 1.1.

    npm pack @fontsource/noto-serif-sc @fontsource/noto-sans-sc          # unpack each beside the other
    python scripts/cut_fonts.py SERIF_PACKAGE SANS_PACKAGE CJK_FONTS [TEXT ...]

`static/fonts/jishi-song-700.woff2`: Noto Serif SC Bold for phones without a Song of their own and for seals: every character
of the county data, the pages and TEXT, then the most used ones (the package lists its slices from rare to common) until
the file is full. `static/fonts/jishi-sans-400.ttf`: Noto Sans SC Regular, all of the package's simplified Chinese, for PDF.
Characters that the packages lack (甽 of 深甽) are taken from CJK_FONTS, a folder with NotoSerifCJK-Bold.ttc and NotoSansCJK-Regular.ttc.
"""

import json
import re
import sys
from io import BytesIO
from pathlib import Path

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

ROOT = Path(__file__).parent.parent
WEB_BYTES = 790_000
SIMPLIFIED = 2  # the face of a Noto CJK collection drawn for simplified Chinese
READ = (
    "data/**/*.csv",
    "data/**/*.toml",
    "data/**/*.json",
    "templates/**/*.html",
    "core/**/*.py",
    "supply/**/*.py",
    "fulfillment/**/*.py",
    "shop/**/*.py",
)
ALWAYS = "0123456789¥.,:;%−–—·×→←＋－（）《》「」，。、；：？！…ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz集市驿站县卷印深甽岙塘"


def by_use(package: Path) -> list[set[int]]:
    """The slices of the package as code points, most used first."""
    listed = {
        int(key.strip("[]")): ranges for key, ranges in json.loads((package / "unicode.json").read_text()).items() if key.startswith("[")
    }
    found = []
    for key in sorted(listed, reverse=True):
        points: set[int] = set()
        for part in listed[key].replace("U+", "").split(","):
            first, _, last = part.partition("-")
            points.update(range(int(first, 16), int(last or first, 16) + 1))
        found.append(points)
    return found


def needed(texts: list[Path]) -> set[int]:
    """Every character that the product itself shows, and those of `texts`."""
    paths = [path for pattern in READ for path in ROOT.glob(pattern)] + texts
    return {ord(letter) for path in paths for letter in path.read_text(encoding="utf-8") if letter > "⺀"} | {
        ord(letter) for letter in ALWAYS
    }


def graft(font: TTFont, collection: Path, points: set[int]) -> None:
    """Draw what `font` lacks of `points` from the collection; cubic outlines become quadratic within half a unit."""
    source = TTFont(collection, fontNumber=SIMPLIFIED)
    glyphs, names = source.getGlyphSet(), source.getBestCmap()
    for point in sorted(points - set(font.getBestCmap())):
        if point not in names:
            continue
        pen = TTGlyphPen(None)
        glyphs[names[point]].draw(Cu2QuPen(pen, 0.5, reverse_direction=True))
        name = f"uni{point:04X}"
        font.setGlyphOrder([*font.getGlyphOrder(), name])
        font["glyf"].glyphs[name] = pen.glyph()
        font["hmtx"].metrics[name] = source["hmtx"].metrics[names[point]]
        if "vmtx" in font:
            font["vmtx"].metrics[name] = source["vmtx"].metrics[names[point]]
        for table in font["cmap"].tables:
            if table.isUnicode() and (point < 0x10000 or table.format == 12):
                table.cmap[point] = name


def cut(make: Path, collection: Path, kept: set[int], asked: set[int]) -> bytes:
    """The web font with `kept`, as woff2."""
    font = TTFont(make)
    graft(font, collection, asked)
    options = Options(layout_features=["kern", "vert", "vrt2"], name_IDs=[0, 13, 14], hinting=False, notdef_outline=True)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=kept)
    subsetter.subset(font)
    rename(font, "Jishi Song", "Bold")
    font.flavor = "woff2"
    held = BytesIO()
    font.save(held)
    return held.getvalue()


def rename(font: TTFont, family: str, style: str) -> None:
    """Its own family name; the copyright and licence records stay."""
    for number, words in ((1, family), (2, style), (4, f"{family} {style}"), (6, re.sub(r"\W", "", family) + "-" + style)):
        font["name"].setName(words, number, 3, 1, 0x409)


def main(serif: Path, sans: Path, collections: Path, texts: list[Path]) -> None:
    asked, slices = needed(texts), by_use(serif)
    make, collection = serif / "files/noto-serif-sc-chinese-simplified-700-normal.woff2", collections / "NotoSerifCJK-Bold.ttc"
    low, high, best = 0, len(slices), b""
    while low <= high:  # as many slices as fit
        middle = (low + high) // 2
        web = cut(make, collection, asked.union(*slices[:middle]), asked)
        print(middle, "slices", len(web), "bytes", flush=True)
        if len(web) > WEB_BYTES:
            high = middle - 1
        else:
            low, best = middle + 1, web
    (ROOT / "static/fonts/jishi-song-700.woff2").write_bytes(best)
    plain = TTFont(sans / "files/noto-sans-sc-chinese-simplified-400-normal.woff2")
    graft(plain, collections / "NotoSansCJK-Regular.ttc", asked)
    rename(plain, "Jishi Sans", "Regular")
    plain.flavor = None
    plain.save(ROOT / "static/fonts/jishi-sans-400.ttf")
    for package, name in ((serif, "song"), (sans, "sans")):
        (ROOT / f"static/fonts/jishi-{name}-LICENSE.txt").write_bytes((package / "LICENSE").read_bytes())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), [Path(name) for name in sys.argv[4:]])
