"""The emission services: upload, status and downloads, for invoices and notes or for support documents.

HTTP is always 200. The body has a code as text, whose meaning depends on the text beside it.
"""

import base64
import binascii
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from tests.simulators.facturatech import arithmetic, description, signed, structure
from tests.simulators.facturatech.account import Account, NumberRange, Stored
from tests.simulators.facturatech.envelopes import (
    RPC_TYPES,
    SOAP_11,
    NotAnEnvelope,
    call,
    fault,
    parsed,
    rpc_answer,
)
from tests.simulators.facturatech.structure import text
from tests.simulators.faults import Faults
from tests.simulators.routing import Answer, Request

# How often one number may be uploaded.
UPLOADS = 20


@dataclass(frozen=True)
class Dialect:
    """The names that a service has for its operations and for the two parts of a number."""

    upload: str
    status: str
    uuid: str
    xml: str
    pdf: str
    prefix: str
    folio: str
    resource: str
    roots: frozenset[str]
    target: str
    """The namespace of its operations, to which the stage is appended."""
    name: str

    @property
    def structures(self) -> dict[str, tuple[str, ...]]:
        return {
            "response_ws": ("code", "success", "transaccionID", "error"),
            "response_docs": ("code", "success", "status", "error"),
            "response_download": ("code", "success", self.resource, "error"),
        }


INVOICES = Dialect(
    "FtechAction.uploadInvoiceFile",
    "FtechAction.documentStatusFile",
    "FtechAction.getCUFEFile",
    "FtechAction.downloadXMLFile",
    "FtechAction.downloadPDFFile",
    "prefijo",
    "folio",
    "resourceData",
    frozenset({"FACTURA", "NOTA", "DOCUMENTO_SOPORTE"}),
    "urn:https://ws.facturatech.co/v2/",
    "Facturatech",
)
SUPPORT = Dialect(
    "uploadDocument",
    "documentStatus",
    "downloadCUDS",
    "downloadXML",
    "downloadPDF",
    "prefix",
    "number",
    "documentBase64",
    frozenset({"DOCUMENTO_SOPORTE"}),
    "urn:https://ws-dse.facturatech.co/v1/",
    "DocumentoSoporte",
)

Fields = dict[str, str]


