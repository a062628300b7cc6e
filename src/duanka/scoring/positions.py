"""Whether members of true rings were given their tier and their role, in the found ring that matches theirs best.

Frames have the columns `account_id, ring_id, tier, role`; tier null or role '' say nothing. An account that is in a
ring in two positions (two rows) is right if one of them is.
"""

from dataclasses import dataclass

import polars as pl

_MEMBER = ("ring_id", "account_id")


@dataclass(frozen=True, slots=True)
class RoleScore:
    """One role of the truth."""

    members: int
    f1: float


def tier_accuracy(true: pl.DataFrame, found: pl.DataFrame, matches: pl.DataFrame) -> tuple[float | None, float | None]:
    """Share of members of tier 1 or beyond that have the same tier in the found ring that matches their ring best.

    First over all of them, those that are not in that found ring counting as wrong; then over those that are in it. A
    found member without a tier is wrong in both. None without such members. `matches` is that of
    `agreement.best_matches`: where several rings match equally well, each counts by its weight. O(members).
    """
    tiers = true.filter(pl.col("tier") >= 1).select(*_MEMBER, "tier").unique()
    judged = (
        _beside(tiers, matches)
        .join(_named(found, "tier"), on=("found_ring", "account_id"), how="left")
        .group_by(*_MEMBER, "found_ring")
        .agg(
            pl.col("weight").first(),
            present=pl.col("present").any(),
            right=(pl.col("tier") == pl.col("found_tier")).any(),
        )
    )
    right = _sum(judged.filter("right"))
    everybody, present = _sum(judged), _sum(judged.filter("present"))
    return right / everybody if everybody else None, right / present if present else None


def role_scores(true: pl.DataFrame, found: pl.DataFrame, matches: pl.DataFrame) -> dict[str, RoleScore]:
    """F1 of each role that the truth knows, over the true members whose role is known. O(members).

    A member's role is taken from the found ring that matches its ring best; a member who is not in it was given none.
    Accounts of found rings that are no members of the true ring are not judged here: the rings' agreement does that.
    """
    roles = true.filter(pl.col("role") != "").select(*_MEMBER, "role").unique()
    given = (
        _beside(roles.select(*_MEMBER).unique(), matches)
        .join(_named(found.filter(pl.col("role") != ""), "role"), on=("found_ring", "account_id"))
        .select(*_MEMBER, "weight", role="found_role")
    )
    hits = given.join(roles, on=(*_MEMBER, "role"), how="semi")
    return {
        role: RoleScore(count, 2 * _of(hits, role) / (count + _of(given, role)))
        for role, count in roles.group_by("role").len().sort("role").iter_rows()
    }


def macro(scores: dict[str, RoleScore]) -> float | None:
    """Plain mean over roles; None without roles."""
    return sum(score.f1 for score in scores.values()) / len(scores) if scores else None


def _beside(members: pl.DataFrame, matches: pl.DataFrame) -> pl.DataFrame:
    """Members beside the found rings that match theirs; where none does, found_ring is null and the weight 1."""
    return members.join(matches, on="ring_id", how="left").with_columns(pl.col("weight").fill_null(1.0))


def _named(found: pl.DataFrame, column: str) -> pl.DataFrame:
    return found.select(
        "account_id", found_ring="ring_id", present=pl.lit(value=True), **{f"found_{column}": column}
    ).unique()


def _sum(frame: pl.DataFrame) -> float:
    return float(frame["weight"].sum())


def _of(frame: pl.DataFrame, role: str) -> float:
    return _sum(frame.filter(pl.col("role") == role))
