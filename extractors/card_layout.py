"""Layout of the card system's nightly files: fixed width in bytes, GB18030, one H record, D records, one T record."""

from dataclasses import dataclass

ENCODING = "gb18030"
TRAILER_COUNT_WIDTH = 12
TRAILER_TOTAL_WIDTH = 18
HEADER_ORGANISATION = "BANK0001"
AMOUNT_WIDTH = 13
SEQUENCE_WIDTH = 6


@dataclass(frozen=True)
class Feed:
    """One file: its name, the table it lands as, and its fields with their widths in bytes."""

    name: str
    table: str
    fields: dict[str, int]
    amount: str  # digits without sign; the T record holds the sum
    sign: str | None = None
    other_amounts: tuple[str, ...] = ()  # in cents too, without sign
    unit: int = 100  # of the amount to one: cents to the yuan, or points that are whole

    @property
    def record_bytes(self) -> int:
        """Bytes of one record with its kind in front, without the line end."""
        return 1 + sum(self.fields.values())

    def span(self, field: str) -> slice:
        """Where a field stands in a record."""
        names = list(self.fields)
        start = 1 + sum(self.fields[name] for name in names[: names.index(field)])
        return slice(start, start + self.fields[field])


FEEDS = {
    feed.name: feed
    for feed in (
        Feed(
            "CARDHOLDER",
            "cardholder",
            {
                "card_cust": 16, "name": 30, "id_typ": 2, "id_no": 18, "birth": 8, "sex": 1, "mobile": 16,
                "address": 120, "crd_limit": AMOUNT_WIDTH, "emb_name": 19, "email": 40, "marital": 1, "sts": 1,
                "mtn_ts": 14,
            },
            amount="crd_limit",
        ),
        Feed(
            "CARD",
            "card",
            {
                "pan_masked": 19, "pan_token": 32, "card_cust": 16, "core_acct": 20, "main_flg": 1,
                "replaced_token": 32, "product": 6, "block_cd": 1, "open_dt": 8, "exp_ym": 6, "bal": AMOUNT_WIDTH,
                "mtn_ts": 14, "close_dt": 8,
            },
            amount="bal",
        ),
        Feed(
            "POSTING",
            "posting",
            {
                "batch_dt": 7, "batch_src": 2, "batch_no": 4, "batch_seq": 7, "pan_token": 32, "txn_dt": 8,
                "post_dt": 8, "ccy": 3, "sign": 1, "amt": AMOUNT_WIDTH, "mcc": 4, "merchant": 40, "approval": 6,
                "orig_seq": 20, "dispute_dt": 8,
            },
            amount="amt",
            sign="sign",
        ),
        Feed(
            "STATEMENT",
            "statement",
            {
                "card_cust": 16, "stmt_ym": 6, "stmt_dt": 8, "due_dt": 8, "bal": AMOUNT_WIDTH, "min_due": AMOUNT_WIDTH,
                "paid": AMOUNT_WIDTH, "late_cycles": 2, "points": 9,
            },
            amount="bal",
            other_amounts=("min_due", "paid"),
        ),
        Feed(
            "POINTS",
            "points",
            {"card_cust": 16, "pts_seq": 8, "pts_dt": 8, "kind": 1, "sign": 1, "points": AMOUNT_WIDTH},
            amount="points",
            sign="sign",
            unit=1,
        ),
        Feed(
            "APPLICATION",
            "application",
            {
                "app_no": 16, "app_dt": 8, "name": 30, "id_typ": 2, "id_no": 18, "mobile": 16, "entry": 2,
                "product": 6, "ask_limit": AMOUNT_WIDTH, "status": 1, "reason": 2, "card_cust": 16, "decide_dt": 8,
            },
            amount="ask_limit",
        ),
    )
}  # fmt: skip
