"""Makes the rings of a world, one after the other, each from its own stream of chance."""

from collections.abc import Callable, Iterator
from importlib import import_module

from duanka.synth.chance import lognormal, stream
from duanka.synth.rings.ring import ADAPTIVE, Market, Ring, Scene
from duanka.synth.world import World


def make_rings(world: World, counts: dict[str, int]) -> Iterator[Ring]:
    """Rings by kind, in the order of their kinds; a share of them adapts. O(their payments)."""
    market = Market(world, stream(world.seed, "market"))
    number = 0
    for kind, count in sorted(counts.items()):
        make: Callable[[Scene], Ring] = import_module(f"{__package__}.{kind}").make
        for nth in range(count):
            chance = stream(world.seed, "ring", kind, nth)
            reference = world.scale.reference and kind == "platform" and nth == 0
            adapts = chance.random() < world.parameters["rings.adaptive"] and not reference
            size = 1.0 if reference else world.scale.ring_size * float(lognormal(chance, 1.0, 0.4, 1)[0])
            adaptive = ADAPTIVE[int(chance.integers(1, len(ADAPTIVE)))] if adapts else ADAPTIVE[0]
            yield make(Scene(world, market, chance, number, size, adaptive, reference))
            number += 1
