"""A small county catalogue to search in."""

from dataclasses import replace

from shop.search.engine import Document

ROWS = (  # id, name, category, station, station name, township, price, months, storage, sales, story
    ("P01", "竹林水磨年糕", "糕点", "nh-zhulin", "竹林驿站", "黄坛镇", 4500, (11, 12, 1, 2), "chilled", 90, "晚粳米水磨"),
    ("P02", "竹林年糕礼盒", "糕点", "nh-zhulin", "竹林驿站", "黄坛镇", 6800, (11, 12, 1, 2), "chilled", 40, "节令礼盒"),
    ("P03", "南庄即食虾干", "海产干货", "nh-nanzhuang", "南庄驿站", "一市镇", 5900, tuple(range(1, 13)), "ambient", 120, "小白虾晒制"),
    ("P04", "南庄淡干虾皮", "海产干货", "nh-nanzhuang", "南庄驿站", "一市镇", 3900, tuple(range(1, 13)), "ambient", 70, "头茬晒制"),
    ("P05", "西翁手工麻糍", "糕点", "nh-xiweng", "西翁驿站", "深甽镇", 3200, (12, 1, 2, 3, 4), "chilled", 55, "糯米捶打"),
    ("P06", "宁海白枇杷", "水果", "nh-yishi", "一市驿站", "一市镇", 9800, (5, 6), "chilled", 200, "肉白味甜"),
    ("P07", "长街西瓜", "水果", "nh-changjie", "长街驿站", "长街镇", 5600, (6, 7, 8), "ambient", 150, "沙地种植"),
    ("P08", "葛家桂花茶礼盒", "茶饮", "nh-gejia", "葛家驿站", "大佳何镇", 6800, (9, 10, 11, 12), "ambient", 30, "老桂树秋季采花"),
    ("P09", "宁海龙井茶", "茶饮", "nh-gejia", "葛家驿站", "大佳何镇", 12800, tuple(range(1, 13)), "ambient", 65, "明前手炒"),
    ("P10", "大佳何高山西红柿", "蔬菜", "nh-gejia", "葛家驿站", "大佳何镇", 3600, (6, 7, 8, 9), "ambient", 12, "高山露地"),
    ("P11", "西店牡蛎", "鲜活水产", "nh-xidian", "西店驿站", "西店镇", 8800, (10, 11, 12, 1, 2, 3), "live", 80, "滩涂养殖"),
    ("P12", "南溪温泉土鸡蛋", "禽蛋", "nh-nanxi", "南溪驿站", "深甽镇", 6600, tuple(range(1, 13)), "ambient", 95, "林下散养"),
    ("P13", "双峰香榧", "坚果", "nh-shuangfeng", "双峰驿站", "黄坛镇", 9900, (9, 10, 11, 12), "ambient", 25, "古树香榧"),
    ("P14", "宁海绿豆面", "粮油", "nh-nanxi", "南溪驿站", "深甽镇", 1800, tuple(range(1, 13)), "ambient", 5, "手工漏粉"),
)


def catalogue() -> list[Document]:
    return [
        Document(
            id=id,
            tenant=1,
            name=name,
            category=category,
            station=station,
            station_name=station_name,
            township=township,
            story=story,
            spec="500g",
            price_fen=price,
            sellable=id != "P14",
            months=months,
            storage=storage,
            sales=sales,
            created_ts=1_760_000_000 + int(id[1:]) * 86_400,
            version=1,
        )
        for id, name, category, station, station_name, township, price, months, storage, sales, story in ROWS
    ]


def neighbour() -> Document:
    """A product of another county, which must never be found from ours."""
    return replace(catalogue()[0], id="Q01", tenant=2, name="嵊泗年糕")
