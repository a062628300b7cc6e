"""The style `banks`: some people's own bank statements; all other ledgers as banks and wallets answer the police."""

from pathlib import Path

from duanka.synth.render.mapping import NAME, write_mapping
from duanka.synth.render.personal import LOCAL_MAPPING, PersonalStatements, chosen
from duanka.synth.render.police import around
from duanka.synth.render.police_bank import BankAnswers
from duanka.synth.render.police_files import siblings
from duanka.synth.render.source import Source, ledger
from duanka.synth.render.wallets import AlipayAnswers, TenpayAnswers, registrations


def banks(source: Source, out: Path, seed: int, *, rows: int, holders: int) -> list[Path]:
    """Write everything; returns the files. Memory holds one part of the payments and the statements of `holders`."""
    own = chosen(source, seed, holders)
    personal = PersonalStatements(source, out)
    answers = BankAnswers(source, out, seed, rows=rows)
    tenpay, alipay = TenpayAnswers(source, out, rows=rows), AlipayAnswers(source, out, rows=rows)
    first = 0
    for part in source.parts("transactions"):
        entries = ledger(source, part, first)
        first += part.height
        wallet, mine = source.of(entries["own"], "wallet"), own.gather(entries["own"])
        personal.take(entries.filter(mine))
        answers.take(entries.filter((wallet == "") & ~mine))
        tenpay.take(entries.filter(wallet == "tenpay"))
        alipay.take(entries.filter(wallet == "alipay"))
    return [
        *personal.write(), *answers.written, *tenpay.written, *alipay.written, *siblings(source, out),
        *registrations(source, out), *around(source, out, rows=rows), write_mapping(out / NAME, (LOCAL_MAPPING,)),
    ]  # fmt: skip
