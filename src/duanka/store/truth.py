"""What is known of the truth, in the case's own ids: from label files, or from what imported files say themselves."""

from dataclasses import dataclass, field

import polars as pl

from duanka.store.case import Case
from duanka.store.label_files import LabelError

NAMES_SHOWN = 10
"""Of the names that the case does not know, so many are named."""

TRUTH = ("is_fraud", "is_laundering", "is_sar", "label", "prior_sar_count")
"""Labels of sources that say whether an account or a payment is illicit; the others say which kind, or what a rule said."""

_POSITIVE, _NEGATIVE = "'1', 'true', 'yes', 'y'", "'0', 'false', 'no', 'n'"


@dataclass(frozen=True, slots=True)
class Truth:
    """Labels of accounts or of payments, one a subject, and what could not be used."""

    labels: pl.DataFrame  # id (account_id or row_id), label (0 or 1)
    unknown: int = 0  # names that the case does not have
    unknown_positives: int = 0  # of these, with label 1
    unknown_names: list[str] = field(default_factory=list)  # the first NAMES_SHOWN, sorted
    ambiguous: int = 0  # serials that several payments bear: the label is given to each


def accounts_of_file(case: Case, lines: pl.DataFrame) -> tuple[Truth, pl.DataFrame]:
    """Labels of accounts, and memberships `account_id, label, ring_id, tier, role` of those lines that name a ring.

    `lines` as `label_files.read_account_labels` gives them; any alias names its account. An account that several lines
    name is positive if one of them says so.
    """
    found = _lent(case, lines, """
        SELECT a.account_id AS id, l.* FROM label_lines l LEFT JOIN aliases a ON l.account_id = a.alias
    """)  # fmt: skip
    truth = _truth(found, "account_id")
    rings = found.filter(pl.col("id").is_not_null() & (pl.col("ring_id") != ""))
    return truth, rings.drop("account_id").rename({"id": "account_id"})


def transactions_of_file(case: Case, lines: pl.DataFrame) -> Truth:
    """Labels of payments by the serial that any of their rows bears, also a row that was merged."""
    found = _lent(case, lines, """
        WITH serials AS (SELECT DISTINCT external_id FROM label_lines),
        borne AS (
            SELECT DISTINCT e.external_id, r.row_id FROM serials JOIN entries e USING (external_id)
            JOIN row_sources r ON r.source_id = e.source_id AND r.source_row = e.source_row)
        SELECT b.row_id AS id, l.external_id, l.label FROM label_lines l LEFT JOIN borne b USING (external_id)
    """)  # fmt: skip
    several = found.group_by("external_id").agg(pl.col("id").n_unique()).filter(pl.col("id") > 1)
    return _truth(found, "external_id", ambiguous=several.height)


def of_case(case: Case) -> tuple[Truth, Truth]:
    """What imported files say of accounts and of payments: their labels named in `TRUTH`.

    An account is labelled by what files say of it; where they say nothing, by the payments that it made or received:
    positive if one of them is. Values are 1/0, true/false, yes/no or a count; others say nothing.

    Raises:
        LabelError: no imported file has such labels.
    """
    names = ", ".join(f"'{name}'" for name in TRUTH)
    case.db.run("said", f"""
        CREATE OR REPLACE TEMP TABLE said AS
        SELECT * FROM (
            SELECT source_id, source_row, subject, subject_id,
                   CASE WHEN lower(value) IN ({_POSITIVE}) THEN 1 WHEN lower(value) IN ({_NEGATIVE}) THEN 0
                        WHEN try_cast(value AS DOUBLE) > 0 THEN 1 WHEN try_cast(value AS DOUBLE) = 0 THEN 0 END AS label
            FROM labels WHERE name IN ({names}))
        WHERE label IS NOT NULL
    """)  # fmt: skip
    case.db.run("labelled payments", """
        CREATE OR REPLACE TEMP TABLE labelled_payments AS
        SELECT r.row_id AS id, max(s.label)::TINYINT AS label
        FROM said s JOIN row_sources r USING (source_id, source_row) WHERE s.subject = 'transaction' GROUP BY r.row_id
    """)  # fmt: skip
    own = _frame(case, """
        SELECT a.account_id AS id, s.subject_id, s.label::TINYINT AS label
        FROM said s LEFT JOIN aliases a ON s.subject_id = a.alias WHERE s.subject = 'account'
    """)  # fmt: skip
    touched = _frame(case, """
        SELECT id, max(label)::TINYINT AS label FROM (
            SELECT t.payer AS id, p.label FROM labelled_payments p JOIN transactions t ON t.row_id = p.id
            UNION ALL SELECT t.payee, p.label FROM labelled_payments p JOIN transactions t ON t.row_id = p.id)
        WHERE id IS NOT NULL GROUP BY id
    """)  # fmt: skip
    payments = _frame(case, "SELECT id, label FROM labelled_payments")
    for table in ("said", "labelled_payments"):
        case.db.run(f"drop {table}", f"DROP TABLE {table}")
    if own.is_empty() and payments.is_empty():
        raise LabelError("label.none_own", names=", ".join(TRUTH))
    said = _truth(own, "subject_id")
    others = touched.join(said.labels, on="id", how="anti")
    accounts = Truth(
        pl.concat([said.labels, others]), said.unknown, said.unknown_positives, said.unknown_names
    )  # fmt: skip
    return accounts, Truth(payments)


def _truth(found: pl.DataFrame, name: str, *, ambiguous: int = 0) -> Truth:
    """One label an id, the larger; rows without an id are unknown names."""
    labels = found.filter(pl.col("id").is_not_null()).group_by("id").agg(pl.col("label").max())
    unknown = found.filter(pl.col("id").is_null()).group_by(name).agg(pl.col("label").max()).sort(name)
    return Truth(
        labels, unknown.height, int(unknown["label"].sum()), unknown[name].head(NAMES_SHOWN).to_list(), ambiguous
    )


def _lent(case: Case, lines: pl.DataFrame, sql: str) -> pl.DataFrame:
    with case.db.lend("label_lines", lines.to_arrow()):
        return _frame(case, sql)


def _frame(case: Case, sql: str) -> pl.DataFrame:
    frame = pl.from_arrow(case.db.arrow(sql))
    assert isinstance(frame, pl.DataFrame)  # noqa: S101 - a table gives a frame
    return frame
