"""Who plays the hard innocents: honest accounts that look like a ring's, by kind (domain.md §3.3 and §6)."""

from dataclasses import dataclass, field

import numpy as np

from duanka.synth.chance import Array
from duanka.synth.life.country import Country
from duanka.synth.world import I32, J

Chance = np.random.Generator


@dataclass(slots=True)
class Cast:
    """Who plays which part; persons for all kinds but the platforms and groups, which are firms' accounts."""

    persons: dict[str, I32] = field(default_factory=dict)
    accounts: dict[str, I32] = field(default_factory=dict)
    subsidiaries: I32 = field(default_factory=lambda: np.empty(0, dtype=np.int32))  # accounts of firms of groups
    group_of: I32 = field(default_factory=lambda: np.empty(0, dtype=np.int32))  # of each, the account of its group
    weddings: list[tuple[int, int]] = field(default_factory=list)  # person, day


def choose(country: Country, chance: Chance) -> Cast:
    """Choose the innocents and write them into the truth. O(people)."""
    world, cast = country.world, Cast()
    people, p, size = world.people, world.parameters, len(world.people)
    grown = np.flatnonzero((people.job > J["student"]) & (people.job != J["retired"]))
    jobs: dict[str, Array] = {
        "village_shop": country.merchants, "group_buy": np.flatnonzero(people.job == J["carer"]),
        "wholesaler": country.merchants, "online_seller": country.merchants, "fee_agent": grown, "travel_agent": grown,
        "till_sweeper": country.merchants, "payroll": grown,
        "salary_mover": np.flatnonzero((people.pay > 0) & (people.second >= 0) & (people.job != J["retired"])),
    }  # fmt: skip
    free = np.ones(size, dtype=np.bool_)
    for kind, among in jobs.items():
        pool = among[free[among]]
        count = min(len(pool), max(1, round(p[f"innocents.{kind}"] * size)))
        chosen = np.sort(chance.choice(pool, size=count, replace=False)).astype(np.int32)
        free[chosen] = False
        cast.persons[kind] = chosen
        cast.accounts[kind] = _account_of(country, kind, chosen)
        world.innocents.add(kind, cast.accounts[kind])
    _choose_firms(country, cast, chance)
    _label_by_life(country, chance)
    hosts = chance.choice(grown, size=max(1, round(p["innocents.wedding"] * size * world.scale.days / 365)))
    days = world.scale.first_day + chance.integers(0, world.scale.days, len(hosts))
    cast.weddings = list(zip(hosts.tolist(), days.tolist(), strict=True))
    world.innocents.add("wedding", people.bank[hosts])
    return cast


def _account_of(country: Country, kind: str, persons: I32) -> I32:
    people = country.world.people
    if kind in {"village_shop", "group_buy", "online_seller", "fee_agent"}:
        wallet = np.where(people.wechat[persons] >= 0, people.wechat[persons], people.alipay[persons])
        return np.where(wallet >= 0, wallet, people.bank[persons]).astype(np.int32)
    return people.bank[persons]


def _choose_firms(country: Country, cast: Cast, chance: Chance) -> None:
    world = country.world
    cast.accounts["freight_platform"] = country.by_kind["freight"][:40]
    world.innocents.add("freight_platform", cast.accounts["freight_platform"])
    groups = country.by_kind["group"]
    each = min(6, len(world.firms))
    firms = [chance.choice(len(world.firms), size=each, replace=False) for _ in groups]
    subsidiaries = world.firms.account[np.array(firms, dtype=np.int64).ravel()]
    group_of = np.repeat(groups, each)
    others = subsidiaries != group_of
    cast.subsidiaries, cast.group_of = subsidiaries[others], group_of[others]
    world.innocents.add("treasury_sweep", groups)


def _label_by_life(country: Country, chance: Chance) -> None:
    """Migrants, students, shared phones, campuses: nothing that they do, but how they live."""
    world = country.world
    people = world.people
    everyone = np.arange(len(people))
    found = {
        "migrant": people.origin != people.region,
        "student": people.job == J["student"],
        "shared_phone": people.device != everyone,
        "campus": (people.job == J["student"]) & (world.networks.kind[world.devices.network[people.device]] == 2),
    }
    for kind, mask in found.items():
        rows = np.flatnonzero(mask)
        some = (
            np.sort(chance.choice(rows, size=min(len(rows), max(1, len(people) // 50)), replace=False))
            if len(rows)
            else rows
        )
        world.innocents.add(kind, people.bank[some])
