"""GET /adquirientes/{tipo}/{numero}: the identification that is asked for, and who has it."""

from typing import NamedTuple

from cauce.contracts.v1 import party_rules, sentences, translation
from cauce.contracts.v1.bodies import JsonObject
from cauce.contracts.v1.errors import InvalidRequest
from cauce.contracts.v1.lines import Principal
from cauce.domain import nit
from cauce.domain.acquirer import LookedUp
from cauce.domain.catalogs import NIT
from cauce.domain.time import bogota

# The fields of an identification by their names in the route.
_NAMES = {"tipo_documento": "tipo", "numero_documento": "numero"}


class Asked(NamedTuple):
    """An identification, as it is kept."""

    identification_type: str
    identification: str


def asked(identification_type: str, number: str) -> Asked:
    """The identification in a path. Raises InvalidDocument naming the wrong part."""
    said: JsonObject = {"tipo_documento": identification_type, "numero_documento": number}
    try:
        read = sentences.read(Principal, said)
        wrong = {field: [sentence] for field, sentence in party_rules.identification(read)}
        if wrong:
            raise InvalidRequest(wrong)
    except InvalidRequest as refused:
        fields = {_NAMES.get(name, name): told for name, told in refused.fields.items()}
        raise InvalidRequest(fields) from None
    kept, _ = translation.identification(read.tipo_documento, read.numero_documento)
    if read.tipo_documento == NIT and nit.has_check_digit(kept):
        why = f"Parece incluir el dígito de verificación {kept[-1]}: pida {kept[:-1]}, sin él."
        raise InvalidRequest({"numero": [why]})
    return Asked(read.tipo_documento, kept)


def found(who: Asked, looked_up: LookedUp) -> JsonObject:
    is_nit = who.identification_type == NIT
    return {
        "ok": True,
        "data": {
            "tipo_documento": who.identification_type,
            "numero_documento": who.identification,
            "dv": nit.check_digit(who.identification) if is_nit else None,
            "razon_social": looked_up.acquirer.name,
            "email": looked_up.acquirer.email,
            "origen": looked_up.source,
            "consultado_en": bogota(looked_up.at).isoformat(timespec="seconds"),
        },
    }
