"""Tables of the simulated core-banking system.

Nothing is ever overwritten: a change adds a row with a later `upd_ts` (`biz_dt` for transactions), so a past business
date can always be extracted again. A core that keeps only current rows answers the same queries.
"""

KEYS = {
    "cust": ("cif_no",),
    "cert": ("cif_no", "cert_typ"),
    "contact": ("cif_no", "cont_typ", "seq"),
    "addr": ("cif_no", "addr_typ", "seq"),
    "acct": ("acct_no",),
    "acct_cust": ("acct_no", "cif_no"),
    "txn": ("biz_dt", "txn_seq"),
    "cust_rel": ("cif_no", "rel_cif_no", "rel_typ"),
    "loan": ("loan_no",),
    "loan_sched": ("loan_no", "term_no"),
    "arrears": ("loan_no", "arr_dt"),
    "bal_daily": ("acct_no", "bal_dt"),
    "fee": ("fee_no",),
    "acct_xref": ("old_acct",),
    "cust_merge": ("old_cif", "new_cif"),
    "prod": ("prod_cd",),
    "branch": ("br_cd",),
    "emp": ("emp_no",),
    "br_cost": ("br_cd", "cost_ym", "cost_cd"),
    "fx_rate": ("rate_dt", "ccy"),
    "ftp_rate": ("rate_dt", "ccy", "tenor_m"),
}
MONEY = (
    "bal",
    "avg_bal",
    "hold_amt",
    "amt",
    "install_amt",
    "overdue_amt",
    "prin_amt",
    "int_amt",
    "woff_amt",
    "cost_amt",
)
RATES = ("rate",)


def create_statement(table: str, columns: list[str]) -> str:
    """CREATE TABLE, portable between PostgreSQL and SQLite."""
    lines = [f"{name} {_type(name)}" for name in columns]
    return f"CREATE TABLE {table} ({', '.join(lines)})"


def key_statement(table: str, columns: list[str]) -> str:
    """CREATE UNIQUE INDEX over the key and the moment of change."""
    key = [*KEYS[table], *(["upd_ts"] if "upd_ts" in columns else [])]
    return f"CREATE UNIQUE INDEX {table}_pk ON {table} ({', '.join(key)})"


def _type(column: str) -> str:
    if column in MONEY:
        return "NUMERIC(18, 2)"
    return "NUMERIC(12, 6)" if column in RATES else "VARCHAR(600)"
