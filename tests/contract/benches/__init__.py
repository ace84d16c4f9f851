"""Every bench of the suite: the ``BENCHES`` of the module here that has a registered provider's name."""

from importlib import import_module

from cauce.providers.registry import NAMES
from tests.contract.bench import Bench

BENCHES: tuple[type[Bench], ...] = tuple(
    bench for name in NAMES for bench in import_module(f"{__name__}.{name}").BENCHES
)
