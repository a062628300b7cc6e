import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duanka.scoring.agreement import best_matches
from duanka.scoring.positions import macro, role_scores, tier_accuracy

Member = tuple[str, str, int | None, str]
SCHEMA = {"account_id": pl.String, "ring_id": pl.String, "tier": pl.Int64, "role": pl.String}
TIERS, ROLES = st.sampled_from([None, 0, 1, 2]), st.sampled_from(["", "x", "y"])
MEMBERS = st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("PQR"), TIERS, ROLES), max_size=14)


def frame(members: list[Member]) -> pl.DataFrame:
    return pl.DataFrame(members, schema=SCHEMA, orient="row")


def rings(members: list[Member]) -> dict[str, set[str]]:
    return {ring: {a for a, r, *_ in members if r == ring} for _, ring, *_ in members}


def twin_matches(true: list[Member], found: list[Member]) -> dict[str, list[str]]:
    best = {}
    for ring, accounts in rings(true).items():
        score = {name: len(accounts & other) / len(accounts | other) for name, other in rings(found).items()}
        top = max(score.values(), default=0.0)
        best[ring] = [name for name in score if score[name] == top > 0]
    return best


def twin_tiers(true: list[Member], found: list[Member]) -> tuple[float | None, float | None]:
    best = twin_matches(true, found)
    judged = {(ring, a) for a, ring, tier, _ in true if tier is not None and tier >= 1}
    right = present = 0.0
    for ring, account in judged:
        tiers = {t for a, r, t, _ in true if (r, a) == (ring, account) and t is not None and t >= 1}
        for name in best[ring]:
            given = [t for a, r, t, _ in found if (r, a) == (name, account)]
            present += bool(given) / len(best[ring])
            right += bool(tiers & set(given)) / len(best[ring])
    return right / len(judged) if judged else None, right / present if present else None


def twin_role(role: str, true: list[Member], found: list[Member]) -> float:
    best = twin_matches(true, found)
    judged = {(ring, a) for a, ring, _, own in true if own}
    hits = flagged = 0.0
    for ring, account in judged:
        own = {r for a, name, _, r in true if (name, a) == (ring, account)}
        for name in best[ring]:
            if any((a, r, x) == (account, name, role) for a, r, _, x in found):
                flagged += 1 / len(best[ring])
                hits += (role in own) / len(best[ring])
    support = len({(ring, a) for a, ring, _, own in true if own == role})
    return 2 * hits / (flagged + support)


@given(MEMBERS, MEMBERS)
def test_as_the_twins(true: list[Member], found: list[Member]) -> None:
    matches = best_matches(frame(true), frame(found))
    assert tier_accuracy(frame(true), frame(found), matches) == pytest.approx(twin_tiers(true, found))
    scores = role_scores(frame(true), frame(found), matches)
    assert {role: one.f1 for role, one in scores.items()} == pytest.approx(
        {role: twin_role(role, true, found) for _, _, _, role in true if role}
    )


@given(MEMBERS)
def test_the_truth_itself_is_right_by_whatever_name(true: list[Member]) -> None:
    once = list({(ring, account): (account, ring, tier, role) for account, ring, tier, role in true}.values())
    disjoint = [(f"{account}{ring}", ring, tier, role) for account, ring, tier, role in once]
    found = frame(disjoint).with_columns("found " + pl.col("ring_id"))
    matches = best_matches(frame(disjoint), found)
    assert set(tier_accuracy(frame(disjoint), found, matches)) <= {1.0, None}
    assert macro(role_scores(frame(disjoint), found, matches)) in {1.0, None}


def test_by_hand() -> None:
    true = frame([("a", "X", 1, "collection"), ("b", "X", 2, "transit"), ("c", "X", 2, "transit"),
                  ("v", "X", 0, "victim"), ("o", "X", None, "operator")])  # fmt: skip
    found = frame([("a", "P", 1, "transit"), ("b", "P", 2, "transit"), ("v", "P", 0, "victim"), ("o", "P", None, ""),
                   ("s", "P", 1, "transit"), ("c", "Q", 2, "transit")])  # fmt: skip
    matches = best_matches(true, found)
    assert tier_accuracy(true, found, matches) == pytest.approx((2 / 3, 1.0))  # c is in another ring
    scores = role_scores(true, found, matches)
    assert {role: (one.members, one.f1) for role, one in scores.items()} == {
        "collection": (1, 0.0),
        "operator": (1, 0.0),
        "transit": (2, 0.5),  # b of b and c; a is wrongly one, the stranger s is not judged
        "victim": (1, 1.0),
    }
    assert macro(scores) == pytest.approx(1.5 / 4)


def test_a_member_without_a_tier_is_wrong() -> None:
    true = frame([("a", "X", 1, ""), ("b", "X", 1, "")])
    found = frame([("a", "P", None, ""), ("b", "P", 1, "")])
    assert tier_accuracy(true, found, best_matches(true, found)) == (0.5, 0.5)


def test_without_anything_to_judge_there_is_no_figure() -> None:
    none = frame([])
    assert tier_accuracy(none, none, best_matches(none, none)) == (None, None)
    assert macro(role_scores(none, none, best_matches(none, none))) is None
    alone = frame([("a", "X", 1, "collection")])
    assert tier_accuracy(alone, none, best_matches(alone, none)) == (0.0, None)
    assert macro(role_scores(alone, none, best_matches(alone, none))) == 0.0
