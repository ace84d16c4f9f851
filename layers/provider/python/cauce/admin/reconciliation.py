"""``cauce range audit``: our numbers against those that the providers have."""

import json
from typing import Annotated

import typer
from rich.markup import escape

from cauce.admin import options, stack, words
from cauce.admin.terminal import out, table
from cauce.contracts.v1.bodies import JsonObject
from cauce.reading.reconciliation import Reconciled, reconcile
from cauce.reading.series import Anomaly


def audit(
    nit: options.Nit,
    provider: Annotated[
        str | None, typer.Option("--provider", "--proveedor", help="Solo este; si no se dice, todos.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Para otro programa.")] = False,
) -> None:
    """Compara los números de un emisor con los de sus proveedores y nombra cada salto, duplicado y ajeno.

    Sale con código 1 si algo no cuadra. Consulta al proveedor al ritmo que este permite: puede tardar.
    """
    gateway = stack.gateway()
    issuer = gateway.issuers.read(nit)
    names = [provider] if provider else sorted(set(issuer.providers.values()))
    found = {name: reconcile(gateway, issuer, name) for name in names}
    if as_json:
        reports = {name: [_report(each) for each in series] for name, series in found.items()}
        print(json.dumps({"nit": nit, "proveedores": reports}, ensure_ascii=False))
    else:
        for name, series in found.items():
            _show(name, series)
    if any(each.anomalies for series in found.values() for each in series):
        raise typer.Exit(1)


def _show(name: str, series: list[Reconciled]) -> None:
    for each in series:
        state = f"[red]{len(each.anomalies)} por revisar[/red]" if each.anomalies else "en orden"
        out.print(
            f"{name} · {words.KINDS[each.kind]} · {escape(each.prefix or 'sin prefijo')}: "
            f"{each.ours} nuestros, {each.theirs} del proveedor, {state}"
        )
        if each.anomalies:
            listed = table("número", "qué", "detalle", "documento")
            for anomaly in each.anomalies:
                listed.add_row(
                    escape(_numbers(each.prefix, anomaly)),
                    anomaly.what.value,
                    escape(anomaly.detail),
                    anomaly.document_id or "—",
                )
            out.print(listed)
    if not series:
        out.print(f"{name}: no hay números que comparar.")


def _numbers(prefix: str, anomaly: Anomaly) -> str:
    first, last = f"{prefix}{anomaly.first}", f"{prefix}{anomaly.last}"
    return first if anomaly.first == anomaly.last else f"{first} … {last}"


def _report(each: Reconciled) -> JsonObject:
    return {
        "tipo": words.KINDS[each.kind],
        "prefijo": each.prefix,
        "resolucion": each.resolution,
        "nuestros": each.ours,
        "del_proveedor": each.theirs,
        "hallazgos": [
            {
                "que": anomaly.what.value,
                "desde": anomaly.first,
                "hasta": anomaly.last,
                "detalle": anomaly.detail,
                "tracking_id": anomaly.document_id,
            }
            for anomaly in each.anomalies
        ],
    }
