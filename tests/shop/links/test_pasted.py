import pytest

from shop.links.pasted import read_pasted

PROVINCES = ("浙江省", "上海市", "北京市", "江苏省", "广西壮族自治区", "内蒙古自治区")


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("王小满 13800000000 浙江省杭州市西湖区文一路 1 号", ("王小满", "13800000000", "浙江省", "杭州市", "西湖区", "文一路 1 号")),
        ("北京市朝阳区建国路1号 2幢 王小满", ("王小满", "", "北京市", "北京市", "朝阳区", "建国路1号 2幢")),
        ("上海徐汇区天平路7号", ("", "", "上海市", "上海市", "徐汇区", "天平路7号")),
        ("上海市上海市徐汇区天平路7号", ("", "", "上海市", "上海市", "徐汇区", "天平路7号")),
        (
            "收货人: 李四\n手机号码: +86 138-0000-0000\n所在地区: 江苏省 南京市 玄武区\n详细地址: 中山路 1 号",
            ("李四", "13800000000", "江苏省", "南京市", "玄武区", "中山路 1 号"),
        ),
        ("阿不都·热依木，广西南宁市青秀区民族大道1号", ("阿不都·热依木", "", "广西壮族自治区", "南宁市", "青秀区", "民族大道1号")),
        ("王", ("王", "", "", "", "", "")),
        ("", ("", "", "", "", "", "")),
    ],
)
def test_a_pasted_address_is_read_into_its_parts(typed: str, read: tuple[str, ...]) -> None:
    assert read_pasted(typed, PROVINCES) == read


def test_what_cannot_be_read_is_kept_for_the_buyer_and_nothing_is_guessed() -> None:
    assert read_pasted("<script>alert(1)</script> 火星", PROVINCES).detail == "<script>alert(1)</script> 火星"
    assert read_pasted("1" * 400, PROVINCES).province == ""
