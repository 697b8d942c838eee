"""Stops are found as people say them."""

import pytest

from fulfillment.timetable.stops import Stop, change_walks, find_stops, nearby, plain, walk


def stop(n: int, name: str, kind: str = "station", township: str = "大佳何镇", lat: float | None = None, *, called: bool = True) -> Stop:
    return Stop(n, f"s{n}", name, kind, township, lat, 121.5, called)


STOPS = [
    stop(1, "宁海县级共配中心", "hub", "桃源街道"), stop(2, "葛家驿站"), stop(3, "葛家山驿站"), stop(4, "大佳何驿站", "township"), stop(5, "上葛家驿站"),
    stop(6, "团联驿站"), stop(7, "长街驿站", "township", "长街镇"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        ("葛家村", ["s2"]), ("葛家", ["s2"]), ("葛家驿站", ["s2"]), (" 葛 家 村 ", ["s2"]), ("葛家山", ["s3"]), ("大佳何镇", ["s4"]), ("大佳何", ["s4"]),
        ("县城", ["s1"]), ("宁海", ["s1"]), ("宁海县", ["s1"]), ("上葛", ["s5"]), ("家", ["s2", "s3", "s5"]), ("长街镇", ["s7"]), ("长", ["s7"]),
        ("没有的地方", []), ("", []), ("村", []), ("%' OR 1=1", []), ("🚌" * 500, []),
    ],
)  # fmt: skip
def test_a_stop_is_found_by_its_village_its_own_name_or_its_township(said: str, codes: list[str]) -> None:
    assert [s.code for s in find_stops(STOPS, said, "宁海")] == codes


def test_a_name_that_is_nothing_but_a_kind_of_place_stays() -> None:
    assert (plain("驿站"), plain("葛家村驿站"), plain("花鸟码头")) == ("驿站", "葛家", "花鸟码头")


def test_where_no_bus_stops_the_nearest_stops_are_told_with_the_walk() -> None:
    here = stop(1, "山上村", lat=29.300, called=False)
    others = [
        stop(2, "远驿站", lat=29.330),
        stop(3, "近驿站", lat=29.305),
        stop(4, "没车驿站", lat=29.301, called=False),
        stop(5, "不知驿站"),
    ]
    (near,) = nearby([here, *others], here)
    assert (near.stop.name, near.minutes) == ("近驿站", 10)  # 557 m in a straight line
    assert walk(here, others[0]) is None
    assert walk(here, others[3]) is None


def test_people_change_between_a_pier_and_the_station_above_it() -> None:
    pier, station, far = stop(1, "花鸟码头", "pier", lat=30.852), stop(2, "花鸟驿站", lat=30.856), stop(3, "远驿站", lat=30.9)
    walks = change_walks([pier, station, far])
    assert walks == {"s1": [("s2", 8)], "s2": [("s1", 8)]}
