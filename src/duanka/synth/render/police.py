"""The style `police`: what a query gets from banks, wallets and operators, and what officers noted themselves."""

from pathlib import Path

import polars as pl

from duanka.synth.render.field import CallRecords, Logins, papers, sim_registers
from duanka.synth.render.mapping import NAME, write_mapping
from duanka.synth.render.police_bank import BankAnswers
from duanka.synth.render.police_files import siblings
from duanka.synth.render.source import Source, ledger
from duanka.synth.render.wallets import AlipayAnswers, TenpayAnswers, registrations


def police(source: Source, out: Path, seed: int, *, rows: int) -> list[Path]:
    """Write everything; returns the files. Memory holds one part of the payments at a time."""
    banks = BankAnswers(source, out, seed, rows=rows)
    tenpay = TenpayAnswers(source, out, rows=rows)
    alipay = AlipayAnswers(source, out, rows=rows)
    first = 0
    for part in source.parts("transactions"):
        entries = ledger(source, part, first)
        first += part.height
        wallet = source.of(entries["own"], "wallet")
        banks.take(entries.filter(wallet == ""))
        tenpay.take(entries.filter(wallet == "tenpay"))
        alipay.take(entries.filter(wallet == "alipay"))
    return [
        *banks.written, *tenpay.written, *alipay.written, *siblings(source, out), *registrations(source, out),
        *around(source, out, rows=rows), write_mapping(out / NAME),
    ]  # fmt: skip


def around(source: Source, out: Path, *, rows: int) -> list[Path]:
    """What surrounds the money, the same in every style: logins, calls, SIM registers, the police's own papers."""
    logins, calls = Logins(source, out, rows=rows), CallRecords(source, out, rows=rows)
    for part in source.parts("sessions"):
        logins.take(part)
    for part in source.parts("calls"):
        calls.take(part.filter(pl.col("phone") != ""))
    return [*logins.written, *calls.written, *sim_registers(source, out), *papers(source, out)]
