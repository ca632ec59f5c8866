"""Links a Parquet file of customer records with Splink 5, tuned by its own advice; runs in an environment of its own.

Same blocking rules and the same evidence as matching/models/person.yml, said in Splink's terms; different valid
resident ids are a level of their own. `python link_with_splink.py RECORDS CLUSTERS PAIRS THREADS [--wide]`.
"""

import sys
import time

import duckdb
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

PHONES = ("mobile", "other_phone")
RULES = [
    "l.identity_document = r.identity_document AND l.identity_status <> 'masked' AND r.identity_status <> 'masked'",
    *(f"l.{one} = r.{other}" for one in PHONES for other in PHONES),
    "l.linked_record = r.record_key",
    "l.record_key = r.linked_record",
    "l.linked_record = r.linked_record",
]
BLOCKS = [
    ("address_key",),
    ("email_key",),
    ("name_pinyin", "birth_date"),
    ("name_pinyin", "right(identity_document, 4)"),
    ("birth_date", "right(identity_document, 4)"),
    ("name_pinyin", "address_key"),
    ("address_key", "birth_date"),
    ("name_pinyin", "gender", "month(birth_date)", "day(birth_date)"),
    ("name_pinyin", "gender", "year(birth_date)"),
]
VALID = "identity_status_{0} IN ('valid', 'upgraded')"
BOTH_VALID = f"{VALID.format('l')} AND {VALID.format('r')}"
MASKED = (
    "(identity_status_l = 'masked' OR identity_status_r = 'masked')"
    " AND left(identity_document_l, 6) = left(identity_document_r, 6)"
    " AND right(identity_document_l, 4) = right(identity_document_r, 4)"
)
SHARED = " OR ".join(f"{one}_l = {other}_r" for one in PHONES for other in PHONES)
NO_PHONE = " OR ".join(f"(mobile_{side} IS NULL AND other_phone_{side} IS NULL)" for side in "lr")
POINTS = "split_part(linked_record_{0}, ':', 1) = source_{1}"


def comparisons() -> list:
    document = [
        cll.NullLevel("identity_document"),
        cll.CustomLevel("identity_document_l = identity_document_r AND identity_status_l <> 'masked'", "same"),
        cll.CustomLevel(MASKED, "visible part agrees"),
        cll.CustomLevel(f"{BOTH_VALID} AND identity_document_l <> identity_document_r", "two valid ids"),
        cll.DamerauLevenshteinLevel("identity_document", 1),
        cll.ElseLevel(),
    ]
    name = [
        cll.CustomLevel("name_pinyin_l IS NULL OR name_pinyin_r IS NULL", "null").configure(is_null_level=True),
        cll.ExactMatchLevel("name_key", term_frequency_adjustments=True),
        cll.ExactMatchLevel("name_pinyin", term_frequency_adjustments=True),
        cll.CustomLevel(
            "left(name_key_l, 1) = left(name_key_r, 1) AND levenshtein(name_key_l, name_key_r) <= 3", "one character"
        ),
        cll.JaroWinklerLevel("name_pinyin", 0.92),
        cll.CustomLevel("left(name_key_l, 1) = left(name_key_r, 1)", "surname"),
        cll.ElseLevel(),
    ]
    birth = [
        cll.NullLevel("birth_date"),
        cll.ExactMatchLevel("birth_date"),
        cll.CustomLevel(
            "year(birth_date_l) = year(birth_date_r) AND month(birth_date_l) = day(birth_date_r)"
            " AND day(birth_date_l) = month(birth_date_r)",
            "swapped",
        ),
        cll.CustomLevel("year(birth_date_l) = year(birth_date_r)", "year"),
        cll.ElseLevel(),
    ]
    phone = [
        cll.CustomLevel(NO_PHONE, "null").configure(is_null_level=True),
        cll.ExactMatchLevel("mobile"),
        cll.CustomLevel(SHARED, "shared"),
        cll.ElseLevel(),
    ]
    address = [
        cll.NullLevel("address_key"),
        cll.ExactMatchLevel("address_key", term_frequency_adjustments=True),
        cll.JaroWinklerLevel("address_key", 0.93),
        cll.ElseLevel(),
    ]
    link = [
        cll.CustomLevel(
            f"NOT coalesce({POINTS.format('l', 'r')}, false) AND NOT coalesce({POINTS.format('r', 'l')}, false)", "null"
        ).configure(is_null_level=True),
        cll.CustomLevel("linked_record_l = record_key_r OR linked_record_r = record_key_l", "linked"),
        cll.ElseLevel(),
    ]
    return [
        cl.CustomComparison(document, "identity_document"),
        cl.CustomComparison(name, "name"),
        cl.CustomComparison(birth, "birth_date"),
        cl.ExactMatch("gender"),
        cl.CustomComparison(phone, "phone"),
        cl.ExactMatch("email_key"),
        cl.CustomComparison(address, "address"),
        cl.CustomComparison(link, "source_link"),
    ]


WIDE_BLOCK = ("left(name_key, 1)", "gender", "year(birth_date)")


def main(records: str, clusters: str, pairs: str, threads: str, *wide: str) -> None:
    began = time.process_time()

    def told(step: str) -> None:
        print(f"  splink {time.process_time() - began:7.2f} CPU s  {step}", flush=True)

    connection = duckdb.connect()
    connection.execute(f"SET threads = {threads}")
    columns = (
        "record_key, source, name_key, name_pinyin, identity_document, identity_status, birth_date,"
        " nullif(gender, 'unknown') AS gender, mobile, other_phone, email_key, address_key, linked_record"
    )
    connection.execute(f"CREATE TABLE records AS SELECT {columns} FROM read_parquet('{records}')")
    rules = [*RULES, *(block_on(*columns) for columns in [*BLOCKS, *([WIDE_BLOCK] if wide else [])])]
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="record_key",
        blocking_rules_to_generate_predictions=rules,
        comparisons=comparisons(),
        retain_intermediate_calculation_columns=False,
        retain_matching_columns=False,
        additional_columns_to_retain=[],
    )
    database = DuckDBAPI(connection)
    linker = Linker(database.register("records"), settings, log_level="WARNING")
    training = linker.training
    training.estimate_probability_two_random_records_match(
        [RULES[0], block_on("name_pinyin", "birth_date")], recall=0.9
    )
    training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
    told("u")
    for rule in (RULES[0], block_on("mobile"), block_on("name_pinyin", "birth_date")):
        training.estimate_parameters_using_expectation_maximisation(rule)
    told("EM")
    predicted = linker.inference.predict(threshold_match_probability=0.05)
    told("predict")
    clustered = linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, threshold_match_probability=0.95)
    told("cluster")
    connection.execute(
        f"COPY (SELECT record_key, cluster_id AS cluster FROM {clustered.physical_name}) TO '{clusters}'"
    )
    connection.execute(
        f"COPY (SELECT record_key_l, record_key_r, match_probability FROM {predicted.physical_name}) TO '{pairs}'"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
