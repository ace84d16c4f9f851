"""Ejemplo, simulated strictly, from its own page and nothing else.

FIDELITY

Documented: (each path, field, answer and limit that the page has, and where)

Inferred, so do not lean on it: (what the page leaves open, and how it is read here)

Left out: (what it has and nobody needs)
"""

from tests.simulators.ejemplo.app import EjemploSimulator

__all__ = ["EjemploSimulator"]