class EmissionService:
    """One service on one stage: ``demo`` for DEMO users, ``pro`` for productive ones."""

    def __init__(self, dialect: Dialect, accounts: dict[str, Account], faults: Faults, *, productive: bool):
        self._dialect = dialect
        self._accounts = accounts
        self._faults = faults
        self._productive = productive

    def respond(self, request: Request) -> Answer:
        try:
            asked = call(request.body)
        except NotAnEnvelope as cause:
            return fault(SOAP_11, f"error in msg parsing: {cause}")
        operation = asked.operation.removesuffix("Request")
        # The real service does not check the namespace of the operation's element, and rpc parameters have none.
        handler = self._handlers().get(operation)
        if handler is None or asked.soap != SOAP_11:
            return fault(SOAP_11, f"method '{operation}' not defined in service")
        handle, needs, type_name = handler
        said = self._missing(asked.parameters, needs) or self._as(asked.parameters, handle)
        fields = {name: said.get(name, "") for name in self._dialect.structures[type_name]}
        return rpc_answer(operation, type_name, fields, f"{fields['code']} {fields['error']}"[:90])

    def description(self, address: str) -> Answer:
        names = self._dialect
        return description.rpc(
            names.name,
            address,
            f"{names.target}{'pro' if self._productive else 'demo'}/",
            RPC_TYPES,
            {name: dict.fromkeys(fields, "string") for name, fields in names.structures.items()},
            {
                operation: (
                    {
                        each: "int" if each == SUPPORT.folio else "string"
                        for each in ("username", "password", *needs)
                    },
                    type_name,
                )
                for operation, (_, needs, type_name) in self._handlers().items()
            },
        )

    def _handlers(self) -> dict[str, tuple[Callable[[Account, Fields], Fields], tuple[str, ...], str]]:
        names = self._dialect
        number = (names.prefix, names.folio)
        return {
            names.upload: (self._upload, ("xmlBase64",), "response_ws"),
            names.status: (self._status, ("transaccionID",), "response_docs"),
            names.uuid: (self._download(lambda stored: stored.uuid.encode()), number, "response_download"),
            names.xml: (self._download(signed.attached), number, "response_download"),
            names.pdf: (self._download(signed.pdf), number, "response_download"),
        }

    def _missing(self, parameters: Fields, needs: tuple[str, ...]) -> Fields | None:
        for name in ("username", "password", *needs):
            if not parameters.get(name):
                return _refused("404", f"Parámetro {name} inválido")
        if not re.fullmatch(r"[0-9a-f]{64}", parameters["password"]):
            return _refused("404", "Parámetro password inválido")
        return None

    def _as(self, parameters: Fields, handle: Callable[[Account, Fields], Fields]) -> Fields:
        account = self._accounts.get(parameters["username"])
        if account is None or not account.accepts(parameters["password"]):
            return _refused("404", "Datos de acceso incorrectos")
        if not account.web_service:
            return _refused("409", "Usuario sin autorización para el consumo del WS")
        return handle(account, parameters)

    # Upload ------------------------------------------------------------------------------------

    def _upload(self, account: Account, parameters: Fields) -> Fields:
        ordered = self._faults.take("refuse", "POST", f"#{self._dialect.upload}")
        if ordered:
            return _refused(ordered.details["code"], ordered.details["text"])
        if account.productive is not self._productive:
            text_ = (
                "El usuario no se encuentra en fase de pruebas"
                if account.productive
                else "Usuario sin autorización WS"
            )
            return _refused("409", text_)
        try:
            raw = base64.b64decode(parameters["xmlBase64"], validate=True)
        except (binascii.Error, ValueError):
            return _refused("404", "Base64 inválido en el parámetro xmlBase64")
        root = parsed(raw)
        if root is None or root.tag not in self._dialect.roots:
            return _refused("404", "Parámetro XML inválido")
        wrong = structure.problems(root)
        if wrong:
            return _refused(
                "404", f"Elementos esperados/inesperados en el documento. Errores: [{'; '.join(wrong)}]"
            )
        return self._numbered(account, root)

    def _numbered(self, account: Account, root: Element) -> Fields:
        emitter = text(root, "EMI", 2) or text(root, "ADQ", 2)
        if not text(root, "ENC", 2) == emitter == account.nit:
            return _refused("409", "El NIT del emisor no corresponde al de la cuenta")
        prefix, joined = text(root, "DRF", 4), text(root, "ENC", 6)
        folio_text = joined.removeprefix(prefix)
        if prefix[-1].isdigit() or not joined.startswith(prefix) or not folio_text.isdigit():
            return _refused("404", "Inconsistencia en ENC_6: no es el prefijo y el folio")
        folio = int(folio_text)
        refusal = _range_refusal(account, root, folio)
        if refusal:
            return _refused("409", refusal)
        known = account.documents.get((prefix, folio))
        if known is not None:
            return _repeated(known)
        if account.folios <= 0:
            return _refused("409", "La cuenta se encuentra sin folios disponibles")
        wrong = arithmetic.problems(root)
        if wrong:
            return _refused(
                "404", f"Rechazo datos incorrectos, Errores: [{'; '.join(wrong)}], advertencias: []"
            )
        return self._store(account, root, prefix, folio)

    def _store(self, account: Account, root: Element, prefix: str, folio: int) -> Fields:
        verdict = self._faults.take("verdict", "POST", f"#{self._dialect.upload}")
        details: dict[str, Any] = (
            verdict.details if verdict else {"polls": 0, "authorised": False, "warnings": []}
        )
        fields = signed.facts(root)
        stored = Stored(
            prefix, folio, uuid.uuid4().hex, fields, signed.uuid(fields), details["polls"], root=root
        )
        account.documents[(prefix, folio)] = stored
        account.folios -= 1
        warnings = "; ".join(details["warnings"])
        said = "Procesado correctamente"
        if details["authorised"]:
            said = f"La factura electrónica[{stored.number}], ha sido autorizada, Advertencias:[{warnings}]"
        elif warnings:
            said = f"Documento procesado, Advertencias: [{warnings}]"
        return {"code": "201", "success": "true", "transaccionID": stored.transaction, "error": said}

    # Asking ------------------------------------------------------------------------------------

    def _status(self, account: Account, parameters: Fields) -> Fields:
        stored = next(
            (row for row in account.documents.values() if row.transaction == parameters["transaccionID"]),
            None,
        )
        if not re.fullmatch(r"[0-9a-f]{6,}", parameters["transaccionID"]):
            return _refused("404", "Parámetro transaccionid inválido")
        if stored is None:
            return _refused("404", "No existe documento con este transaccionid")
        if _in_process(stored):
            return {"code": "201", "success": "true", "status": "PROCESSING", "error": ""}
        return {"code": "201", "success": "Documento firmado", "status": "SIGNED_XML", "error": ""}

    def _download(self, resource: Callable[[Stored], bytes]) -> Callable[[Account, Fields], Fields]:
        def handle(account: Account, parameters: Fields) -> Fields:
            folio = parameters[self._dialect.folio]
            if not folio.isdigit():
                return _refused("404", f"Parámetro {self._dialect.folio} inválido")
            stored = account.documents.get((parameters[self._dialect.prefix], int(folio)))
            if stored is None or _in_process(stored):
                return _refused("404", "No existe el recurso solicitado")
            return {
                "code": "201",
                "success": "Recurso obtenido correctamente",
                self._dialect.resource: base64.b64encode(resource(stored)).decode(),
                "error": "",
            }

        return handle


