"""A document's evidence as files: what it is, its trace, what is archived of it, and the manifest of their hashes.

The same record gives the same files, byte for byte.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from cauce.contracts.v1 import render, traces
from cauce.contracts.v1.bodies import JsonObject
from cauce.domain.time import bogota

if TYPE_CHECKING:
    from cauce.reading.evidence import Evidence

VERSION = 1
MANIFEST, PROOFS = "manifiesto.json", "cadena.json"


def files(found: "Evidence") -> dict[str, bytes]:
    """The files of the evidence, by name; the manifest, which has the hashes of the others, is the first."""
    record = found.record
    told = {
        "documento.json": _json(_document(found)),
        "contenido.json": record.content.model_dump_json(indent=1, exclude_defaults=True).encode(),
        "traza.json": _json({"pasos": [_step(found, n) for n in range(len(record.steps))]}),
        **(
            {PROOFS: _json([each.model_dump(by_alias=True) for each in found.proofs])} if found.proofs else {}
        ),
        **{each.name: each.body for each in found.files},
    }
    return {MANIFEST: _json(_manifest(found, told)), **told}


def _document(found: "Evidence") -> JsonObject:
    shown = render.of_record(found.record, "")
    return {name: value for name, value in shown.items() if name != "links"}


def _step(found: "Evidence", n: int) -> JsonObject:
    step = found.record.steps[n]
    return {
        "hora": bogota(step.at).isoformat(),
        "paso": traces.step(step.what),
        "detalle": step.detail,
        "quien": step.by,
        "nombre": found.askers.get(step.by or ""),
    }


def _manifest(found: "Evidence", told: Mapping[str, bytes]) -> JsonObject:
    record = found.record
    asked = dict.fromkeys(step.by for step in record.steps if step.by is not None)
    kept = {each.name: each for each in found.files}
    return {
        "version": VERSION,
        "emisor": record.issuer,
        "tracking_id": record.document_id,
        "tipo_documento": render.TIPO_DOCUMENTO[record.kind],
        "numero_completo": str(record.number) if record.number else None,
        "cufe": record.uuid,
        "estado": record.shown_state,
        "proveedor": record.provider,
        "intentos": record.attempt,
        "contenido_sha256": record.content_hash,
        "pidieron": [{"quien": by, "nombre": found.askers.get(by)} for by in asked],
        "archivos": [
            {
                "nombre": name,
                "bytes": len(body),
                "sha256": hashlib.sha256(body).hexdigest(),
                "archivo": kept[name].archived_as if name in kept else None,
                "tipo": kept[name].content_type if name in kept else "application/json",
            }
            for name, body in told.items()
        ],
    }


def _json(value: object) -> bytes:
    """JSON that a person can read too. Amounts are texts: the manifest's readers may not keep a number's digits."""
    return (json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n").encode()
