"""Every provider, by name. A provider's module is loaded on first use, so that a cold start loads only one."""

from importlib import import_module

from cauce.domain.document import Kind
from cauce.domain.errors import Unsupported
from cauce.domain.issuer import Issuer
from cauce.providers.base import Provider, Verb

# The class in each provider's own ``provider.py``. Nothing else of the package says which providers there are.
_CLASSES = {
    "afacturar": "Afacturar",
    "dian": "Dian",
    "facturatech": "Facturatech",
    "factus": "Factus",
    "facepro": "FacEPro",
}

NAMES = tuple(_CLASSES)


def provider_class(name: str) -> type[Provider]:
    """The class of a provider. Raises Unsupported for a name that is not one of ours."""
    if name not in _CLASSES:
        raise Unsupported(f"El proveedor «{name}» no existe; los hay: {', '.join(NAMES)}.")
    module = import_module(f"cauce.providers.{name}.provider")
    found: type[Provider] = getattr(module, _CLASSES[name])
    return found


def offers(issuer: Issuer, name: str, verb: Verb) -> bool:
    """Whether an issuer's provider has a verb. The provider is not built for this, nor its credentials read."""
    return verb in provider_class(name).declare(issuer.settings.get(name, {})).verbs


def able(kind: Kind) -> tuple[str, ...]:
    """The providers that take this kind of document, in at least one dialect."""
    names = []
    for name in NAMES:
        cls = provider_class(name)
        if any(kind in cls.declare(settings).kinds for settings in cls.variants):
            names.append(name)
    return tuple(names)
