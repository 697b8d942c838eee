"""A label holds what it must, however long its words are, in letters its face has."""

import io

from pypdf import PdfReader
from sqlmodel import Session

from fulfillment.consignments.faces import runs
from fulfillment.consignments.labels import GOODS_LINES, TIERS, Label, _goods, labels_pdf
from fulfillment.consignments.models import Consignment
from tests.county import SmallCounty
from tests.fulfillment.shipping import TO, packed


def short(words: str) -> bool:
    return len(words) <= 10


def label(session: Session, county: SmallCounty, **more: object) -> Label:
    parcel = packed(session, county)
    consignment = session.get_one(Consignment, parcel.consignment_id)
    told = {"station": "葛家驿站", "goods": ["番茄 5斤装 × 1"], "road": "坐 14:40 的 12 路班车到县城", "pieces": 1, **more}
    return Label(parcel=parcel, consignment=consignment, **told)  # type: ignore[arg-type]


def test_goods_are_broken_into_lines_and_what_is_left_out_is_counted() -> None:
    assert _goods(["一二三四五六七八九十甲乙", "短"], short) == ["一二三四五六七八九十", "甲乙", "短"]
    many = _goods([f"货 {n}" for n in range(9)], short)
    assert (len(many), many[-1]) == (GOODS_LINES, "……另有 4 样")
    assert _goods([f"货 {n}" for n in range(6)], short)[-1] == "货 5"


def test_the_face_has_the_letters_of_the_tiers() -> None:
    assert not [words for words in TIERS.values() if "℃" in words]


def test_a_label_is_100_by_150_mm_and_repeats_no_place(session: Session, county: SmallCounty) -> None:
    sheet = PdfReader(io.BytesIO(labels_pdf([label(session, county)]))).pages[0]
    assert [round(float(side) / 72 * 25.4) for side in (sheet.mediabox.width, sheet.mediabox.height)] == [100, 150]
    words = sheet.extract_text()
    assert "上海市徐汇区" in words
    assert "上海市上海市" not in words
    assert TO.phone not in words


def test_long_names_stay_on_the_label(session: Session, county: SmallCounty) -> None:
    found = label(session, county, station="很长的名字" * 8, goods=["四十个字的货名" * 6] * 9, road="坐车" * 40)
    reader = PdfReader(io.BytesIO(labels_pdf([found])))
    ends: list[float] = []

    def visit(text: str, _cm: list[float], tm: list[float], _font: object, size: float) -> None:
        if text.strip():
            ends.append(tm[4])

    words = reader.pages[0].extract_text(visitor_text=visit)
    assert "……另有" in words
    assert max(ends) < 283


def test_rare_names_are_printed_and_what_no_face_has_is_marked_missing(session: Session, county: SmallCounty) -> None:
    found = label(session, county, goods=["𠮷祥村淏奡骉米糕 🦄 × 1"])
    words = PdfReader(io.BytesIO(labels_pdf([found]))).pages[0].extract_text()
    assert "淏奡骉" in words
    assert "〓" in words
    assert [face for face, _ in runs("𠮷祥村淏奡骉米糕 🦄")] == ["jishi-rare", "jishi", "jishi-rare", "jishi"]


def test_every_character_of_the_general_table_has_a_face() -> None:
    third_level = "丨卬呔囝尪帡忞昕晢曈栐殳淏烜珰琎畯皞祎稑翙芃莙蕖蚆衎谞赟辿邘郾钘铘镈阇隺雱颀飏骉魟鳤鸤麇龢"
    assert {face for face, _ in runs(third_level)} <= {"jishi", "jishi-rare"}
    assert "〓" not in "".join(said for _, said in runs(third_level))


def test_the_label_bears_the_senders_seal_and_the_promises_stops(session: Session, county: SmallCounty) -> None:
    stops = [("05-20 14:40", "前下单"), ("05-20 15:10", "12 路班车"), ("05-20 17:40", "邮车"), ("05-22", "送达")]
    found = label(session, county, stops=stops)
    words = PdfReader(io.BytesIO(labels_pdf([found]))).pages[0].extract_text()
    assert all(when in words and word in words for when, word in stops)
    assert words.count("葛") == 2, "in the seal and in the name"
    assert "05-20 下单" in words
