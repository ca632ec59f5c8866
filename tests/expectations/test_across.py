"""Rules across tables: written by hand with a full header, or declared as references; judged when they can be."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from dags import pipeline
from expectations import gate
from expectations.across import Rule, RuleError, due, read_rule, read_rules, references
from expectations.report import GateFailure
from warehouse.contract import Contract, read_contracts
from warehouse.settings import Settings

HEADER = "-- table: account\n-- severity: warning\n-- description: d\n-- zh: z\n"
RULE = Rule("r", "account", "account", "critical", "d", "z", "SELECT account_number FROM account JOIN other USING (k)")
SOUND = """
    CREATE TABLE customer_record AS SELECT * FROM (VALUES
        ('core:1', 'A', 'valid'),
        ('core:2', 'A', 'upgraded'),
        ('card:1', 'B', 'masked')
    ) AS row(record_key, identity_document, identity_status);
    CREATE TABLE customer_xref AS SELECT * FROM (VALUES
        ('core:1', 'C1', NULL),
        ('core:2', 'C1', NULL),
        ('card:1', 'C2', NULL),
        ('card:1', 'C9', DATE '2026-01-01')
    ) AS row(record_key, customer_id, valid_to);
    CREATE TABLE golden_customer AS SELECT * FROM (VALUES
        ('C1', DATE '2026-01-31', 'person', DATE '1980-01-01'),
        ('C2', DATE '2026-01-31', 'person', NULL)
    ) AS row(customer_id, as_of_date, party_type, birth_date);
    CREATE TABLE dim_account AS SELECT * FROM (VALUES
        ('core:1', 'core_banking', 'C1', 'deposit', 'DEM01', 'CNY', 'open', 1.10, 1.10),
        ('core:2', 'core_banking', 'C2', 'wealth', 'WM101', 'CNY', 'blocked', 2.20, 2.20),
        ('core:3', 'core_banking', 'C1', 'deposit', 'DEM01', 'USD', 'open', 1.00, 7.00),
        ('core:4', 'core_banking', 'C1', 'deposit', 'DEM01', 'CNY', 'closed', 9.00, 9.00),
        ('core:LN1', 'core_banking', 'C1', 'loan', 'LN202', 'CNY', 'open', 100.10, 100.10),
        ('core:LN2', 'core_banking', 'C1', 'loan', 'LN303', 'CNY', 'open', 50.05, 50.05),
        ('card:5', 'card', 'C2', 'card', 'GOLD', 'CNY', 'open', 0.00, 0.00)
    ) AS row(account_key, source, customer_id, kind, product_code, currency, status, balance, balance_cny);
    CREATE TABLE stg_core_banking__acct AS SELECT * FROM (VALUES
        ('1', 'DEM01', 'CNY', 1.10),
        ('2', 'WM101', 'CNY', 2.20),
        ('3', 'DEM01', 'USD', 1.00),
        ('4', 'DEM01', 'CNY', 9.00)
    ) AS row(account_number, product_code, currency, balance);
    CREATE TABLE mart_customer_360 AS SELECT * FROM (VALUES
        ('C1', 8.10, 1),
        ('C2', 2.20, 0)
    ) AS row(customer_id, aum_cny, contacts_30d);
    CREATE TABLE stg_channel__service_case AS SELECT * FROM (VALUES
        ('SC1', TIMESTAMP '2026-01-01 09:00:00', TIMESTAMP '2026-01-02 09:00:00')
    ) AS row(case_number, occurred_at, closed_at);
    CREATE TABLE feed_campaign_audience AS SELECT * FROM (VALUES
        ('K1', 'C1', 'sms', 'treated', 1, DATE '2026-01-31', true),
        ('K1', 'C2', NULL, NULL, 9, DATE '2026-01-31', false)
    ) AS row(campaign_code, customer_id, medium, arm, contacts_30d, as_of_date, is_included);
    CREATE TABLE feed_winback AS SELECT 'K1' AS campaign_code, 'C1' AS customer_id, 'sms' AS medium, 'treated' AS arm;
    CREATE TABLE feed_rm_desktop AS SELECT * FROM (VALUES
        ('M1', 'C1', 'sms', DATE '2026-01-31')
    ) AS row(manager_id, customer_id, medium, as_of_date);
    CREATE TABLE feed_customer_care AS SELECT * FROM (VALUES
        ('C1', 'birthday', 'sms', DATE '2026-01-31', true),
        ('C1', 'card_expiry', 'app', DATE '2026-01-31', true),
        ('C1', 'anniversary', 'app', DATE '2026-01-31', false)
    ) AS row(customer_id, care, medium, as_of_date, is_allowed);
    CREATE TABLE seed_care_rule AS SELECT * FROM (VALUES
        ('birthday', true, 3),
        ('anniversary', true, 3),
        ('card_expiry', false, NULL)
    ) AS row(care, needs_marketing_consent, contacts_cap_30d);
    CREATE TABLE seed_desktop_limit AS SELECT 3 AS contacts_cap_30d;
    CREATE TABLE dim_campaign AS SELECT 'K1' AS campaign_code, 3 AS contacts_cap_30d, 30 AS attribution_days,
        2.50 AS fixed_cost_cny;
    CREATE TABLE dim_relationship AS SELECT * FROM (VALUES
        ('C1', false),
        ('C2', true)
    ) AS row(customer_id, is_deceased);
    CREATE TABLE fct_campaign_contact AS SELECT 'K1' AS campaign_code, * FROM (VALUES
        ('k1', 'C1', 'treated', TIMESTAMP '2026-01-20 10:00:00', 0.05, 2, TIMESTAMP '2026-01-20 10:00:30', false),
        ('k2', 'C2', 'control', TIMESTAMP '2026-01-20 10:00:00', 0.00, 0, NULL, false),
        ('k3', 'C2', 'control', TIMESTAMP '2026-01-20 10:00:00', 0.00, 1, TIMESTAMP '2026-01-20 10:00:30', true)
    ) AS row(event_id, customer_id, arm, contacted_at, cost_cny, responses, delivered_at, is_contaminated);
    ALTER TABLE fct_campaign_contact ADD COLUMN opened_at TIMESTAMP;
    ALTER TABLE fct_campaign_contact ADD COLUMN clicked_at TIMESTAMP;
    ALTER TABLE fct_campaign_contact ADD COLUMN accepted_at TIMESTAMP;
    ALTER TABLE fct_campaign_contact ADD COLUMN converted_on DATE;
    UPDATE fct_campaign_contact SET opened_at = TIMESTAMP '2026-01-21 10:00:00' WHERE event_id = 'k1';
    CREATE TABLE stg_channel__campaign_contact AS SELECT 'K1' AS campaign_code, * FROM (VALUES
        ('k1', 'u1', 'treated', TIMESTAMP '2026-01-20 10:00:00', 0.05),
        ('k2', 'u2', 'control', TIMESTAMP '2026-01-20 10:00:00', NULL),
        ('k3', 'u3', 'control', TIMESTAMP '2026-01-20 10:00:00', 0.07),
        ('k4', 'u3', 'treated', TIMESTAMP '2026-02-01 10:00:00', 0.05)
    ) AS row(event_id, user_id, arm, occurred_at, cost_cny);
    CREATE TABLE stg_channel__campaign_response AS SELECT 'K1' AS campaign_code, * FROM (VALUES
        ('r1', 'u1', 'treated', 'delivered', TIMESTAMP '2026-01-20 10:00:30'),
        ('r2', 'u1', 'treated', 'opened', TIMESTAMP '2026-01-21 10:00:00'),
        ('r3', 'u1', 'treated', 'opened', TIMESTAMP '2026-01-19 10:00:00'),
        ('r4', 'u3', 'control', 'delivered', TIMESTAMP '2026-01-20 10:00:30'),
        ('r5', 'u4', 'treated', 'clicked', TIMESTAMP '2026-01-21 10:00:00')
    ) AS row(event_id, user_id, arm, reaction, occurred_at);
    CREATE TABLE mart_campaign_monitor AS SELECT 'K1' AS campaign_code, * FROM (VALUES
        (DATE '2026-01-20', 1, 1, 2.55, 1, 0, 0, 0),
        (DATE '2026-01-21', 0, 1, 2.55, 1, 1, 0, 0)
    ) AS row(day, contacts_today, contacts, cost_cny, delivered, responses, clicks, conversions);
    CREATE TABLE mart_campaign_effect AS SELECT 'K1' AS campaign_code, * FROM (VALUES
        ('all', 1, 1, 0),
        ('age_45_59', 1, 0, 0),
        ('age_unknown', 0, 1, 0)
    ) AS row(segment, treated, control, contaminated);
    CREATE TABLE consent_current AS SELECT * FROM (VALUES
        ('C1', 'marketing', 'sms', true),
        ('C1', 'marketing', 'app', false)
    ) AS row(customer_id, purpose, medium, is_granted);
    CREATE TABLE mart_complaint AS SELECT * FROM (VALUES
        ('SC2', 'C1', 'closed'),
        ('SC3', 'C2', 'open')
    ) AS row(case_number, customer_id, status);
    CREATE TABLE fct_transaction AS SELECT * FROM (VALUES
        ('C1', 10.00),
        ('C1', -3.00),
        (NULL, 5.00)
    ) AS row(customer_id, amount_cny);
    CREATE TABLE fct_txn_monthly AS SELECT * FROM (VALUES ('C1', 10.00, 3.00)) AS row(customer_id, in_cny, out_cny);
    CREATE TABLE recon_source_load AS SELECT * FROM (VALUES
        ('card', 'posting', DATE '2026-01-31', 3, 0, 3, 2, 1, 9.50, 9.50, 0.00, 7.00, 2.50),
        ('core', 'txn', DATE '2026-01-31', NULL, 0, 2, 2, 0, 4.00, 4.00, 0.25, 4.25, 0.00)
    ) AS row(
        source, table_name, business_date, rows_sent, rows_rejected, rows_landed, rows_staged, rows_quarantined,
        amount_sent, amount_landed, amount_corrected, amount_staged, amount_quarantined
    );
    CREATE TABLE mart_customer_base AS SELECT * FROM (VALUES ('loyal', 1), ('other', 1)) AS row(segment, customers);
    INSERT INTO customer_record (record_key) VALUES ('core_banking:7'), ('channel:u1'), ('channel:u2'), ('channel:u3');
    INSERT INTO customer_xref VALUES
        ('core_banking:7', 'C1', NULL),
        ('channel:u1', 'C1', NULL),
        ('channel:u2', 'C2', NULL),
        ('channel:u3', 'C2', NULL);
    CREATE TABLE seed_fx_rate AS SELECT 'CNY' AS currency, 1.0 AS cny_per_unit;
    CREATE TABLE stg_core_banking__loan AS SELECT * FROM (VALUES
        ('LN1', '7', 'LN202', 'CNY', 100.10, 20.00, 40, 'past_due'),
        ('LN2', '7', 'LN303', 'CNY', 50.05, 0.00, 0, 'performing')
    ) AS row(loan_number, customer_number, product_code, currency, balance, overdue, days_past_due, status);
    CREATE TABLE stg_core_banking__loan_sched AS SELECT * FROM (VALUES
        ('LN1', 10.00, 'past_due'),
        ('LN1', 10.00, 'past_due'),
        ('LN1', 10.00, 'paid')
    ) AS row(loan_number, principal_due, instalment_status);
    CREATE TABLE mart_credit_risk AS SELECT * FROM (VALUES
        ('C1', 150.15, 150.15),
        ('C2', 0, 9.00)
    ) AS row(customer_id, loan_balance_cny, exposure_cny);
    CREATE TABLE mart_credit_group AS SELECT 'C1' AS group_id, 159.15 AS exposure_cny;
    CREATE TABLE stg_card__points AS SELECT * FROM (VALUES
        ('K1', '202601E', 'earned', 120),
        ('K1', '202601R', 'redeemed', -100)
    ) AS row(cardholder_number, points_entry, points_kind, points);
    CREATE TABLE stg_card__statement AS SELECT 'K1' AS cardholder_number, '202601' AS statement_month, 120 AS points
