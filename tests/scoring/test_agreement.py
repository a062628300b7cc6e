import random
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duanka.scoring.agreement import agreement, best_matches

Rings = dict[str, set[str]]
RINGS = st.dictionaries(st.sampled_from("PQRST"), st.sets(st.sampled_from("abcdefgh"), min_size=1), max_size=5)
SOME = RINGS.filter(bool)


def frame(rings: Rings) -> pl.DataFrame:
    pairs = [(account, ring) for ring, accounts in rings.items() for account in sorted(accounts)]
    return pl.DataFrame(pairs, schema={"account_id": pl.String, "ring_id": pl.String}, orient="row")


def agreed(true: Rings, found: Rings) -> dict[str, float | None]:
    return asdict(agreement(frame(true), frame(found)))


def mean(values: Iterable[Fraction]) -> float | None:
    listed = list(values)
    return float(sum(listed) / len(listed)) if listed else None


def twin(true: Rings, found: Rings) -> dict[str, float | None]:
    """The definitions, pair by pair, in fractions."""

    def best(of: Rings, among: Rings) -> float | None:
        return mean(
            max((Fraction(len(a & b), len(a | b)) for b in among.values()), default=Fraction()) for a in of.values()
        )

    def precision(own: Rings, other: Rings) -> float | None:
        items = sorted(set().union(*own.values()))

        def together(rings: Rings, e: str, f: str) -> int:
            return sum(e in ring and f in ring for ring in rings.values())

        def of_item(e: str) -> Fraction:
            peers = [f for f in items if together(own, e, f)]
            agreed = [Fraction(min(together(own, e, f), together(other, e, f)), together(own, e, f)) for f in peers]
            return sum(agreed, Fraction()) / len(peers)

        return mean(map(of_item, items))

    p, r = precision(found, true), precision(true, found)
    f1 = None if p is None and r is None else 2 * p * r / (p + r) if p and r else 0.0
    return {
        "true_rings": len(true),
        "found_rings": len(found),
        "true_members": sum(map(len, true.values())),
        "found_members": sum(map(len, found.values())),
        "jaccard_true_to_found": best(true, found),
        "jaccard_found_to_true": best(found, true),
        "bcubed_precision": p,
        "bcubed_recall": r,
        "bcubed_f1": f1,
    }


def close(one: dict[str, float | None], other: dict[str, float | None]) -> bool:
    return one.keys() == other.keys() and all(one[name] == pytest.approx(other[name]) for name in one)


@given(RINGS, RINGS)
def test_as_the_twin(true: Rings, found: Rings) -> None:
    assert close(agreed(true, found), twin(true, found))


@given(SOME, st.randoms(use_true_random=False))
def test_the_same_rings_by_other_names_agree_wholly(rings: Rings, chance: random.Random) -> None:
    names = [f"found {number}" for number in range(len(rings))]
    chance.shuffle(names)
    found = agreed(rings, dict(zip(names, rings.values(), strict=True)))
    assert all(found[name] == pytest.approx(1.0) for name in found if name.startswith(("jaccard", "bcubed")))


@given(RINGS, RINGS, st.randoms(use_true_random=False))
def test_names_and_the_order_of_rows_change_nothing(true: Rings, found: Rings, chance: random.Random) -> None:
    names = chance.sample(range(100), len(found))
    renamed = frame({f"{name:02d}": ring for name, ring in zip(names, found.values(), strict=True)})
    twice = pl.concat([renamed, renamed]).sample(fraction=1.0, shuffle=True, seed=chance.randrange(2**32))
    one, other = agreed(true, found), asdict(agreement(frame(true).reverse(), twice))
    assert close(one, other)
    weights = [sorted(best_matches(frame(true), f).select("ring_id", "weight").rows()) for f in (frame(found), twice)]
    assert weights[0] == weights[1]


@given(RINGS, RINGS)
def test_the_two_sides_exchanged(true: Rings, found: Rings) -> None:
    one, other = agreed(true, found), agreed(found, true)
    for name, turned in (
        ("jaccard_true_to_found", "jaccard_found_to_true"),
        ("bcubed_precision", "bcubed_recall"),
        ("bcubed_f1", "bcubed_f1"),
    ):
        assert one[name] == pytest.approx(other[turned])


def test_extended_bcubed_by_hand() -> None:
    """Precision a, b: 1; c, d share a ring with e, who is in no true ring: 2/3 each; e: 0. Mean 2/3.

    Recall a, b: c is in no found ring with them: 2/3 each. c: not with a and b, with d, and with itself in one of two
    rings: (0 + 0 + 1 + 1/2) / 4. d: 1. Mean 65/96.
    """
    found = agreed({"X": {"a", "b", "c"}, "Y": {"c", "d"}}, {"P": {"a", "b"}, "Q": {"c", "d", "e"}})
    assert found["bcubed_precision"] == pytest.approx(2 / 3)
    assert found["bcubed_recall"] == pytest.approx(65 / 96)
    assert found["jaccard_true_to_found"] == pytest.approx(2 / 3)
    assert found["jaccard_found_to_true"] == pytest.approx(2 / 3)


def test_rings_repeated_lose_precision_and_rings_merged_too() -> None:
    true: Rings = {"X": {"a", "b"}, "Y": {"c", "d"}}
    assert agreed(true, true | {"Z": {"a", "b"}})["bcubed_precision"] == pytest.approx(0.75)
    merged = agreed(true, {"P": {"a", "b", "c", "d"}})
    assert (merged["bcubed_precision"], merged["bcubed_recall"]) == (0.5, 1.0)


def test_the_best_match_and_a_tie() -> None:
    true: Rings = {"X": {"a", "b"}, "Y": {"c"}, "Z": {"z"}}
    found: Rings = {"P": {"a", "b", "e"}, "Q": {"a"}, "R": {"c", "d"}, "S": {"c", "f"}}
    matches = best_matches(frame(true), frame(found)).sort("ring_id", "found_ring")
    assert matches.rows() == [("X", "P", 1.0), ("Y", "R", 0.5), ("Y", "S", 0.5)]


def large(names: Sequence[str], members: int, size: int, seed: int) -> pl.DataFrame:
    chance = np.random.default_rng(seed)
    accounts, rings = chance.integers(0, size, members), chance.integers(0, len(names), members)
    return pl.DataFrame({
        "account_id": pl.Series(accounts).cast(pl.String),
        "ring_id": pl.Series([names[ring] for ring in rings]),
    })  # fmt: skip


def test_many_accounts_in_few_rings_are_few_kinds() -> None:
    true = large(["X", "Y"], 200_000, 100_000, 1)
    found = agreement(true, true.with_columns(ring_id=pl.lit("all")).unique())
    assert found.bcubed_recall is not None
    assert 0.5 < found.bcubed_recall < 1.0
    assert found.found_rings == 1


def test_more_kinds_than_one_block() -> None:
    names = [f"R{number}" for number in range(40)]
    true, found = large(names, 9_000, 3_000, 2), large(names, 9_000, 3_000, 3)
    shuffled = agreement(true.sample(fraction=1.0, shuffle=True, seed=1), found)
    assert asdict(agreement(true, found)) == pytest.approx(asdict(shuffled))
