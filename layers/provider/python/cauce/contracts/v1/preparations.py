"""The answer of GET /preparacion: what is missing to emit, point by point."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cauce.contracts.v1 import queries, render
from cauce.contracts.v1.bodies import JsonObject
from cauce.domain.issuer import Issuer
from cauce.domain.preparation import Actor, Point, Preparation, Standing, Subject

if TYPE_CHECKING:
    from cauce.contracts.v1.queries import Parameters

ESTADOS = {Standing.READY: "listo", Standing.ATTENTION: "atencion", Standing.MISSING: "falta"}
RESPONSABLES = {
    Actor.INTEGRATOR: "integrador",
    Actor.ISSUER: "emisor",
    Actor.OPERATOR: "operador",
    Actor.DIAN: "dian",
    Actor.PROVIDER: "proveedor",
}
PUNTOS = {
    Subject.ENVIRONMENT: "ambiente",
    Subject.TOKEN: "token",
    Subject.QUOTA: "cuota",
    Subject.KINDS: "tipos",
    Subject.CREDENTIALS: "credenciales",
    Subject.PARTY: "datos_emisor",
    Subject.CERTIFICATE: "certificado",
    Subject.TEST_SET: "set_pruebas",
    Subject.SERVICE: "servicio",
    Subject.RANGE: "numeracion",
}


def asked(parameters: "Parameters") -> None:
    """The route has no parameters. Raises InvalidDocument for any."""
    reader = queries.Reader(parameters)
    reader.refuse_unknown()
    reader.settle()


def answer(found: Preparation, issuer: Issuer, puntos: Mapping[Subject, str] = PUNTOS) -> JsonObject:
    """``puntos``: what each subject is called."""
    return {
        "ok": True,
        "estado": ESTADOS[found.standing],
        "resumen": summary(found),
        "ambiente": issuer.environment.called,
        "emite": {render.TIPO_DOCUMENTO[kind]: can for kind, can in found.kinds.items()},
        "puntos": [point(each, puntos) for each in found.points],
    }


def summary(found: Preparation) -> str:
    """How an issuer stands, in a sentence."""
    missing = sum(each.standing is Standing.MISSING for each in found.points)
    others = sum(each.standing is Standing.ATTENTION for each in found.points)
    told = []
    if missing:
        told.append(f"faltan {missing} puntos" if missing > 1 else "falta 1 punto")
    if others:
        told.append(f"hay {others} puntos por atender" if others > 1 else "hay 1 punto por atender")
    if found.standing is Standing.READY:
        return "Todo está listo para emitir."
    if found.standing is Standing.MISSING:
        return f"Todavía no puede emitir: {' y '.join(told)}."
    whole = "Puede emitir" if all(found.kinds.values()) else "Puede emitir, pero no todos los tipos"
    return f"{whole}: {' y '.join(told)}."


def point(point: Point, puntos: Mapping[Subject, str]) -> JsonObject:
    return {
        "punto": puntos[point.subject],
        "estado": ESTADOS[point.standing],
        "mensaje": point.says,
        "responsable": RESPONSABLES[point.who] if point.who else None,
        "que_hacer": point.fix,
        "proveedor": point.provider,
        "tipo_documento": render.TIPO_DOCUMENTO[point.kind] if point.kind else None,
        "prefijo": point.prefix,
        "dias_restantes": point.days_left,
        "vence": point.ends_on.isoformat() if point.ends_on else None,
        "quedan": point.left,
        "por_dia": point.a_day,
    }
