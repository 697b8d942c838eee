"""Which plate shows a product. Every crop has one plate, drawn once and shared by all that sell it."""

from collections.abc import Callable
from functools import lru_cache

from .bamboo import BAMBOO
from .cakes import CAKES
from .cloth import CLOTH
from .crafts import CRAFTS
from .crustaceans import CRUSTACEANS
from .field import FIELD
from .fishes import FISHES
from .fruits import FRUITS
from .larder import LARDER
from .roots import ROOTS
from .shells import SHELLS

DRAWINGS: dict[str, Callable[[], str]] = {
    **FRUITS,
    **FIELD,
    **ROOTS,
    **CRUSTACEANS,
    **FISHES,
    **SHELLS,
    **CAKES,
    **LARDER,
    **BAMBOO,
    **CLOTH,
    **CRAFTS,
}

# A Chinese product name ends in what it is (桃源蜜梨 is a pear): the word that ends last decides, then the longer one.
WORDS: dict[str, str] = {
    "loquat": "枇杷",
    "orange": "蜜橘 橘子 柑橘 椪柑 橙 柑 桔",
    "mandarin": "红美人 美人",
    "pomelo": "文旦 柚",
    "tomato": "西红柿 番茄",
    "peach": "水蜜桃 蜜桃 黄桃 桃子 鲜桃 油桃",
    "plum": "李子 青梅 李 杏",
    "cherry": "樱桃",
    "melon": "西瓜",
    "sweet-melon": "甜瓜 香瓜 哈密瓜 脆瓜",
    "kiwi": "猕猴桃",
    "apple": "苹果",
    "jujube": "枣 红枣",
    "pear": "梨 蜜梨 翠冠",
    "strawberry": "草莓",
    "bayberry": "杨梅",
    "grapes": "葡萄 提子 桑葚",
    "persimmon": "柿 柿子 柿饼",
    "chestnut": "板栗 栗",
    "torreya": "香榧 榧 山核桃 核桃",
    "peanut": "花生",
    "tea": "茶 绿茶 红茶 白茶 茶叶 云雾",
    "osmanthus": "桂花茶 桂花 桂花糖",
    "rape-flower": "菜花",
    "potato": "土豆 马铃薯",
    "sweet-potato": "番薯 红薯 紫薯 地瓜",
    "bamboo-shoot": "春笋 冬笋 鲜笋 毛笋 雷笋 鞭笋 笋",
    "water-bamboo": "茭白 茭笋",
    "greens": "青菜 菜心 时蔬 菠菜 芥菜 芹菜 韭菜 生菜 雪菜 蔬菜 菜苔 紫菜苔 荠菜",
    "cabbage": "包心菜 卷心菜 白菜 甘蓝",
    "radish": "萝卜 白萝卜",
    "pumpkin": "南瓜 冬瓜 丝瓜 黄瓜 葫芦",
    "corn": "玉米",
    "pods": "毛豆 蚕豆 豌豆 四季豆 豇豆 豆角 鲜豆 青豆",
    "rice": "米 粳米 大米 稻米 糯米 新米 稻 谷",
    "mushroom": "香菇 蘑菇 菌菇 木耳 竹荪 菌 灵芝",
    "ginger": "姜 生姜 葛根 黄精",
    "garlic": "蒜 洋葱 百合",
    "taro": "芋艿 芋 奉芋 香芋 芋头 荸荠",
    "lotus": "藕 莲藕 莲子",
    "asparagus": "芦笋",
    "cane": "甘蔗",
    "shrimp": "虾 对虾 基围虾 明虾 红虾 拼盘 海鲜",
    "white-shrimp": "白虾",
    "dried-shrimp": "虾干 虾米 海米 开洋",
    "krill": "虾皮 虾籽",
    "crab": "青蟹 蟹 河蟹",
    "swimming-crab": "梭子蟹 白蟹 飞蟹",
    "salted-crab": "咸蟹 呛蟹 醉蟹",
    "croaker": "黄鱼 小黄鱼 梅鱼",
    "sea-fish": "鱼 鲈鱼 鲷鱼 石斑鱼 石斑 马鲛鱼 鲻鱼",
    "pomfret": "鲳鱼 鲳",
    "grass-fish": "鲫鱼 草鱼 溪鱼 鳙鱼 胖头鱼 淡水鱼",
    "dried-fish": "鱼干 鱼鲞 鲞 鳗鲞 溪鱼干 鱼片 鱼松 烤鱼",
    "mudskipper": "跳鱼 弹涂鱼 弹涂 望潮鱼",
    "ribbonfish": "带鱼 鳗鱼 鳗",
    "squid": "鱿鱼 鱿鱼干 墨鱼 乌贼 鱿鱼丝 目鱼",
    "octopus": "望潮 望潮干 章鱼",
    "clams": "血蛤 血蚶 蚶 蛤 蛤蜊 花蛤 海瓜子 毛蚶 蚬",
    "razors": "蛏 蛏子 蛏干",
    "oyster": "牡蛎 蛎黄 生蚝 蚝",
    "mussels": "贻贝 淡菜 贻贝干 淡菜干",
    "whelk": "螺 海螺 泥螺 香螺 辣螺 佛手 藤壶",
    "nori": "紫菜 苔条 苔菜 羊栖菜",
    "kelp": "海带 海带结 海带丝 裙带菜",
    "jelly": "海蜇 海蜇皮 海蜇头",
    "rice-cake": "年糕 年糕片 水磨年糕",
    "mochi": "麻糍 麻薯 糯米圆 饭团",
    "green-dumplings": "青团 汤圆 青麻糍",
    "pancakes": "麦饼 饼 煎饼",
    "steamer": "麦糕 馒头 包子 发糕 米馒头",
    "cakes": "糕 糕点 饼干 酥 豆酥糖 糖 麦芽糖 番薯糖 点心 月饼 炒米糖 油赞子 麻花",
    "chips": "番薯干 番薯枣 地瓜干 果脯",
    "dried-shoots": "笋干 笋丝",
    "flour": "葛粉 粉 番薯粉 玉米粉 水磨粉 藕粉 盐 海盐",
    "bean-flour": "豆黄粉 豆粉",
    "beans": "豆 黄豆 黑豆 绿豆 赤豆 杂粮 小米",
    "resin": "桃胶",
    "wine-rice": "酒酿 米酒酿",
    "noodles": "番薯面 粉丝 粉条 粉皮 粉干 番薯粉丝 番薯粉皮 面条 面",
    "white-noodles": "索面 挂面 米面 鱼面 米线",
    "tofu": "豆腐 老豆腐 嫩豆腐",
    "tofu-puffs": "空心腐 油豆腐 豆泡",
    "dried-tofu": "香干 豆腐干 豆干",
    "tofu-skin": "豆腐皮 腐竹 腐皮 千张",
    "eggs": "蛋 鸡蛋 土鸡蛋 温泉蛋",
    "duck-eggs": "鸭蛋 海鸭蛋 咸鸭蛋 鹅蛋 白鹅蛋 皮蛋",
    "honey": "蜜 蜂蜜 土蜂蜜 花蜜",
    "jar": "酱 腐乳 咸菜 榨菜 泡菜 酱油豆 醋 酱油 辣酱 糟",
    "wine": "酒 米酒 黄酒 杨梅酒 白酒",
    "bottle": "油 菜籽油 山茶油 茶油 花生油",
    "cured-pork": "腊肉 猪肉 肉 酱肉 火腿 香肠 腊肠 羊肉 牛肉",
    "hen": "鸡 土鸡 老母鸡 香鸡 鸭 鹅",
    "dark-tray": "霉干菜 梅干菜 菜干",
    "pale-tray": "萝卜丝干 萝卜干 萝卜丝",
    "gold-tray": "黄花菜 菊花 金银花 陈皮 柿干",
    "round-tray": "果干 枸杞 蜜饯",
    "tray": "干货 山货",
    "basket": "提篮 竹篮 竹编 篮",
    "woven-tray": "竹匾 竹席 竹筛 簸箕",
    "board": "砧板 竹板 菜板",
    "tea-board": "竹茶盘 茶盘 茶具 紫砂",
    "chopsticks": "竹筷 筷",
    "bamboo-tubes": "竹筒 竹杯 笔筒",
    "tiger-shoe": "虎头鞋 布艺小老虎 小老虎 布鞋 鞋 布老虎 虎头帽",
    "ornament": "摆件 木雕 竹雕 根雕 泥塑 木作",
    "knot": "绳结 绳结挂件 挂件 香囊 手链 渔网",
    "boat": "船模 船",
    "cup": "陶杯 黑陶杯 陶 瓷 碗",
    "straw-hat": "草编帽 草帽 草编 草鞋",
    "comb": "桃木梳 木梳 梳",
    "painted-stone": "石头画 石画 拓片 元宝石 贝雕 剪纸",
    "postcards": "明信片 版画 画 书签",
    "quilt": "棉花被 棉被 被 土布 蓝印花布",
    "shell-chime": "贝壳风铃 风铃 贝壳",
}
CROP_OF_WORD: dict[str, str] = {word: crop for crop, words in WORDS.items() for word in words.split()}
CROP_OF_CATEGORY: dict[str, str] = {
    "手工艺品": "ornament",
    "茶饮": "tea",
    "蔬菜": "greens",
    "竹制品": "basket",
    "干货": "tray",
    "坚果": "chestnut",
    "海产干货": "dried-fish",
    "鲜活水产": "clams",
    "冷冻水产": "sea-fish",
    "糕点": "cakes",
    "粮油": "rice",
    "禽蛋": "eggs",
    "水果": "orange",
    "豆制品": "tofu",
    "蜂蜜": "honey",
    "肉禽": "cured-pork",
}
UNKNOWN = "basket"


@lru_cache(maxsize=4000)
def crop_of(category: str, name: str) -> str:
    """The crop whose plate shows this product: by the words of its name, else by its category."""
    found = [(name.rindex(word) + len(word), len(word), crop) for word, crop in CROP_OF_WORD.items() if word in name]
    return max(found)[2] if found else CROP_OF_CATEGORY.get(category, UNKNOWN)


@lru_cache(maxsize=len(DRAWINGS))
def crop_svg(crop: str) -> str:
    """The plate of one crop, a whole SVG file of at most 40 kB. Raises KeyError for a crop that is not in DRAWINGS."""
    return DRAWINGS[crop]()


def plate_svg(category: str, name: str) -> str:
    """The plate of a product; the same one for every product of the same crop."""
    return crop_svg(crop_of(category, name))
