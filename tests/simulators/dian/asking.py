"""The operations that only read. Each returns the XML inside its result, and is called with the register's lock held."""

import re
from collections.abc import Mapping
from datetime import datetime

from tests.simulators.dian import application_response, results
from tests.simulators.dian.accounts import Account, Acquirer
from tests.simulators.dian.document import Document
from tests.simulators.dian.register import Register, Verdict

_IDENTIFIER = re.compile(r"[0-9a-f]{96}")
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_WHO = "NIT no autorizado a enviar documentos."


def unauthorised() -> str:
    return results.dian_response("89", _WHO)


def status(register: Register, sender: Account | None, track_id: str) -> str:
    return results.one("GetStatus", _status(register, sender, track_id))


def status_zip(register: Register, sender: Account | None, track_id: str) -> str:
    return results.many("GetStatusZip", _status_zip(register, sender, track_id))


def status_event(register: Register, sender: Account | None, track_id: str, now: datetime) -> str:
    return results.one("GetStatusEvent", _status_event(register, sender, track_id, now))


def xml(register: Register, sender: Account | None, track_id: str, now: datetime) -> str:
    """A document's XML, if its sender or its receiver asks."""
    found = register.accepted.get(track_id)
    if found is None:
        return results.event("404", "No se encuentra el documento.")
    document = Document(found.content)
    if sender is None or sender.nit not in (document.supplier, document.customer):
        return results.event("401", "El NIT del certificado no es emisor ni receptor del documento.")
    return results.event("100", "Acción completada OK.", found.content, now.isoformat())


def numbering_range(sender: Account | None, arguments: Mapping[str, str]) -> str:
    whose = (arguments.get("accountCode"), arguments.get("accountCodeT"))
    if sender is None or whose != (sender.nit, sender.nit):
        return results.ranges("401", "El NIT no está autorizado a consultar los rangos.")
    if arguments.get("softwareCode") != sender.software_id:
        return results.ranges("303", "El código del software no corresponde al NIT.")
    if not sender.ranges:
        return results.ranges("301", "No se encontraron rangos de numeración para el NIT.")
    found = [each for each in sender.ranges if each.associated]
    if not found:
        return results.ranges("302", "No se encontraron prefijos asociados al código del software.")
    return results.ranges("100", "Acción completada OK.", found)


def acquirer(
    sender: Account | None, known: Mapping[tuple[str, str], Acquirer], arguments: Mapping[str, str]
) -> str:
    found = known.get((arguments.get("identificationType", ""), arguments.get("identificationNumber", "")))
    if sender is None or found is None:
        return results.acquirer("404", "No se encontró información del adquiriente.")
    return results.acquirer("200", "Consulta exitosa.", found.name, found.email)


def _status(register: Register, sender: Account | None, track_id: str) -> str:
    if sender is None:
        return unauthorised()
    if not _IDENTIFIER.fullmatch(track_id):
        return results.dian_response("89", "TrackId inválido.")
    found = register.ask(track_id)
    if isinstance(found, Verdict):
        return results.of_verdict(found)
    return results.in_process(track_id) if found == "98" else _absent()


def _status_zip(register: Register, sender: Account | None, track_id: str) -> list[str]:
    if sender is None:
        return [unauthorised()]
    if not _GUID.fullmatch(track_id):
        return [results.dian_response("89", "TrackId inválido.")]
    batch = register.batches.get(track_id)
    if batch is None:
        return [_absent()]
    if batch.is_stuck or batch.waits:
        batch.waits = max(0, batch.waits - 1)
        return [results.dian_response("", "Batch en proceso de validación.")]
    if batch.closed_test_set:
        text = f"Set de prueba con identificador {batch.closed_test_set} se encuentra Aceptado."
        return [results.dian_response("2", text)]
    return [_of_batch(register, verdict) for verdict in batch.verdicts]


def _of_batch(register: Register, verdict: Verdict) -> str:
    if verdict.uuid not in register.waiting:
        return results.of_verdict(verdict)
    found = register.ask(verdict.uuid)
    return results.of_verdict(found) if isinstance(found, Verdict) else results.in_process(verdict.uuid)


def _status_event(register: Register, sender: Account | None, track_id: str, now: datetime) -> str:
    if sender is None:
        return unauthorised()
    invoice, seen = register.history(track_id)
    if invoice is None:
        if not _IDENTIFIER.fullmatch(track_id) or track_id in register.accepted:
            return results.dian_response("68", "El trackId no corresponde a un CUFE.")
        return _absent()
    if not seen:
        return results.dian_response("67", "La factura no tiene eventos asociados.")
    response = application_response.of_events(invoice.number, sender.nit, register.environment, seen, now)
    return results.dian_response("00", results.ACCEPTED, is_valid=True, response=response, key=invoice.uuid)


def _absent() -> str:
    return results.dian_response("66", "TrackId no existe en los registros de la DIAN.")
