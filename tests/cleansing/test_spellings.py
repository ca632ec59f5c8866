import pytest

from cleansing.values.spellings import other_pinyins, surname_keys, wade_giles


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
