"""Every bench of the suite: ``BENCHES`` of the module that has a provider's name, for each provider there is."""

from importlib import import_module

from cauce.providers.registry import NAMES
from tests.contract.bench import Bench

BENCHES: tuple[type[Bench], ...] = tuple(
    bench for name in NAMES for bench in import_module(f"{__name__}.{name}").BENCHES
)
