"""Synthetic produce for the search bench: deterministic, in the words of county shops, with the spread of real catalogues."""

import random
from collections.abc import Iterator

from shop.search.engine import Document

_PLACES = (
    "葛家 弘杨 黄坛 双峰 南庄 三门湾 西翁 深甽 南溪 竹林 宁海 一市 长街 "
    "胡陈 前童 西店 铁江 桑洲 望海 岔路 力洋 茶院 越溪 桃源 双林 大佳何 梅林 跃龙"
)
_MAKE = "手工 高山 古法 农家 即食 淡干 水磨 冷冻 有机 老灶 石磨 散养 露天 温泉 柴火 头茬 野生 精选 自晒 现挖"
_THINGS = {
    "水果": "白枇杷 蜜橘 红美人 西瓜 水蜜桃 草莓 蜜梨 杨梅 葡萄 柿子 猕猴桃 文旦 樱桃 李子",
    "蔬菜": "春笋 西红柿 土豆 番薯 芋艿 青菜 蚕豆 毛豆 茄子 萝卜 莲藕 南瓜",
    "茶饮": "桂花茶 龙井茶 白茶 绿茶 望府茶 野菊花茶 荷叶茶 红茶",
    "糕点": "麻糍 年糕 麦饼 麦糕 豆黄粉 青团 桂花糕 米馒头 汤圆 粽子",
    "海产干货": "虾干 虾皮 紫菜 咸蟹 鱼鲞 海带 墨鱼干 鳗鲞 淡菜",
    "鲜活水产": "青蟹 蛏子 血蛤 牡蛎 跳鱼 小白虾 鲈鱼 泥螺 望潮",
    "冷冻水产": "小黄鱼 带鱼 鲳鱼 鱿鱼 虾仁 鱼丸",
    "干货": "笋干 葛粉 香菇 木耳 梅干菜 霉豆腐 花生 芝麻",
    "坚果": "香榧 核桃 板栗 山核桃 瓜子",
    "豆制品": "香干 老豆腐 空心腐 豆腐皮 千张 腐竹",
    "禽蛋": "土鸡蛋 鸭蛋 鹅蛋 皮蛋 咸鸭蛋",
    "肉禽": "黑猪腊肉 土鸡 番鸭 腊肠 羊肉 酱肉",
    "粮油": "晚粳米 番薯面 菜籽油 糯米 山茶油 小米 薏米",
    "蜂蜜": "油菜花蜜 百花蜜 枇杷蜜 椴树蜜",
    "手工艺品": "虎头鞋 竹木摆件 剪纸 草编篮 布老虎 根雕",
    "竹制品": "竹编提篮 竹砧板 竹筷 竹椅 竹席",
}
_SPECS = "5斤装 3斤装 500g 250g罐装 1kg 礼盒 2kg 6枚礼盒 10斤 100g罐"
_STORY = (
    "老灶 柴火 慢熬 祖传 手艺 山泉 灌溉 村里 合作社 "
    "当天 采摘 清晨 现捞 海风 晾晒 不加 防腐剂 低温 慢烘 三代 师傅 小院 木桶 蒸制 梯田 滩涂 肥沃"
)
PLACES, MAKE, SPECS, STORY = (words.split() for words in (_PLACES, _MAKE, _SPECS, _STORY))
THINGS = {category: names.split() for category, names in _THINGS.items()}
STORAGES = ("ambient", "chilled", "frozen", "live")


def products(count: int, seed: int = 7) -> Iterator[Document]:
    rng = random.Random(seed)
    categories = list(THINGS)
    skewed = [1 / (i + 1) ** 0.6 for i in range(len(categories))]
    for number in range(count):
        category = rng.choices(categories, skewed)[0]
        place = rng.choice(PLACES)
        name = place + "".join(rng.sample(MAKE, rng.choice((0, 1, 1, 2)))) + rng.choice(THINGS[category])
        start = rng.randint(1, 12)
        yield Document(
            id=f"P{number:012d}",
            tenant=1,
            name=name + (rng.choice(("", "", "礼盒", "组合")) if len(name) < 9 else ""),
            category=category,
            station=f"nh-{PLACES.index(place):02d}",
            station_name=f"{place}驿站",
            township=f"{place}镇",
            story="".join(rng.sample(STORY, 5)),
            spec=rng.choice(SPECS),
            price_fen=rng.randint(500, 50_000),
            sellable=rng.random() < 0.85,
            months=tuple((start + i - 1) % 12 + 1 for i in range(rng.choice((3, 4, 6, 12)))),
            storage=rng.choice(STORAGES),
            sales=int(rng.paretovariate(0.7)) - 1,
            created_ts=1_700_000_000 + rng.randint(0, 30_000_000),
            version=1,
        )
