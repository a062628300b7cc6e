"""Communities of the account graph as rings: Louvain at six resolutions, by contact or by amount."""

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from detection.evidence import Evidence

RESOLUTIONS = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0)

Ints = NDArray[np.int64]


def louvain(edges: pl.DataFrame, size: int) -> Iterator[tuple[str, Ints]]:
    """Setting and community of each node, for every setting. `edges`: from, to (nodes), amount; one row a pair."""
    from sknetwork.clustering import Louvain  # noqa: PLC0415 - for this rival alone

    ends = edges["from"].to_numpy(), edges["to"].to_numpy()
    for weighted in (False, True):
        weight = edges["amount"].to_numpy().astype(np.float64) if weighted else np.ones(len(ends[0]))
        graph = sparse.csr_matrix((weight, ends), shape=(size, size))
        graph = graph + graph.T
        for resolution in RESOLUTIONS:
            community = Louvain(resolution=resolution, random_state=3).fit_predict(graph)
            yield f"{'weighted' if weighted else 'plain'} {resolution:g}", np.asarray(community, dtype=np.int64)


def edges_of(evidence: Evidence) -> pl.DataFrame:
    """Pairs of different nodes with what the one paid the other: from, to, amount."""
    rows = evidence.rows.filter((pl.col("payer") >= 0) & (pl.col("payee") >= 0) & (pl.col("payer") != pl.col("payee")))
    pairs = rows.group_by(pl.col("payer").alias("from"), pl.col("payee").alias("to")).agg(pl.col("amount").sum())
    return pairs.sort("from", "to")


def rings(evidence: Evidence) -> pl.DataFrame:
    """Communities of at least three accounts: setting, ring_id, account_id."""
    found = []
    for setting, community in louvain(edges_of(evidence), len(evidence)):
        large = np.bincount(community)[community] >= 3
        found.append(pl.DataFrame({
            "setting": pl.repeat(setting, int(large.sum()), eager=True),
            "ring_id": pl.Series(community[large]).cast(pl.String),
            "account_id": evidence.accounts.filter(pl.Series(large)),
        }))  # fmt: skip
    return pl.concat(found)
