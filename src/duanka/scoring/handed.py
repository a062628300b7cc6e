"""What the evidence of relays says of a node, in numbers: as the one who hands on, and as the ends of relays."""

import numpy as np
from numpy.typing import NDArray

from duanka.flow.ledger import NOBODY, Bool, Float32, Int32, Int64, Ledger
from duanka.scoring.accounts import STRONG, Evidence
from duanka.scoring.grouped import Grouped, counted, share
from duanka.scoring.relays import Relays

Float64 = NDArray[np.float64]
Columns = dict[str, Float64]


def relayed(ledger: Ledger, found: Relays, evidence: Evidence) -> Columns:
    """Largest, mean and often: of a node's pairs, and of the rows that it paid and got. O((rows + pairs) log)."""
    columns: Columns = {"evidence": evidence.node.astype(np.float64)}
    pairs = Grouped(found.node, found.weight, ledger.nodes)
    columns |= {"relay_largest": pairs.largest(0), "relay_second": pairs.largest(1), "relay_mean": pairs.mean()}
    for name, least in (("some", 0.0), ("strong", STRONG)):
        columns[f"relays_{name}"] = np.log1p(counted(found.node, found.weight > least, ledger.nodes))
    columns["relays_share"] = share(counted(found.node, found.weight > STRONG, ledger.nodes), pairs.count)
    both = np.minimum(found.first, found.second)
    strengths = {"hands_on": found.second, "handed_on": found.first, "both": both, "row": evidence.row}
    for end, node in (("paid", ledger.payer), ("got", ledger.payee)):
        known = node != NOBODY
        for name, strength in strengths.items():
            columns |= _of_rows(f"{end}_{name}", node, strength, known, ledger.nodes)
    return columns


def _of_rows(name: str, node: Int32, strength: Float32, known: Bool, nodes: int) -> Columns:
    rows = Grouped(node[known], strength[known], nodes)
    strong: Int64 = counted(node, known & (strength > STRONG), nodes)
    return {
        f"{name}_largest": rows.largest(0), f"{name}_second": rows.largest(1), f"{name}_mean": rows.mean(),
        f"{name}_strong": np.log1p(strong),
    }  # fmt: skip
