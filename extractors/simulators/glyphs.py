"""Characters Chinese names are made of, with their readings and the forms clerks and systems turn them into."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from extractors.simulators.streams import Ints

# Surnames in order of frequency; the shares (percent) of the first twenty are the published ones.
TOP_SHARES = (7.5, 7.4, 7.0, 5.3, 4.5, 3.1, 2.3, 2.2, 2.0, 1.9, 1.7, 1.6, 1.5, 1.4, 1.4, 1.3, 1.3, 1.2, 1.2, 1.2)
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付"
    "方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左"
    "柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳欧管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚"
    "娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐冀郁"
    "胥南班储原栗燕楚鄢劳谌奚皮粟冼蔺楼盘满闻位厉伊仝区郜海阚花权强帅屠豆朴盖练廉禹井祖漆巴丰支卿国狄平计索宣晋相初门云容敬来扈晁芮都普阙"
)
COMPOUND_SURNAMES = ("欧阳", "上官", "皇甫", "令狐", "诸葛", "司马", "司徒", "申屠", "夏侯", "尉迟", "公孙", "慕容", "长孙", "宇文")
COMPOUND_PERCENT = 0.09
SURNAME_READINGS = dict(
    zip("单仇解查区朴曾覃盖缪翟乐宁任冼尉盛都", "shan qiu xie zha ou piao zeng qin ge miao zhai yue ning ren xian yu sheng du".split(), strict=True)
)  # fmt: skip

NEUTRAL = (
    "文明华小永玉海春志晓国建金林平新云德成宇子家庆天龙光佳世俊安思红东亚立一清兴维学正君江宏忠荣山仁景良少利生泽瑞祥福宝忆书嘉景润怡乐可以"
    "之乔言希昕星宁辰煜诗逸睿卓然尔方心如青松田石阳月雪冬秋夏晨早向远博雅知礼信义廉诚谦恒元启承应长万千百九三双全满圆禾米来去本末"
)
MALE = (
    "伟强军勇杰涛超刚辉鹏斌波浩亮飞凯鑫磊峰健洋雷浩然子轩宇豪明旭航栋彬毅坤威帆翔震南武兵奇胜力雄锋权魁虎豹岩岳川泉河湖根树柱栓铁钢锁贵财发"
    "喜顺才富旺昌盛达通进取胜利战争援朝卫革跃进抗美建设卓霖晟昊天佑铭宸哲瀚皓烨炜焱骏骁骞驰骋腾跃冠群英豪杰俊彦贤圣尧舜禹汤周"
)
FEMALE = (
    "芳娜敏静丽艳娟霞秀英桂兰玲燕红梅萍丹婷雪慧颖琳莉洁琴云凤珍菊爱莲美娥香翠花巧淑惠珠素贞芝桃杏仙姣婵娇妮倩茜薇蕾蓉芬芸苗菲莹瑶琪璐"
    "琼瑛珊玥梓涵欣怡可馨语嫣梦琦若曦雨诗依诺紫萱晓雯思琪佳怡晶晶媛媛妍婉婧姝姗妙秋菊冬梅夏荷春兰银金环钗玉彩霞虹云霓露霜冰清"
)
RARE = "㛃𬭩䶮喆堃犇淼垚昇祎玥翀劼赟彧"
RARE_PERCENT = 0.3
TRADITIONAL = dict(
    tuple(pair)
    for pair in (
        "张張 刘劉 陈陳 杨楊 黄黃 赵趙 吴吳 孙孫 马馬 罗羅 郑鄭 谢謝 许許 韩韓 冯馮 邓鄧 肖蕭 董董 袁袁 蒋蔣 叶葉 苏蘇 吕呂 卢盧 钟鍾 谭譚 陆陸 贾賈 韦韋 "
        "邹鄒 闫閆 龙龍 贺賀 顾顧 龚龔 万萬 钱錢 严嚴 庞龐 颜顏 庄莊 聂聶 鲁魯 欧歐 关關 兰蘭 纪紀 毕畢 单單 涂塗 蓝藍 骆駱 鲍鮑 华華 饶饒 缪繆 简簡 车車 项項 连連 "
        "芦蘆 麦麥 娄婁 窦竇 党黨 宫宮 费費 卫衛 应應 闵閔 边邊 师師 栾欒 荣榮 丛叢 巩鞏 邝鄺 谈談 乐樂 储儲 劳勞 谌諶 蔺藺 楼樓 盘盤 满滿 闻聞 厉厲 权權 帅帥 "
        "汤湯 温溫 齐齊 晓曉 国國 庆慶 东東 亚亞 维維 学學 兴興 泽澤 宝寶 忆憶 书書 润潤 乔喬 诗詩 阳陽 远遠 礼禮 义義 诚誠 谦謙 启啟 长長 双雙 圆圓 来來 伟偉 强強 军軍 杰傑 "
        "涛濤 刚剛 辉輝 鹏鵬 飞飛 凯凱 亮亮 峰峯 航航 栋棟 胜勝 锋鋒 树樹 铁鐵 钢鋼 锁鎖 贵貴 财財 发發 顺順 达達 进進 战戰 争爭 跃躍 铭銘 烨燁 炜煒 骏駿 骁驍 骞騫 驰馳 骋騁 "
        "腾騰 贤賢 尧堯 静靜 丽麗 艳艷 娟娟 红紅 云雲 颖穎 洁潔 凤鳳 爱愛 莲蓮 娇嬌 芬芬 苏蘇 莹瑩 琼瓊 语語 梦夢 银銀 环環 钗釵 霁霽 宁寧 郝郝 龄齡 赟贇 祎禕 晋晉 鑫鑫 "
        "蒙蒙 阙闕 凌凌 冯馮 诸諸 慕慕 长長 尔爾 叶葉 伍伍 婵嬋 娅婭 蕴蘊 玮瑋 琏璉 瑶瑤 韵韻 毅毅 将將 卫衛 设設 术術"
    ).split()
)  # fmt: skip
SHAPE_SLIPS = dict(
    tuple(pair) for pair in
    "己已 未末 土士 天夫 大太 日曰 王玉 李季 刘列 候侯 侯候 茜西 昊吴 晨辰 玥钥 晟晨 宇字 梓辛 杨扬 汪江 江汪 徐除 陈阵 郑邓 邱丘 付傅 闫阎 肖萧 戴载 田由 干千 千干 子于 于干 "
    "丹舟 妹姝 姝妹 梅海 海梅 洁浩 浩洁 琪淇 瑞端 铭名 敏敬 敬敏 婷停 莹营 建健 健建 明朋 伟玮 飞弋 军车 林材 杰术 志忘 萍苹 苹萍 倩清 清倩 慧惠 惠慧".split()
)  # fmt: skip  # fmt: skip

MINORITY_GIVEN = (
    "阿卜杜拉 买买提 艾力 吐尔逊 阿依古丽 古丽娜尔 热依汗 迪丽努尔 帕提古丽 努尔江 艾尔肯 阿不都热合曼 玉素甫 依明 卡德尔 扎西 卓玛 次仁 央金 "
    "格桑 多吉 旺堆 拉姆 巴特尔 其其格 娜仁 乌云 萨仁 哈斯 苏合 古力米热 麦麦提敏 阿迪力 阿布都萨拉木 再努拜 祖丽胡马尔"
).split()
LATIN_FIRST = "JAMES JOHN MARY LINDA DAVID SOPHIE ANNA PETER HIROSHI YUKI MIN-JUN JI-WOO OLGA IVAN CARLOS MARIA AHMED FATIMA THOMAS ELENA".split()
LATIN_LAST = "SMITH JOHNSON BROWN MUELLER DUBOIS ROSSI TANAKA SUZUKI KIM PARK IVANOV PETROVA GARCIA SILVA KHAN SINGH NGUYEN WILSON LEE O'BRIEN".split()


@dataclass(frozen=True)
class Glyphs:
    """Distinct name parts with their other forms, all columns aligned; parts are surnames first, then characters."""

    text: pa.Array
    reading: pa.Array
    traditional: pa.Array
    slip: pa.Array
    first_given: int

    def index(self, characters: str) -> Ints:
        """Positions of given-name characters."""
        position = {part: at for at, part in enumerate(self.text.to_pylist()) if at >= self.first_given}
        return np.array([position[character] for character in characters], dtype=np.int64)


def surname_weights() -> NDArray[np.float64]:
    """Share of every surname in percent: the first hundred hold 86, compound ones 0.09."""
    hundred = np.linspace(1.9, 0.45, 80)
    hundred *= (86 - sum(TOP_SHARES)) / hundred.sum()
    tail = 1 / np.arange(8, 8 + len(dict.fromkeys(SURNAMES)) - 100)
    tail *= (100 - 86 - COMPOUND_PERCENT) / tail.sum()
    compound = np.full(len(COMPOUND_SURNAMES), COMPOUND_PERCENT / len(COMPOUND_SURNAMES))
    return np.concatenate([TOP_SHARES, hundred, tail, compound]) * 100


def distinct(characters: str) -> str:
    """Characters in order, each once."""
    return "".join(dict.fromkeys(characters))


@cache
def glyphs() -> Glyphs:
    """Every surname and given-name character."""
    surnames = [*distinct(SURNAMES), *COMPOUND_SURNAMES]
    given = list(distinct(NEUTRAL + MALE + FEMALE + RARE))
    parts = surnames + given
    readings = [_surname_reading(part) for part in surnames] + [_reading(part) for part in given]
    return Glyphs(
        text=pa.array(parts),
        reading=pa.array(readings),
        traditional=pa.array(["".join(TRADITIONAL.get(c, c) for c in part) for part in parts]),
        slip=pa.array([_slip(part, reading, given, readings[len(surnames) :]) for part, reading in zip(parts, readings, strict=True)]),
        first_given=len(surnames),
    )  # fmt: skip


def _slip(part: str, reading: str, given: Sequence[str], given_readings: Sequence[str]) -> str:
    """Another character that sounds the same, else one that looks alike, else the part itself."""
    alike = [c for c, other in zip(given, given_readings, strict=True) if other == reading and c != part]
    return alike[ord(part[0]) % len(alike)] if alike else SHAPE_SLIPS.get(part, part)


def _surname_reading(part: str) -> str:
    return SURNAME_READINGS.get(part) or _reading(part)


def _reading(part: str) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pypinyin import lazy_pinyin  # noqa: PLC0415 (slow to import; only names need it)
    return "".join(syllable for syllable in lazy_pinyin(part, errors="ignore")) or "x"
