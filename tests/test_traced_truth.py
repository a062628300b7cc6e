"""Victims of a made-up world, traced in the files that institutions would hand over, and held against the truth."""

from pathlib import Path

import polars as pl
import pytest

from duanka.store.seeds import Seed
from duanka.synth.parameters import defaults
from duanka.synth.scales import SCALES
from duanka.synth.write import write_world
from duanka.tracing import pipeline
from duanka.tracing.run import Traced, Wish
from synth.render.worlds import table, take


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny world with fraud rings, as the police would have it."""
    out = tmp_path_factory.mktemp("world") / "w"
    write_world(SCALES["tiny"], 24, defaults(), {"fraud": 2}, out, style="police")
    take(out.parent / "case", [out / "records"], _mapping(out / "records"))
    return out


def _mapping(records: Path) -> Path | None:
    path = records / "mapping.yaml"
    return path if path.exists() else None


@pytest.fixture(scope="module")
def found(world: Path) -> Traced:
    """All reports, each payment a claim."""
    reports = table(_case(world), "SELECT DISTINCT report_id FROM raw_report ORDER BY report_id")["report_id"]
    assert len(reports) > 10
    return pipeline.trace(_case(world), [Seed("report", one) for one in reports], Wish(apart=True))


def _case(world: Path) -> Path:
    return world.parent / "case"


def _rings(world: Path) -> pl.DataFrame:
    """`row_id, ring_id, part` of every payment of a ring, by the serials that the banks print."""
    truth = pl.read_parquet(world / "truth" / "transactions" / "*.parquet")
    return table(_case(world), "SELECT row_id, external_id FROM transactions").join(truth, on="external_id")


def test_every_reported_payment_is_found_and_no_other(world: Path, found: Traced) -> None:
    reports = table(_case(world), "SELECT count(*) AS n FROM raw_report").item()
    assert found.left_out.is_empty()
    assert len(found.seeds) == reports
    parts = found.seeds.join(_rings(world), on="row_id", how="left")["part"]
    assert parts.unique().to_list() == ["deposit"]


def test_traced_money_keeps_to_the_ring_that_took_it(world: Path, found: Traced) -> None:
    """Of what is traced out of collection cards (first hop), the ring's own payments carry nearly all.

    A trace that ignored doctrines would follow all that left those cards alike: the share that the ring's payments
    have of it is what each doctrine must beat.
    """
    rings = _rings(world)
    ring_of = found.seeds.join(rings, on="row_id").select("claim", theirs="ring_id")
    steps = found.steps.filter(pl.col("hop") == 1).join(ring_of, on="claim").join(rings, on="row_id", how="left")
    steps = steps.with_columns(own=(pl.col("ring_id") == pl.col("theirs")).fill_null(value=False))
    shares = dict(
        steps.group_by("doctrine").agg((pl.col("amount") * pl.col("own")).sum() / pl.col("amount").sum()).iter_rows()
    )
    out = table(_case(world), "SELECT row_id, payer, amount FROM transactions WHERE status IN ('success', 'unknown')")
    out = out.join(found.seeds.select(payer="payee").unique(), on="payer").join(rings, on="row_id", how="left")
    blind = out.select((pl.col("amount") * pl.col("ring_id").is_not_null()).sum() / pl.col("amount").sum()).item()
    assert {"fifo", "lifo", "pro_rata", "rolling", "lowest_balance"} <= set(shares)
    for doctrine in ("lifo", "pro_rata"):
        assert shares[doctrine] > blind, (doctrine, shares, blind)
    assert all(share > 0.8 for share in shares.values()), shares


def test_it_adds_up_for_every_victim(found: Traced) -> None:
    sums = found.sums
    assert (sums["seeded"] + sums["changed"] == sums["left"] + sums["ended"] + sums["remainder"]).all()
    for doctrine in found.doctrines:
        of_one = sums.filter(pl.col("doctrine") == str(doctrine))
        assert of_one["seeded"].sum() == found.claims["seeded"].sum()
