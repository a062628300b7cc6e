"""How the findings of a case came about: one row, stored with them."""

from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version

import polars as pl

from duanka.store.case import Case
from duanka.store.database import CaseError

_MODEL = pl.Struct({
    "name": pl.String, "sha256": pl.String, "accounts": pl.Int64, "positives": pl.Int64, "payments": pl.Int64,
    "first": pl.String, "last": pl.String, "unlabelled": pl.Boolean, "calibration": pl.String,
    "average_precision": pl.Float64,
})  # fmt: skip
_TYPOLOGY = pl.Struct({"code": pl.String, "version": pl.String, "mode": pl.String, "accounts": pl.Int64})
_TIME = pl.Datetime("us", "UTC")
_ROW: dict[str, pl.DataType | type[pl.DataType]] = {
    "version": pl.String, "detected_at": _TIME, "as_of": _TIME, "prior": pl.Float64, "learnt": pl.Boolean,
    "model": _MODEL, "payments": pl.Int64, "accounts": pl.Int64, "rings": pl.Int64, "members": pl.Int64,
    "typologies": pl.List(_TYPOLOGY),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class UsedModel:
    """The learnt model that scored the accounts: its file, and the essentials of its card."""

    name: str  # of the file, without its folder
    sha256: str
    accounts: int  # learnt from
    positives: int  # of these
    payments: int  # of the case learnt from
    first: str  # date of the first of them (UTC)
    last: str
    unlabelled: bool  # accounts without a label 1 were ones that nobody had looked at
    calibration: str  # "sigmoid" or "isotonic"
    average_precision: float | None  # on accounts held out; null where there were too few


@dataclass(frozen=True, slots=True)
class UsedTypology:
    """A user's typology that was run."""

    code: str
    version: str  # of its file, as in the table `typology_hits`
    mode: str  # "shadow" or "counts"
    accounts: int  # different ones that it hits


@dataclass(frozen=True, slots=True)
class Detection:
    """How detection ran, and what it found in numbers."""

    version: str  # of Duanka
    detected_at: datetime
    as_of: datetime | None  # nothing later was looked at
    prior: float  # share of accounts that are what is looked for, which evidence is weighed against
    learnt: bool  # what tells relays from chance; false where there were too few payments to learn it from
    model: UsedModel | None  # null where scores of accounts are their evidence's
    payments: int  # looked at
    accounts: int  # with evidence
    rings: int
    members: int  # different accounts that work in a ring
    typologies: tuple[UsedTypology, ...] = ()

    def frame(self) -> pl.DataFrame:
        """The one row of the table `detection`."""
        return pl.DataFrame([asdict(self)], schema=_ROW)

    def facts(self) -> dict[str, object]:
        """For scripts: times as ISO 8601."""
        times = {"detected_at": self.detected_at, "as_of": self.as_of}
        return asdict(self) | {name: time.isoformat() if time else None for name, time in times.items()}


def read_detection(case: Case) -> Detection:
    """How the present findings came about.

    Raises:
        CaseError: an earlier version of Duanka made them, which did not note how.
    """
    if not case.table_exists("detection"):
        raise CaseError("case.old_findings", folder=case.folder)
    row = pl.DataFrame(case.db.arrow("SELECT * FROM detection")).row(0, named=True)
    model = UsedModel(**row["model"]) if row["model"] else None
    typologies = tuple(UsedTypology(**one) for one in row.get("typologies", ()))
    return Detection(**row | {"model": model, "typologies": typologies})


def tool_version() -> str:
    """The version of Duanka that runs; "?" in a checkout that is not installed."""
    try:
        return version("duanka")
    except PackageNotFoundError:
        return "?"
