"""A world as institutions would hand it over, so that import is tested end to end against the truth.

Every style carries who paid whom, how much and when, accounts with their cards and holders, SIM cards, devices, logins,
calls, reports, measures and outlets. What the institutions' formats have no place for is lost, as in life:

- `police`: the channel of bank rows; addresses and devices of payments from wallets (their logins are there);
  balances of Alipay; outlets of wallets, and the names of their institutions. A payment at midnight sharp is known to
  the day. A failed payment stands in the payer's ledger alone.
- `banks`: as `police`; in the statements of the chosen holders also failed payments, serials (but for `local_bank`)
  and, at ICBC and CMB, the time of day.
- `iso20022`: failed payments; channels, addresses and devices; balances but for each statement's first and last.
  pain.001 adds an instruction, pending, for each wage; pacs.008 repeats payments that stand in camt.053.
"""

from pathlib import Path

from duanka.synth.render.source import RenderError, Source

STYLES = ("police", "banks", "iso20022")
ROWS = 200_000
"""Rows of a file before the next one begins."""

HOLDERS = 200
"""People whose accounts are written as their banks' own statements, in the style `banks`."""


def render(source: Path, out: Path, style: str, seed: int, *, rows: int = ROWS, holders: int = HOLDERS) -> list[Path]:
    """Write the canonical tables in `source` to `out` in one of STYLES; returns the files, `mapping.yaml` among them.

    The same tables, style and seed give the same bytes. Memory is bounded by one part of the payments and the accounts.

    Raises:
        RenderError: no such style, or `source` holds no world.
    """
    world = Source(source)
    if style == "police":
        from duanka.synth.render.police import police  # noqa: PLC0415 - one style is enough for one run

        return police(world, out, seed, rows=rows)
    if style == "banks":
        from duanka.synth.render.banks import banks  # noqa: PLC0415 - as above

        return banks(world, out, seed, rows=rows, holders=holders)
    if style == "iso20022":
        from duanka.synth.render.iso20022 import iso20022  # noqa: PLC0415 - as above

        return iso20022(world, out, seed, rows=rows)
    raise RenderError("synth.no_style", style=style, known=", ".join(STYLES))


__all__ = ["HOLDERS", "ROWS", "STYLES", "RenderError", "render"]
