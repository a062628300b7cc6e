"""Labels of accounts from wherever they are: a file, or what the imported files themselves say."""

from pathlib import Path

from duanka.store.case import Case
from duanka.store.label_files import read_account_labels
from duanka.store.truth import Truth, accounts_of_file, of_case

OF_CASE = "case"
"""Said instead of a file: what the imported files themselves say of the truth."""


def account_truth(case: Case, labels: str) -> Truth:
    """Labels of accounts. LabelError if they can't be read, or the case has none."""
    if labels == OF_CASE:
        return of_case(case)[0]
    return accounts_of_file(case, read_account_labels(Path(labels)))[0]
