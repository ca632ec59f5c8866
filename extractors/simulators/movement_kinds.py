"""What moves money on an account: codes, wordings, channels, and how much is usual."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from extractors.simulators.streams import Ints, draw
from extractors.simulators.texts import pick, put

# code, memo, sign, channel, weight among the others, percent of SPENDING that is usual, cents it is whole in
KINDS = (
    ("SAL", "代发工资", 1, "SYS", 0, 0, 1), ("BIL", "水电燃气费", -1, "SYS", 0, 0, 1),
    ("CSM", "快捷支付消费", -1, "APP", 50, 100, 1), ("TRO", "转账汇出", -1, "APP", 16, 1500, 10_000),
    ("TRI", "转账汇入", 1, "APP", 15, 1500, 10_000), ("ATM", "ATM取款", -1, "ATM", 8, 1000, 10_000),
    ("CSI", "现金存入", 1, "BRH", 4, 4000, 10_000), ("CSO", "柜面取现", -1, "BRH", 3, 3000, 10_000),
    ("WMB", "购买理财", -1, "APP", 2, 20_000, 100_000), ("FEE", "账户管理费", -1, "SYS", 2, 0, 1),
    ("SAL", "代发养老金", 1, "SYS", 0, 0, 1), ("TRO", "转入第三方支付账户", -1, "APP", 0, 0, 1),
    ("TRO", "销户转出", -1, "BRH", 0, 0, 1), ("INT", "结息", 1, "SYS", 0, 0, 1),
    ("TRI", "货款收入", 1, "SYS", 0, 0, 1), ("TRO", "支付货款", -1, "WEB", 0, 0, 1),
    ("WAG", "发放工资", -1, "WEB", 0, 0, 1), ("TAX", "缴纳税款", -1, "SYS", 0, 0, 1),
)  # fmt: skip
SALARY, BILL, PURCHASE, SENT, RECEIVED, CASH_MACHINE, CASH_OUT, WEALTH, FEE = 0, 1, 2, 3, 4, 5, 7, 8, 9
PENSION, TO_WALLET, CLOSING, INTEREST = 10, 11, 12, 13
TAKINGS, SUPPLIES, WAGES, TAX = 14, 15, 16, 17  # of organisations
TRANSFERS = (SENT, RECEIVED)
SIGNS, PERCENTS, WHOLE_CENTS = (np.array([kind[at] for kind in KINDS]) for at in (2, 5, 6))
WEIGHTS = tuple(kind[4] for kind in KINDS)
FEE_CENTS, MACHINE_LIMIT = 1000, 2_000_000
SPENDING = np.array([500, 1200, 1990, 2500, 3800, 5600, 8800, 12000, 19900, 35000, 68000, 150000, 420000])
SPENDING_WEIGHTS = (6, 9, 12, 12, 12, 11, 10, 9, 7, 5, 4, 2, 1)
BY_WEALTH = np.array([60, 75, 90, 105, 125, 150, 185, 240, 340, 500])  # percent
EMPLOYERS = ("光明纺织有限公司", "红星机械厂", "市第一中学", "远大物流股份有限公司", "新世纪软件有限公司", "人民医院",
             "惠民超市有限公司", "区财政局", "第二建筑工程公司", "城市公交集团")  # fmt: skip
SHOPS = ("美食到家", "百货优选", "星球数码", "拼好货", "畅行网约车", "惠万家超市", "便民菜场", "云影院线", "车主加油")
UTILITIES = ("国网电力公司", "自来水公司", "燃气集团", "移动通信公司", "有线宽带公司", "物业服务公司")
TAX_OFFICE, PAYROLL, PENSION_OFFICE = "国家税务总局待报解预算收入", "代发工资专户", "社会保险基金管理中心"
WALLETS = ("云付通（备付金）", "掌上钱包（备付金）")
OTHER_SIDES = {
    SALARY: EMPLOYERS, PURCHASE: SHOPS, BILL: UTILITIES, PENSION: (PENSION_OFFICE,), TO_WALLET: WALLETS,
    TAX: (TAX_OFFICE,), WAGES: (PAYROLL,),
}  # fmt: skip


@dataclass(frozen=True)
class Wording:
    """Texts of some movements: code, channel, wording on the statement."""

    code: pa.Array
    channel: pa.Array
    memo: pa.Array


def wording(kind: Ints) -> Wording:
    """Texts of some kinds."""
    code, memo, _, channel, *_ = (list(column) for column in zip(*KINDS, strict=True))
    return Wording(pick(code, kind), pick(channel, kind), pick(memo, kind))


def usual_cents(stream: np.random.Generator, kind: Ints, wealth: Ints) -> Ints:
    """Cents, signed, that movements of some kinds come to."""
    count = len(kind)
    size = SPENDING[draw(stream, SPENDING_WEIGHTS, count)] * stream.integers(700, 1400, count) // 1000
    size = size * BY_WEALTH[wealth] // 100 * PERCENTS[kind] // 100
    size = np.where(kind == FEE, FEE_CENTS, np.maximum(size // WHOLE_CENTS[kind], 1) * WHOLE_CENTS[kind])
    cents: Ints = np.where(kind == CASH_MACHINE, np.minimum(size, MACHINE_LIMIT), size) * SIGNS[kind]
    return cents


def other_side(kind: Ints, account: Ints, employer_names: pa.Array, employer: Ints) -> pa.Array:
    """Name on the other side of some movements, but for transfers between people; null where there is none."""
    names: list[str | None] = []
    begin, among = np.zeros(len(KINDS), np.int64), np.ones(len(KINDS), np.int64)
    for of_kind, known in OTHER_SIDES.items():
        begin[of_kind], among[of_kind] = len(names), len(known)
        names += known
    place = begin[kind] + np.where(kind == PURCHASE, np.arange(len(kind)) * 7, account) % among[kind]
    has_none = ~np.isin(np.arange(len(KINDS)), list(OTHER_SIDES))
    told = pick([*names, None], np.where(has_none[kind], len(names), place))
    if not len(employer_names):
        return told
    is_deal = (kind == TAKINGS) | (kind == SUPPLIES)
    rows = np.flatnonzero(is_deal | ((kind == SALARY) & (employer >= 0)))
    partner = (account[rows] * 31 + rows % 5 * 17) % len(employer_names)
    return put(told, rows, pick(employer_names, np.where(is_deal[rows], partner, employer[rows])))
