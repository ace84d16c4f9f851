"""Every provider, by name. Their modules load on first use, so a cold start pays for one only."""

from importlib import import_module

from cauce.domain.document import Kind
from cauce.domain.errors import Unsupported
from cauce.domain.issuer import Issuer
from cauce.providers.base import Provider, Verb

_MODULES = {
    "afacturar": ("cauce.providers.afacturar.provider", "Afacturar"),
    "dian": ("cauce.providers.dian.provider", "Dian"),
    "facturatech": ("cauce.providers.facturatech.provider", "Facturatech"),
    "factus": ("cauce.providers.factus.provider", "Factus"),
    "facepro": ("cauce.providers.facepro.provider", "FacEPro"),
}

NAMES = tuple(_MODULES)


def provider_class(name: str) -> type[Provider]:
    """Raises Unsupported for a name that is none of ours."""
    if name not in _MODULES:
        raise Unsupported(f"El proveedor «{name}» no existe; los hay: {', '.join(NAMES)}.")
    module, attribute = _MODULES[name]
    found: type[Provider] = getattr(import_module(module), attribute)
    return found


def offers(issuer: Issuer, name: str, verb: Verb) -> bool:
    """Whether an issuer's provider can be asked for something. Told without connecting it: a function reads the
    credentials only of those that it asks."""
    return verb in provider_class(name).declare(issuer.settings.get(name, {})).verbs


def able(kind: Kind) -> tuple[str, ...]:
    """The providers that take this kind of document, in some dialect."""
    names = []
    for name in NAMES:
        cls = provider_class(name)
        if any(kind in cls.declare(settings).kinds for settings in cls.variants):
            names.append(name)
    return tuple(names)
