"""Cut the second face of the labels: the characters of people's names that `jishi-sans-400.ttf` lacks. Needs fonttools.

    apt-get install fonts-noto-cjk unicode-data
    python scripts/cut_rare_face.py CJK_FONTS UNIHAN

`static/fonts/jishi-rare-400.ttf.gz`: Noto Sans CJK SC Regular (SIL Open Font License 1.1), the rest of 《通用规范汉字表》 as the
Unihan database lists it (kTGH) and a few characters of names beyond it. CJK_FONTS holds NotoSansCJK-Regular.ttc, UNIHAN
Unihan_OtherMappings.txt.bz2. On a coarse grid of 512, so that most steps of an outline are one byte,
and packed: it is opened for the one label in a thousand that needs it. A printer sees no difference.
"""

import bz2
import gzip
import sys
from io import BytesIO
from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

ROOT = Path(__file__).parent.parent
FACE = ROOT / "static" / "fonts" / "jishi-sans-400.ttf"
SIMPLIFIED = 2  # the face of a Noto CJK collection drawn for simplified Chinese
GRID, COARSE = 512, 2.2
BEYOND = "𠮷𪧘㛃䶮℃"


def listed(unihan: Path) -> set[int]:
    """The 8,105 characters (and one read twice) of the table."""
    with bz2.open(unihan, "rt", encoding="utf-8") as lines:
        return {int(line.split("\t")[0][2:], 16) for line in lines if "\tkTGH\t" in line}


def draw(source: TTFont, points: list[int]) -> FontBuilder:
    """A TrueType font of these characters, cubic outlines made quadratic within so much of the grid."""
    names, glyphs = source.getBestCmap(), source.getGlyphSet()
    scale = GRID / source["head"].unitsPerEm
    drawn, widths, cmap = {".notdef": TTGlyphPen(None).glyph()}, {".notdef": GRID}, {}
    for point in points:
        pen = TTGlyphPen(None)
        glyphs[names[point]].draw(TransformPen(Cu2QuPen(pen, COARSE, reverse_direction=True), (scale, 0, 0, scale, 0, 0)))
        name = f"u{point:X}"
        drawn[name], cmap[point] = pen.glyph(), name
        widths[name] = round(source["hmtx"].metrics[names[point]][0] * scale)
    made = FontBuilder(GRID, isTTF=True)
    made.setupGlyphOrder(list(drawn))
    made.setupCharacterMap(cmap)
    made.setupGlyf(drawn)
    made.setupHorizontalMetrics({name: (width, getattr(drawn[name], "xMin", 0)) for name, width in widths.items()})
    made.setupHorizontalHeader(ascent=round(0.88 * GRID), descent=round(-0.12 * GRID))
    made.setupOS2(sTypoAscender=round(0.88 * GRID), sTypoDescender=round(-0.12 * GRID))
    rights = {"copyright": source["name"].getDebugName(0), "licenseDescription": source["name"].getDebugName(13)}
    made.setupNameTable({"familyName": "Jishi Rare", "styleName": "Regular", "psName": "JishiRare-Regular", **rights}, mac=False)
    made.setupPost(keepGlyphNames=False)
    return made


def main(collections: Path, unihan: Path) -> None:
    source = TTFont(collections / "NotoSansCJK-Regular.ttc", fontNumber=SIMPLIFIED)
    wanted = (listed(unihan) | {ord(letter) for letter in BEYOND}) - set(TTFont(FACE).getBestCmap())
    made = draw(source, sorted(wanted & set(source.getBestCmap())))
    held = BytesIO()
    made.save(held)
    (ROOT / "static" / "fonts" / "jishi-rare-400.ttf.gz").write_bytes(gzip.compress(held.getvalue(), mtime=0))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
