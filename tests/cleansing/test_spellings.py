import pyarrow as pa
import pytest

from cleansing.values.columns import Cleaner
from cleansing.values.han import simplified, surname_readings
from cleansing.values.registry import CLEANERS
from cleansing.values.spellings import from_cantonese, from_wade_giles, other_pinyins, surname_keys, wade_giles
from cleansing.values.tables import read_table

CANDIDATES = [CLEANERS[f"name_candidates.clean_{kind}"] for kind in ("name_readings", "surname_readings")]


@pytest.mark.parametrize(
    ("pinyin", "spelt"),
    [
        ("zhang", "chang"), ("chen", "chen"), ("huang", "huang"), ("xie", "hsieh"), ("zhou", "chou"), ("zeng", "tseng"),
        ("deng", "teng"), ("guo", "kuo"), ("luo", "lo"), ("zhuo", "cho"), ("xue", "hsueh"),
        ("shi", "shih"), ("xiong", "hsiung"), ("gao", "kao"), ("bai", "pai"), ("he", "ho"), ("yan", "yen"),
    ],
)  # fmt: skip
def test_a_syllable_is_spelt_as_in_taiwan(pinyin: str, spelt: str):
    assert wade_giles(pinyin) == spelt


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("cheung kwokwing", "zhang"), ("lee kaishing", "li"), ("leung chiuwai", "liang"), ("ng kingtai", "wu"),
        ("tsai yingwen", "cai"), ("hsieh changting", "xie"), ("kuo taiming", "guo"), ("tan kahkee", "chen"),
        ("szeto wah", "situ"), ("li xiaolong", "li"),
    ],
)  # fmt: skip
def test_a_spelling_from_elsewhere_leads_to_the_surname_meant(name: str, meant: str):
    assert meant in surname_keys(name)


def test_a_name_that_is_no_chinese_surname_has_no_key():
    assert surname_keys("smith john") == ()


@pytest.mark.parametrize(
    ("name", "read_otherwise"),
    [
        ("单雄信", "dan xiongxin"), ("仇英", "chou ying"), ("曾国藩", "ceng guofan"), ("张乐", "zhang yue"),
        ("李长春", "li zhangchun"), ("欧阳行", "ouyang hang"), ("朴树", "pu shu"), ("张柏", "zhang bo"),
    ],
)  # fmt: skip
def test_a_character_with_several_readings_proposes_them_all(name: str, read_otherwise: str):
    assert read_otherwise in other_pinyins(name)


def test_the_usual_reading_is_no_other_reading():
    assert other_pinyins("单雄信").count("shan xiongxin") == 0


@pytest.mark.parametrize(
    ("spelt", "meant"),
    [
        ("tsai yingwen", "cai yingwen"), ("hsu chihmo", "xu zhimo"), ("chiang chingkuo", "jiang jingguo"),
        ("kuo taiming", "guo taiming"), ("chang hsuehliang", "zhang xueliang"), ("ouyang hsiu", "ouyang xiu"),
    ],
)  # fmt: skip
def test_a_name_spelt_as_in_taiwan_is_led_back_to_pinyin(spelt: str, meant: str):
    assert meant in from_wade_giles(spelt)


def test_a_name_in_pinyin_or_of_elsewhere_is_not_led_back():
    assert [from_wade_giles(name) for name in ("zhang xiaoming", "john smith", "xu")] == [(), (), ()]


@pytest.mark.parametrize(
    ("spelt", "chinese"),
    [
        ("CHAN Tai Man", "陳大文"), ("Chan Tai-man", "陳大文"), ("WONG Ka Yan", "黃嘉欣"), ("LEE Siu Lung", "李小龍"),
        ("TSANG Kwok Fan", "曾國藩"), ("CHEUNG Kwok Wing", "張國榮"), ("LAU Tak Wah", "劉德華"),
        ("LEUNG Chiu Wai", "梁朝偉"), ("KWOK Fu Shing", "郭富城"), ("CHOW Yun Fat", "周潤發"),
        ("AU YEUNG Chun Ho", "歐陽俊豪"), ("HO Hung San", "何鴻燊"),
        ("TANG Wing Yan", "鄧詠欣"), ("NG Ka Ho", "吳家豪"), ("CHENG Siu Ling", "鄭小玲"),
    ],
)  # fmt: skip
def test_a_name_spelt_as_in_hong_kong_meets_its_characters(spelt: str, chinese: str):
    readings = (CANDIDATES[0].read(spelt).value or "").split("|")
    assert CLEANERS["names.clean_name_pinyin"].read(chinese).value in readings


def test_a_name_in_pinyin_is_not_taken_for_one_of_hong_kong():
    assert [from_cantonese(name) for name in ("wang wei", "ma lihong", "chan", "john smith")] == [(), (), (), ()]


@pytest.mark.parametrize(
    ("name", "surnames"),
    [
        ("单雄信", "shan|dan|"), ("CHEUNG Kwok Wing", "zhang|"), ("Kwok Wing CHEUNG", "zhang|"),
        ("Wei Zhang", "zhang|"), ("欧阳靖", "ouyang|"), ("司徒華", "situ|"), ("SZETO Wah", "situ|"),
        ("AU YEUNG Na Na", "ouyang|na|"), ("John Smith", None), ("中国工商银行", None),
    ],
)  # fmt: skip
def test_surnames_a_name_may_begin_with(name: str, surnames: str | None):
    assert CANDIDATES[1].read(name).value == surnames


@pytest.mark.parametrize("cleaner", CANDIDATES, ids=["readings", "surnames"])
def test_a_column_of_names_has_the_readings_of_its_names(cleaner: Cleaner):
    read_otherwise = [
        character for _, characters in read_table("other_readings") for character in simplified(characters)
    ]
    surnames = list(surname_readings())
    names = [
        surnames[at % len(surnames)] + character + read_otherwise[-at] * (at % 2)
        for at, character in enumerate(read_otherwise)
    ]
    cleaned = cleaner.clean(pa.array(names))
    assert cleaned.values.to_pylist() == [cleaner.read(name).value for name in names]
    assert cleaned.values.null_count < len(names)
