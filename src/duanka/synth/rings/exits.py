"""Where the money leaves a ring's accounts: notes, tokens, gold, goods, second-hand wares, the bosses' own accounts."""

from dataclasses import dataclass

import numpy as np

from duanka.synth.chance import Array, Ints, lognormal
from duanka.synth.rings.sums import YUAN, chosen_sums
from duanka.synth.rings.tiers import Works
from duanka.synth.rings.turns import NEVER, Book, Money, split
from duanka.synth.words import W
from duanka.synth.world import BEIJING, I32, F

_DAY = 86_400
WAYS = ("notes", "tokens", "gold", "goods", "second_hand", "bosses")


@dataclass(slots=True)
class Partners:
    """Who is paid at the ring's end; one list for all cells, but each cell has token dealers of its own."""

    tokens: I32  # accounts of U商 who know
    gold: I32
    goods: I32
    sellers: I32
    token_sellers: I32
    bosses: I32


def partners(works: Works, bosses: I32, dealers: I32) -> Partners:
    """Shops and sellers of the ring's city (good faith), and its own token dealers and bosses."""
    scene, chance = works.scene, works.scene.chance
    firms, people, table = scene.world.firms, scene.world.people, scene.world.accounts
    since = scene.world.scale.first_day

    def near(kind: str, count: int) -> I32:
        rows = np.flatnonzero((firms.kind == F[kind]) & (table.opened[firms.account] <= since))
        weight = firms.size[rows] * np.where(firms.region[rows] // 5 == works.city // 5, 20.0, 1.0)
        chosen = chance.choice(rows, min(count, len(rows)), replace=False, p=weight / weight.sum())
        rows_: I32 = firms.account[chosen]
        return rows_

    def crowd(count: int) -> I32:
        persons = scene.market.crowd(count)
        bank = people.bank[persons[scene.market.free(persons)]]
        rows: I32 = bank[table.opened[bank] <= since].astype(np.int32)
        return rows

    number = max(2, round(scene.p["exits.shops"] * scene.size**0.5))
    many = max(6, round(scene.p["exits.second_hand_sellers"] * scene.size))
    return Partners(
        dealers, near("shop", number), near("wholesale", number), crowd(many), crowd(3 * many), bosses
    )  # fmt: skip


def leave(works: Works, money: Money, stop: Array, partners: Partners) -> None:
    """Every sum goes one of the ways; its time is the earliest. Rows after a stop are left out."""
    chance, p = works.scene.chance, works.scene.p
    weight = np.array([p[f"exits.{way}"] for way in WAYS])
    way = chance.choice(len(WAYS), len(money), p=weight / weight.sum())
    cheap = money.amount < 2_000 * YUAN
    way = np.where(cheap & (way >= 2) & (way <= 3), 1, way)
    rest, rest_stop = notes(works, money.take(way == 0), stop[way == 0], day_limit=20_000, single=(2_000, 5_000))
    for number, name in enumerate(WAYS[2:], start=2):
        there = way == number
        _shops(works, money.take(there), stop[there], name, partners)
    there = way == 1
    _tokens(works, money.take(there).with_(rest), np.concatenate([stop[there], rest_stop]), partners)


def notes(
    works: Works, money: Money, stop: Array, *, day_limit: int, single: tuple[int, int], word: str = "cash_out"
) -> tuple[Money, Ints]:
    """Notes from machines in hundreds, within minutes, under the day's limit of a card (yuan).

    Returns what the limit did not let out, as money that can go another way, and the stops of its cards. What is
    less than a hundred stays.
    """
    chance = works.scene.chance
    draw = np.minimum(chance.choice([0.4, 0.5, 0.6, 1.0], len(money)) * single[1], single[1]).clip(single[0])
    draw = (np.floor(draw / 100) * 100).astype(np.int64) * YUAN
    count = np.maximum(-(-money.amount // draw), 1)
    of = np.repeat(np.arange(len(money)), count)
    nth = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
    piece = np.minimum(draw[of], money.amount[of] - nth * draw[of]) // (100 * YUAN) * (100 * YUAN)
    step = 45 + lognormal(chance, 25, 0.6, len(of)).astype(np.int64)
    time = money.time[of] + np.cumsum(step) - np.repeat(np.cumsum(step)[np.cumsum(count) - count] - 1, count)
    day = (time + BEIJING) // _DAY
    order = np.lexsort((time, day, money.node[of]))
    fresh = np.ones(len(of), dtype=np.bool_)
    fresh[1:] = (np.diff(money.node[of][order]) != 0) | (np.diff(day[order]) != 0)
    heap = np.cumsum(piece[order])
    starts = np.flatnonzero(fresh)
    before = np.concatenate([[0], heap])[starts]
    within = heap - np.repeat(before, np.diff(np.append(starts, len(of)))) <= day_limit * YUAN
    fits = np.zeros(len(of), dtype=np.bool_)
    fits[order] = within
    free = fits & (time < stop[of]) & (piece > 0)
    works.book.add(time[free], money.node[of][free], -1, piece[free], W[word], "cash_out")
    over = ~fits & (piece > 0)
    back = of[over]
    return Money(time[over] + 30, money.node[back], piece[over], money.danger[back], money.cell[back]), stop[back]


def _shops(works: Works, money: Money, stop: Array, way: str, partners: Partners) -> None:
    """Gold, cartons of cigarettes, phones and watches of private sellers; or simply the bosses' accounts."""
    chance = works.scene.chance
    whom = {"gold": partners.gold, "goods": partners.goods, "second_hand": partners.sellers, "bosses": partners.bosses}[
        way
    ]
    if not len(whom) or not len(money):
        return
    largest = {"gold": 38_000, "goods": 12_000, "second_hand": 18_000, "bosses": 50_000}[way]
    count = np.minimum(-(-money.amount // (largest * YUAN)), 8)
    of = np.repeat(np.arange(len(money)), count)
    price = money.amount[of] / count[of] * chance.uniform(0.72, 0.995, len(of))
    amount = chosen_sums(chance, price) if way != "gold" else np.round(price).astype(np.int64)
    wait = lognormal(chance, 420, 0.8, len(of)).astype(np.int64)
    time = money.time[of] + wait
    free = time < stop[of]
    if way == "second_hand":  # a seller sells once or twice
        payee = whom[chance.integers(0, len(whom), len(of))]
    else:
        payee = whom[(len(whom) * chance.random(len(of)) ** 1.8).astype(np.int64)]
    word = {
        "gold": chance.choice([W["purchase"], W["code"]], len(of)),
        "goods": chance.choice([W["code"], W["goods"], W["purchase"]], len(of)),
        "second_hand": np.full(len(of), W["transfer"]),
        "bosses": np.full(len(of), W["transfer"]),
    }[way]
    part = "settlement" if way == "bosses" else "taint"
    works.book.add(time[free], money.node[of][free], payee[free], amount[free], word[free], part)


def _tokens(works: Works, money: Money, stop: Array, partners: Partners) -> None:
    """To token dealers, who buy tokens of honest sellers with most of it; two dealers or so for each cell."""
    scene, chance = works.scene, works.scene.chance
    if not len(money):
        return
    share = np.maximum(len(partners.tokens) // works.cells, 1)
    mine = money.cell * share + (share * chance.random(len(money)) ** 1.5).astype(np.int64)
    dealer = partners.tokens[mine % len(partners.tokens)].astype(np.int64)
    free = money.time < np.minimum(stop, works.book.end)
    works.book.add(money.time[free], money.node[free], dealer[free], money.amount[free], W["transfer"], "cash_out")
    got = Money(money.time[free], dealer[free], money.amount[free], np.full(int(free.sum()), NEVER), money.cell[free])
    traded = (chance.random(len(got)) < scene.p["exits.dealer_buys"]) & (got.amount > 500 * YUAN)
    pace = works.pace(scene.p["exits.dealer_hours"] * 3_600, (1, 2), (800, 60_000))
    bought = split(chance, got.take(traded), pace, empties=0.0)
    seller = partners.token_sellers[chance.integers(0, len(partners.token_sellers), len(bought))]
    works.book.add(bought.time, bought.node, seller, bought.amount, W["transfer"], "taint")


def good_faith(book: Book, honest: Array) -> tuple[Ints, Ints, Ints]:
    """Account, first moment and sum (分) of what each of these honest accounts received."""
    time, _, payee, amount, _, _ = book.rows()
    there = np.isin(payee, honest)
    account, first, group = np.unique(payee[there], return_index=True, return_inverse=True)
    return account, time[there][first], np.bincount(group, amount[there], minlength=len(account)).astype(np.int64)
