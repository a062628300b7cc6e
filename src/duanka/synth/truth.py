"""The truth about a world, in tables of their own that no import ever sees."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields

import numpy as np
import polars as pl

from duanka.synth.canonical import Tables, serials
from duanka.synth.chance import Array, stream
from duanka.synth.generate import Booked
from duanka.synth.lookups import pick
from duanka.synth.movements import NOT_OF_A_RING
from duanka.synth.rings.ring import Control, Member, Ring
from duanka.synth.words import PARTS

_BLOCK = 500_000
_NEVER = 2**31 * 86_400 // 2

_RING_SCHEMA = {
    "ring_id": pl.String, "kind": pl.String, "adaptive": pl.String, "city": pl.String, "parent": pl.String,
    "members": pl.Int64, "level": pl.String, "commission": pl.Float64,
}  # fmt: skip

_NOT_LABELLED = frozenset({"victim", "bettor", "customer", "good_faith"})
"""Roles that a detector should not call mules, since no money but their own passes through: their label is 0."""


@dataclass(frozen=True, slots=True)
class Labels:
    """Labels of accounts. All arrays have length n; an account may be there more than once."""

    account: Array  # int32, row of Accounts
    label: Array  # int8
    lost: Array  # whether a label was taken away in error, and the ring's name and the role with it


class Truth:
    """Who is what, by ring; frames named after the files that they go to."""

    def __init__(self, tables: Tables) -> None:
        self._tables, self._history = tables, tables.history
        self._rings = self._history.rings

    def ring_id(self, ring: Ring) -> str:
        """Name of a ring in all truth tables."""
        return f"R{ring.number + 1:03d}"

    def rings(self) -> pl.DataFrame:
        """One row a ring: kind, how it adapts, city, parent, and the commission agreed by level."""
        rows = [
            (self.ring_id(r), r.kind, r.adaptive, self._tables.names.city(r.city),
             f"R{r.parent + 1:03d}" if r.parent >= 0 else None, len({m.account for m in r.members}), level, rate)
            for r in self._rings for level, rate in (sorted(r.commission.items()) or [("", 0.0)])
        ]  # fmt: skip
        return pl.DataFrame(rows, schema=_RING_SCHEMA, orient="row")

    def kept(self) -> pl.DataFrame:
        """What an observer of a ring's payments can see of its commission: the share that stays at each hand-over.

        One row for each ring, tier and share. At one hand-over several levels may keep their share together, and cards
        whose holders are paid apart pass on more than the others.
        """
        rows = [(self.ring_id(ring), tier, share) for ring in self._rings for tier, share in ring.kept]
        return pl.DataFrame(rows, schema={"ring_id": pl.String, "tier": pl.Int64, "share": pl.Float64}, orient="row")

    def members(self) -> pl.DataFrame:
        """One row a membership of an account: role, tier, rate, who operates it, from when to when, known when."""
        found = [(ring, member) for ring in self._rings for member in ring.members]
        columns = {f.name: [getattr(m, f.name) for _, m in found] for f in fields(Member)}
        accounts = np.array(columns["account"], dtype=np.int64)
        controllers = np.array(columns["controller"], dtype=np.int64)
        return pl.DataFrame({
            "account_id": self._tables.account_ids(accounts),
            "ring_id": pl.Series([self.ring_id(ring) for ring, _ in found], dtype=pl.String),
            "role": pl.Series(columns["role"], dtype=pl.String),
            "tier": pl.Series(columns["tier"], dtype=pl.Int64),
            "rate": pl.Series(columns["rate"], dtype=pl.Float64),
            "controller": self._tables.party_ids(controllers),
            "first": _moments(columns["first"]),
            "last": _moments(columns["last"]),
            "known": _moments(columns["known"]),
        })  # fmt: skip

    def controls(self) -> pl.DataFrame:
        """Who has power over whom or what, since when, as what."""
        found = [(ring, control) for ring in self._rings for control in ring.controls]
        names: dict[str, Callable[[Array], pl.Series]] = {
            "person": self._tables.party_ids, "sim": self._tables.phones, "account": self._tables.account_ids,
            "device": self._tables.printed_devices,
        }  # fmt: skip
        columns = {f.name: [getattr(c, f.name) for _, c in found] for f in fields(Control)}
        what = np.array(columns["what"], dtype=np.int64)
        over = pl.Series(columns["over"], dtype=pl.String)
        printed = pl.DataFrame({kind: names[kind](np.where(over == kind, what, -1)) for kind in sorted(names)})
        return pl.DataFrame({
            "ring_id": pl.Series([self.ring_id(ring) for ring, _ in found], dtype=pl.String),
            "controller": self._tables.party_ids(np.array(columns["person"], dtype=np.int64)),
            "role": pl.Series(columns["role"], dtype=pl.String),
            "over": over,
            "what": printed.select(pl.coalesce(pl.all())).to_series(),
            "since": _moments(columns["since"]),
        })  # fmt: skip

    def platform(self, ring: Ring) -> dict[str, pl.DataFrame]:
        """The seized database of a platform ring: users, orders, points; empty for all other rings."""
        ledger = self._history.ledgers.of(ring.number)
        if ledger is None:
            return {}
        return {name: self._seized(getattr(ledger, name)) for name in ("users", "orders", "points")}

    def _seized(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Rows of Accounts as account ids, seconds as times."""
        if "card" in frame.columns:
            cards = self._tables.account_ids(frame["card"].fill_null(-1).to_numpy())
            frame = frame.with_columns(cards.alias("card"))
        times = [name for name in ("time", "joined", "confirmed") if name in frame.columns]
        return frame.with_columns((pl.col(name) * 1_000_000).cast(pl.Datetime("us", "UTC")) for name in times)

    def innocents(self) -> pl.DataFrame:
        """Hard innocents by kind."""
        own = self._history.world.innocents
        met = [pair for ring in self._rings for pair in ring.innocents]
        kinds, accounts = own.kind + [kind for kind, _ in met], own.account + [account for _, account in met]
        frame = pl.DataFrame({
            "account_id": self._tables.account_ids(np.array(accounts, dtype=np.int64)),
            "kind": pl.Series(kinds, dtype=pl.String),
        })  # fmt: skip
        return frame.unique(maintain_order=True)

    def transactions(self, booked: Booked) -> pl.DataFrame:
        """Of a slice, the payments of rings: which ring, and what the payment is in it."""
        made = booked.movements
        on = np.flatnonzero(made.ring != NOT_OF_A_RING)
        names = pl.Series([self.ring_id(ring) for ring in self._rings], dtype=pl.String)
        return pl.DataFrame({
            "external_id": serials(made.time[on], booked.first_number + on),
            "ring_id": pick(names, made.ring[on]),
            "part": pick(pl.Series(PARTS), made.part[on]),
        })  # fmt: skip

    def labels(self) -> Iterator[pl.DataFrame]:
        """What `duanka evaluate` reads: account_id,label,ring_id,tier,role; every account is listed once or more.

        Some rows at a time: those of members, then all other accounts.
        """
        labels, members = self.labelled(), self.members()
        blank = pl.Series(labels.lost[: members.height])
        yield members.select(
            "account_id", pl.Series("label", labels.label[: members.height]),
            ring_id=pl.when(blank).then(pl.lit("")).otherwise("ring_id"), tier="tier",
            role=pl.when(blank).then(pl.lit("")).otherwise("role"),
        )  # fmt: skip
        for first in range(members.height, len(labels.account), _BLOCK):
            rows = slice(first, first + _BLOCK)
            yield pl.DataFrame({
                "account_id": self._tables.account_ids(labels.account[rows]),
                "label": labels.label[rows],
            }).with_columns(ring_id=pl.lit(""), tier=pl.lit(None, dtype=pl.Int64), role=pl.lit(""))  # fmt: skip

    def labelled(self) -> Labels:
        """The labels by rows of Accounts.

        Label 1 is an account that carries other people's money for a ring. With `rings.label_noise` a share of the
        ones loses its label, and as many innocents are given one, as in labels that people made.
        """
        found = [member for ring in self._rings for member in ring.members]
        account = np.array([member.account for member in found], dtype=np.int32)
        rest = np.ones(len(self._history.world.accounts), dtype=np.bool_)
        rest[account] = False
        carries = np.array([member.role not in _NOT_LABELLED for member in found], dtype=np.bool_)
        account = np.concatenate([account, np.flatnonzero(rest).astype(np.int32)])
        ones = np.concatenate([carries, np.zeros(len(account) - len(found), dtype=np.bool_)])
        lost, given = self._noise(ones)
        return Labels(account, ((ones & ~lost) | given).astype(np.int8), lost)

    def _noise(self, ones: Array) -> tuple[Array, Array]:
        """Which labels are lost, and which are given in error."""
        noise = self._history.world.parameters["rings.label_noise"]
        if not noise:
            return np.zeros_like(ones), np.zeros_like(ones)
        chance = stream(self._history.world.seed, "labels")
        lost = ones & (chance.random(len(ones)) < noise)
        return lost, ~ones & (chance.random(len(ones)) < lost.sum() / max(1, (~ones).sum()))


def _moments(seconds: list[int]) -> pl.Series:
    """UTC times; those that never come are null."""
    series = pl.Series(seconds, dtype=pl.Int64)
    return (series.set(series > _NEVER, None) * 1_000_000).cast(pl.Datetime("us", "UTC"))