def _repeated(known: Stored) -> Fields:
    known.uploads += 1
    if known.uploads > UPLOADS:
        return _refused(
            "409", f"El número de transacciones permitidas para el folio [{known.number}] se superó"
        )
    if _in_process(known):
        said = (
            "Ya existe un documento en status de procesamiento con este folio, favor de verificar el estatus con "
            f"documentStatus. TrasactionID {known.transaction}"
        )
    else:
        said = "Ya existe un documento firmado con este folio, no es posible procesarlo nuevamente"
    return {"code": "201", "success": "true", "transaccionID": "", "error": said}


def _in_process(stored: Stored) -> bool:
    """Whether a document is still in process; each question brings the end nearer."""
    if stored.polls > 0:
        stored.polls -= 1
        return True
    return False


def _range_refusal(account: Account, root: Element, folio: int) -> str | None:
    wanted = {"01": "INVOIC", "91": "NC", "92": "ND", "05": "DSE", "95": "DSE_AJUSTE"}[text(root, "ENC", 9)]
    prefix = text(root, "DRF", 4)
    rows = [row for row in account.ranges if (row.prefix, row.type_name) == (prefix, wanted)]
    row = next((row for row in rows if row.resolution == text(root, "DRF", 1)), None)
    if row is None:
        return "El número de autorización no coincide con el registrado"
    return _difference(row, root) or (
        None if row.start <= folio <= row.end else "El folio se encuentra fuera del rango autorizado"
    )


def _difference(row: NumberRange, root: Element) -> str | None:
    stated = [text(root, "DRF", number) for number in (2, 3, 5, 6)]
    stored = [
        row.valid_from.isoformat() if row.valid_from else "",
        row.valid_to.isoformat() if row.valid_to else "",
        str(row.start),
        str(row.end),
    ]
    names = ("La fecha inicio", "La fecha fin", "El número inicial", "El número final")
    for name, one, other in zip(names, stated, stored, strict=True):
        if one != other:
            return f"{name} de la autorización no coincide con la registrada"
    return None


def _refused(code: str, said: str) -> Fields:
    return {"code": code, "error": said}