"""
BREAKS = {
    "xref_customer_is_golden": ("DELETE FROM golden_customer WHERE customer_id = 'C2'", "C2"),
    "golden_customer_is_in_xref": ("INSERT INTO golden_customer (customer_id) VALUES ('C9')", "C9"),
    "record_has_one_customer": ("INSERT INTO customer_xref VALUES ('card:1', 'C1', NULL)", "card:1"),
    "customer_has_one_valid_document": (
        "UPDATE customer_record SET identity_document = 'Z' WHERE record_key = 'core:2'",
        "C1",
    ),
    "balance_by_customer_adds_up": ("UPDATE dim_account SET balance_cny = 1.11 WHERE account_key = 'core:1'", "C1"),
    "account_balances_add_up": ("UPDATE dim_account SET balance = 50.06 WHERE account_key = 'core:LN2'", "LN303 CNY"),
    "case_closes_after_it_opens": (
        "UPDATE stg_channel__service_case SET closed_at = TIMESTAMP '2026-01-01 08:00:00'",
        "SC1",
    ),
    "monthly_money_adds_up": ("UPDATE fct_transaction SET amount_cny = 9.99 WHERE amount_cny = 10", "C1"),
    "every_load_adds_up": (
        "UPDATE recon_source_load SET amount_staged = 6.99 WHERE source = 'card'",
        "card posting 2026-01-31: rows sent 3, rejected 0, landed 3, staged 2, quarantined 1; "
        "amounts sent 9.50, landed 9.50, corrected 0.00, staged 6.99, quarantined 2.50",
    ),
    "customer_base_counts_everyone": ("DELETE FROM mart_customer_base WHERE segment = 'other'", "all customers"),
    "audience_is_consented": ("UPDATE feed_campaign_audience SET medium = 'app' WHERE is_included", "C1"),
    "winback_is_from_the_audience": ("UPDATE feed_winback SET arm = 'control'", "C1"),
    "desktop_spares_the_protected": ("UPDATE feed_rm_desktop SET medium = 'app'", "C1"),
    "care_spares_the_protected": ("UPDATE feed_customer_care SET medium = 'app'", "C1"),
    "control_is_never_contacted": (
        "UPDATE fct_campaign_contact SET clicked_at = contacted_at WHERE event_id = 'k2'",
        "k2",
    ),
    "exposure_by_customer_adds_up": (
        "UPDATE stg_core_banking__loan SET balance = 50.06 WHERE loan_number = 'LN2'",
        "C1",
    ),
    "group_exposure_adds_up": ("UPDATE mart_credit_group SET exposure_cny = 159.14", "all groups"),
    "points_add_up": ("UPDATE stg_card__statement SET points = 119", "K1"),
    "points_are_never_overspent": ("UPDATE stg_card__points SET points = -121 WHERE points < 0", "K1"),
    "overdue_instalments_add_up": ("DELETE FROM stg_core_banking__loan_sched WHERE principal_due = 10", "LN1"),
    "campaign_contacts_add_up": ("DELETE FROM fct_campaign_contact WHERE event_id = 'k2'", "K1 control C2"),
    "campaign_responses_add_up": (
        "UPDATE fct_campaign_contact SET responses = 3 WHERE event_id = 'k1'",
        "K1 treated C1",
    ),
    "campaign_monitor_adds_up": ("UPDATE mart_campaign_monitor SET contacts = 2", "K1"),
    "campaign_effect_adds_up": ("UPDATE mart_campaign_effect SET control = 2 WHERE segment = 'all'", "K1 all"),
    "recent_contacts_add_up": ("UPDATE mart_customer_360 SET contacts_30d = 0", "C1"),
    "open_account_has_customer": ("UPDATE dim_account SET customer_id = NULL WHERE account_key = 'core:1'", "core:1"),
}


@pytest.mark.parametrize("rule", read_rules(), ids=lambda rule: rule.name)
def test_each_rule_returns_its_offenders_and_no_one_else(rule: Rule) -> None:
    with duckdb.connect() as connection:
        connection.execute(SOUND).fetchall()
        assert connection.execute(rule.query).fetchall() == []
        change, offender = BREAKS[rule.name]
        connection.execute(change).fetchall()
        assert connection.execute(rule.query).fetchall() == [(offender,)]


@pytest.mark.parametrize(
    "change", ["rows_sent = 4", "rows_rejected = 1", "rows_landed = 4", "rows_quarantined = 0", "amount_sent = 9.51"]
)
def test_a_load_that_does_not_add_up_is_an_offender_wherever_the_difference_is(change: str) -> None:
    (rule,) = [rule for rule in read_rules() if rule.name == "every_load_adds_up"]
    with duckdb.connect() as connection:
        connection.execute(SOUND).fetchall()
        connection.execute(f"UPDATE recon_source_load SET {change} WHERE source = 'card'").fetchall()
        ((told,),) = connection.execute(rule.query).fetchall()
        assert told.startswith("card posting 2026-01-31: ")


@pytest.mark.parametrize(
    ("name", "change", "offenders"),
    [
        ("campaign_contacts_add_up", "UPDATE fct_campaign_contact SET cost_cny = 0.06 WHERE cost_cny > 0",
         {"K1 treated C1"}),
        ("campaign_contacts_add_up", "UPDATE fct_campaign_contact SET customer_id = 'C1' WHERE event_id = 'k3'",
         {"K1 control C1", "K1 control C2"}),
        ("campaign_contacts_add_up", "UPDATE fct_campaign_contact SET customer_id = NULL WHERE event_id = 'k1'",
         {"K1 treated C1", "K1 treated unknown"}),
        ("campaign_contacts_add_up", "UPDATE fct_campaign_contact SET arm = 'treated' WHERE event_id = 'k2'",
         {"K1 control C2", "K1 treated C2"}),
        ("campaign_contacts_add_up", "INSERT INTO stg_channel__campaign_contact "
         "SELECT * REPLACE ('K9' AS campaign_code) FROM stg_channel__campaign_contact WHERE event_id = 'k1'",
         {"K9 treated C1"}),
        ("campaign_contacts_add_up", "UPDATE golden_customer SET as_of_date = DATE '2026-02-01'", {"K1 treated C2"}),
        ("campaign_responses_add_up", "DELETE FROM stg_channel__campaign_response WHERE event_id = 'r4'",
         {"K1 control C2"}),
        ("campaign_responses_add_up", "UPDATE stg_channel__campaign_response SET arm = 'treated' WHERE event_id = 'r4'",
         {"K1 control C2", "K1 treated C2"}),
        ("campaign_responses_add_up", "UPDATE fct_campaign_contact SET accepted_at = opened_at", {"K1 treated C1"}),
        ("campaign_responses_add_up", "UPDATE fct_campaign_contact SET opened_at = NULL", {"K1 treated C1"}),
        ("campaign_responses_add_up", "INSERT INTO stg_channel__campaign_response "
         "SELECT * REPLACE ('r9' AS event_id) FROM stg_channel__campaign_response WHERE event_id = 'r2'",
         {"K1 treated C1"}),
        ("campaign_monitor_adds_up", "DELETE FROM mart_campaign_monitor", {"K1"}),
        ("campaign_monitor_adds_up", "DELETE FROM mart_campaign_monitor WHERE contacts_today = 1", {"K1"}),
        ("campaign_monitor_adds_up", "UPDATE mart_campaign_monitor SET cost_cny = 2.56", {"K1"}),
        ("campaign_monitor_adds_up", "UPDATE mart_campaign_monitor SET conversions = 1", {"K1"}),
        ("campaign_effect_adds_up", "DELETE FROM mart_campaign_effect WHERE segment = 'age_45_59'", {"K1 by segment"}),
        ("campaign_effect_adds_up", "DELETE FROM mart_campaign_effect", {"K1 all", "K1 by segment"}),
        ("campaign_effect_adds_up", "UPDATE stg_channel__campaign_contact SET arm = 'treated' WHERE event_id = 'k2'",
         {"K1 all", "K1 by segment"}),
        ("recent_contacts_add_up", "UPDATE mart_customer_360 SET contacts_30d = 1", {"C2"}),
        ("recent_contacts_add_up", "UPDATE stg_channel__campaign_contact SET occurred_at = DATE '2026-01-01' "
         "WHERE event_id = 'k1'",
         {"C1"}),
    ],
)  # fmt: skip
def test_campaign_counts_that_differ_from_the_channels_are_offenders(
    name: str, change: str, offenders: set[str]
) -> None:
    (rule,) = [rule for rule in read_rules() if rule.name == name]
    assert rule.severity == "critical"
    with duckdb.connect() as connection:
        connection.execute(SOUND).fetchall()
        connection.execute(change).fetchall()
        assert {offender for (offender,) in connection.execute(rule.query).fetchall()} == offenders


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE golden_customer SET birth_date = DATE '2008-02-01'",
        "UPDATE golden_customer SET birth_date = NULL",
        "UPDATE dim_relationship SET is_deceased = true",
        "UPDATE mart_complaint SET status = 'open'",
        "UPDATE consent_current SET is_granted = false",
        "INSERT INTO fct_campaign_contact (event_id, customer_id, arm, contacted_at) "
        "SELECT 'k' || n, 'C1', 'treated', TIMESTAMP '2026-01-30 10:00:00' FROM range(10, 12) AS more(n)",
        "UPDATE dim_account SET status = 'blocked' WHERE account_key = 'core:1'",
    ],
)
@pytest.mark.parametrize("name", ["audience_is_consented", "desktop_spares_the_protected", "care_spares_the_protected"])
def test_no_list_holds_anybody_who_must_be_left_alone(name: str, change: str) -> None:
    (rule,) = [rule for rule in read_rules() if rule.name == name]
    with duckdb.connect() as connection:
        connection.execute(SOUND).fetchall()
        connection.execute(change).fetchall()
        assert connection.execute(rule.query).fetchall() == [("C1",)]


def test_a_record_no_customer_claims_is_an_offender() -> None:
    (rule,) = [rule for rule in read_rules() if rule.name == "record_has_one_customer"]
    with duckdb.connect() as connection:
        connection.execute(SOUND).fetchall()
        connection.execute("DELETE FROM customer_xref WHERE record_key = 'card:1'").fetchall()
        assert connection.execute(rule.query).fetchall() == [("card:1",)]


@pytest.mark.parametrize("heading", ["table", "severity", "description", "zh"])
def test_a_rule_without_a_full_header_is_refused(tmp_path: Path, heading: str) -> None:
    lines = [line for line in HEADER.splitlines() if not line.startswith(f"-- {heading}:")]
    path = tmp_path / "rule.sql"
    path.write_text("\n".join([*lines, "SELECT 1"]), encoding="utf-8")
    with pytest.raises(RuleError, match=f"'-- {heading}: ...'; add it"):
        read_rule(path)


def test_an_unknown_severity_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rule.sql"
    path.write_text(HEADER.replace("warning", "fatal") + "SELECT 1", encoding="utf-8")
    with pytest.raises(RuleError, match="severity 'fatal' is unknown"):
        read_rule(path)


def test_a_rule_on_a_table_nobody_declares_yet_is_left_out(contracts: dict[str, Contract]) -> None:
    assert due([RULE], contracts, {"account"}, {"account"}) == []
    assert due([RULE], contracts, {"account"}, {"account", "other"}) == [RULE]


def test_a_rule_on_a_declared_table_that_is_not_built_is_an_error(contracts: dict[str, Contract]) -> None:
    declared = {**contracts, "other": contracts["customer"]}
    with pytest.raises(RuleError, match="r reads other, not built yet"):
        due([RULE], declared, {"account"}, {"account"})
    assert due([RULE], declared, {"customer"}, {"customer"}) == []


def test_a_reference_is_gated_with_the_later_built_table(contracts: dict[str, Contract]) -> None:
    (rule,) = references(contracts)
    assert (rule.about, rule.table, rule.name) == ("account", "account", "customer_id.references")
    backwards = {**contracts, "customer": _pointing_at_account(contracts["customer"])}
    assert {(each.about, each.table) for each in references(backwards)} == {
        ("customer", "account"),
        ("account", "account"),
    }


def test_a_rule_across_tables_stops_the_night_and_files_its_keys(
    settings: Settings,
    contracts: dict[str, Contract],
    connection: duckdb.DuckDBPyConnection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    query = "SELECT customer_id FROM customer LEFT JOIN account USING (customer_id) WHERE account_number IS NULL"
    rule = Rule("customer_has_account", "customer", "customer", "critical", "Each has one.", "z", query)
    monkeypatch.setattr(gate, "read_rules", lambda: [rule])
    with pytest.raises(
        GateFailure, match=r"customer customer_has_account: 2 of 4 \(Each has one.\); keys in "
    ) as stopped:
        gate.check(settings, contracts, ["customer", "account"], "golden", date(2026, 1, 31), connection)
    (finding,) = stopped.value.result.critical
    assert finding.keys is not None
    assert finding.keys.read_text(encoding="utf-8").split() == ["customer_id", "C000000000003", "C000000000004"]


def test_a_rule_whose_query_does_not_run_is_named(
    settings: Settings,
    contracts: dict[str, Contract],
    connection: duckdb.DuckDBPyConnection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rule = Rule("misspelt", "customer", "customer", "critical", "d", "z", "SELECT nothing_such FROM customer")
    monkeypatch.setattr(gate, "read_rules", lambda: [rule])
    with pytest.raises(RuleError, match="rule misspelt cannot be judged"):
        gate.check(settings, contracts, ["customer", "account"], "golden", date(2026, 1, 31), connection)


def _pointing_at_account(customer: Contract) -> Contract:
    column = customer.columns["mobile"].model_copy(update={"references": "account.account_number"})
    return Contract(**{**vars(customer), "columns": {**customer.columns, "mobile": column}})


def test_every_rule_runs_on_the_tables_as_they_are_contracted() -> None:
    declared = read_contracts(Settings(home=Path()).tables)
    with duckdb.connect() as connection:
        for contract in declared.values():
            columns = ", ".join(f"{name} {column.semantic.sql}" for name, column in contract.columns.items())
            connection.execute(f"CREATE TABLE {contract.name} ({columns})")
        rules = read_rules() + references(declared)
        assert due(rules, declared, set(declared), set(declared)) == rules
        for rule in rules:
            assert connection.execute(rule.query).fetchall() == [], rule.name


def test_every_rule_is_judged_in_some_gate_of_the_night_and_never_too_early() -> None:
    declared = read_contracts(Settings(home=Path()).tables)
    rules = read_rules() + references(declared)
    built: set[str] = set()
    judged: list[Rule] = []
    for stage, layers in pipeline.CHECKED_LAYERS.items():
        made = {
            name
            for name, each in declared.items()
            if each.layer in layers and (stage != "staging" or not _is_linked(each))
        }
        built |= made
        judged += due(rules, declared, made, built)
    assert {id(rule) for rule in judged} == {id(rule) for rule in rules}


def _is_linked(contract: Contract) -> bool:
    """Whether record linkage makes the table, after the gate of staging."""
    return contract.made_by is not None and contract.layer == "identity"
