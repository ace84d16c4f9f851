"""The numbering service (seed 000): three ASMX operations, one of which makes a DEMO user productive."""

from xml.sax.saxutils import escape

from tests.simulators.facturatech import description
from tests.simulators.facturatech.account import Account, NumberRange
from tests.simulators.facturatech.envelopes import SOAP_11, Call, NotAnEnvelope, asmx_answer, call, fault
from tests.simulators.faults import Fault, Faults
from tests.simulators.routing import Answer, Request

CATALOGUE = {
    "INVOIC": "Factura",
    "INVOIC-C": "Factura de contingencia",
    "NC": "Nota de crédito",
    "ND": "Nota de debito",
    "DOCUMENTO_SOPORTE": "Documento soporte análogo",
    "NOMINA": "Nomina",
    "NOMINA_AJUSTE": "Nómina de ajuste",
    "SALUD": "Documento Salud",
    "INVOIC-C-POS": "Documento contingencia pos",
    "TITULO_VALOR": "Documento Titulo valor",
    "DSE": "Documento Soporte Electrónico",
    "DSE_AJUSTE": "Documento soporte ajuste",
    "RADIAN": "RADIAN",
}
ASSIGNABLE = ("DSE", "INVOIC-C")
# The seed names INVOICE; INVOIC must be meant, so both are refused.
NOT_GENERATED = ("INVOICE", "INVOIC", "INVOIC-C", "DSE")

PARAMETERS = {
    "ConsultaNumeracion": ("User", "Pass"),
    "ActualizarNumTipoDocumento": ("User", "Pass", "Prefijo", "NumAutorizacion", "TipoDocumento"),
    "GenerarNumeracion": ("User", "Pass", "Prefijo", "NumeroInicial", "NumeroFinal", "TipoDocumento"),
}
STRUCTURES = {
    "ResponseNumberingQuery": {
        "MsgError": "string",
        "StatusCode": "int",
        "StatusDescription": "string",
        "RespNumeration": "t:ArrayOfNumberingRangelist",
    },
    "ArrayOfNumberingRangelist": {"numberingRangelist": "t:numberingRangelist[]"},
    "numberingRangelist": {
        "NumeroAutorizacion": "string",
        "Prefijo": "string",
        "NumeroInicial": "int",
        "NumeroFinal": "int",
        "FechaInicioAutorizacion": "string",
        "FechaFinAutorizacion": "string",
        "ClaveTecnica": "string",
        "Estatus": "string",
        "ClaveTipoDocumento": "string",
        "DescripcionTipoDocumento": "string",
    },
    "ResponseActTipoDoc": {"OperacionExitosa": "boolean", "Msg": "string"},
    "ResponseAltaNuneracion": {"OperacionExitosa": "boolean", "Msg": "string"},  # sic
}
_ANSWERED = dict(
    zip(PARAMETERS, ("ResponseNumberingQuery", "ResponseActTipoDoc", "ResponseAltaNuneracion"), strict=True)
)
_NUMBERS = ("NumeroInicial", "NumeroFinal")
_LARGEST = 2**31 - 1


class NumberingService:
    """SincronizacionNumeracion.asmx."""

    def __init__(self, accounts: dict[str, Account], faults: Faults, namespace: str, *, plain_pass: bool):
        self._accounts = accounts
        self._faults = faults
        self._namespace = namespace
        self._plain_pass = plain_pass

    def respond(self, request: Request) -> Answer:
        try:
            asked = call(request.body)
        except NotAnEnvelope as cause:
            return fault(SOAP_11, f"Server was unable to read request. {cause}")
        wrong = self._wrong_envelope(request, asked)
        if wrong:
            return fault(asked.soap, wrong)
        ordered = self._faults.take("numbering", request.method, f"{request.path}#{asked.operation}")
        match asked.operation:
            case "ConsultaNumeracion":
                inside, note = self._query(asked.parameters, ordered)
            case "ActualizarNumTipoDocumento":
                inside, note = _done(*self._assign(asked.parameters, ordered))
            case _:
                inside, note = _done(*self._generate(asked.parameters, ordered))
        return asmx_answer(asked.operation, self._namespace, asked.soap, inside, note)

    def description(self, address: str) -> Answer:
        operations = {
            operation: (
                {name: "int" if name in _NUMBERS else "string" for name in parameters},
                _ANSWERED[operation],
            )
            for operation, parameters in PARAMETERS.items()
        }
        return description.document(
            "SincronizacionNumeracion", address, self._namespace, STRUCTURES, operations
        )

    def _wrong_envelope(self, request: Request, asked: Call) -> str | None:
        """What ASP.NET refuses before any of Facturatech's code runs."""
        if asked.operation not in PARAMETERS or asked.namespace != self._namespace:
            return f"Unable to handle request without a valid action parameter: {asked.operation}."
        action = f"{self._namespace}{asked.operation}"
        sent = request.headers.get("soapaction", "").strip('"')
        if asked.soap == SOAP_11 and (sent != action or request.media_type() != "text/xml"):
            return f"Server did not recognize the value of HTTP Header SOAPAction: {sent}."
        if asked.soap != SOAP_11 and request.media_type() != "application/soap+xml":
            return "Unsupported media type."
        if tuple(asked.parameters) != PARAMETERS[asked.operation] or asked.parameter_namespaces != {
            self._namespace
        }:
            return "Server was unable to read request: unexpected elements."
        return None

    def _query(self, parameters: dict[str, str], ordered: Fault | None) -> tuple[str, str]:
        account, refusal = self._user(parameters)
        if ordered is not None and refusal is None:
            details = ordered.details
            rows = account.ranges if account and details["with_rows"] else []
            return _listing(details["error"], details["status"], details["description"], rows), "ordered"
        if account is None:
            return _listing(refusal or "", 0, "", []), "refused"
        promoted = not account.productive
        if promoted:
            account.productive = True
            account.promotions += 1
        account.ranges.extend(account.at_dian)
        account.at_dian.clear()
        note = "DEMO user made productive, for ever" if promoted else f"{len(account.ranges)} ranges"
        return _listing("", 100, "Acción completada OK.", account.ranges), note

    def _assign(self, parameters: dict[str, str], ordered: Fault | None) -> tuple[bool, str]:
        account, refusal = self._productive(parameters, ordered)
        if account is None:
            return False, refusal
        if parameters["TipoDocumento"] not in ASSIGNABLE:
            return False, "El tipo de documento no es válido: DSE o INVOIC-C."
        found = next(
            (
                row
                for row in account.ranges
                if (row.prefix, row.resolution) == (parameters["Prefijo"], parameters["NumAutorizacion"])
            ),
            None,
        )
        if found is None:
            return False, "La numeración no existe."
        if found.type_name:
            return False, "La numeración ya tiene un tipo de documento asignado."
        found.type_name = parameters["TipoDocumento"]
        return True, "Numeración actualizada correctamente."

    def _generate(self, parameters: dict[str, str], ordered: Fault | None) -> tuple[bool, str]:
        account, refusal = self._productive(parameters, ordered)
        if account is None:
            return False, refusal
        type_name, prefix = parameters["TipoDocumento"], parameters["Prefijo"]
        if type_name in NOT_GENERATED:
            return False, f"El tipo de documento {type_name} requiere resolución de la DIAN."
        if type_name not in CATALOGUE:
            return False, "El tipo de documento no es un valor del catálogo."
        limits = parameters["NumeroInicial"], parameters["NumeroFinal"]
        if not all(text.isascii() and text.isdigit() and int(text) <= _LARGEST for text in limits):
            return False, "Los números deben ser enteros."
        start, end = int(limits[0]), int(limits[1])
        if not 0 < start <= end:
            return False, "El número inicial debe ser menor que el final."
        repeated = any(
            (row.prefix, row.type_name) == (prefix, type_name) and row.start <= end and start <= row.end
            for row in account.ranges
        )
        if repeated:
            return False, "La numeración ya existe."
        account.ranges.append(NumberRange(prefix, start, end, type_name))
        return True, "Numeración generada correctamente."

    def _productive(self, parameters: dict[str, str], ordered: Fault | None) -> tuple[Account | None, str]:
        account, refusal = self._user(parameters)
        if account is None:
            return None, refusal or ""
        if ordered is not None:
            return None, ordered.details["error"]
        if not account.productive:
            return None, "El usuario no es productivo."
        return account, ""

    def _user(self, parameters: dict[str, str]) -> tuple[Account | None, str | None]:
        account = self._accounts.get(parameters["User"])
        sent = parameters["Pass"]
        if account is None or not (sent == account.password if self._plain_pass else account.accepts(sent)):
            return None, "Usuario o contraseña incorrectos."
        if not account.web_service:
            return None, "El tipo de cliente no es Webservice."
        return account, None


def _listing(error: str, status: int, description: str, rows: list[NumberRange]) -> str:
    listed = "".join(f"<numberingRangelist>{_row(row)}</numberingRangelist>" for row in rows)
    return (
        f"<MsgError>{escape(error)}</MsgError><StatusCode>{status}</StatusCode>"
        f"<StatusDescription>{escape(description)}</StatusDescription>"
        f"<RespNumeration>{listed}</RespNumeration>"
    )


def _row(row: NumberRange) -> str:
    fields = {
        "NumeroAutorizacion": row.resolution,
        "Prefijo": row.prefix,
        "NumeroInicial": str(row.start),
        "NumeroFinal": str(row.end),
        "FechaInicioAutorizacion": row.valid_from.isoformat() if row.valid_from else "",
        "FechaFinAutorizacion": row.valid_to.isoformat() if row.valid_to else "",
        "ClaveTecnica": row.technical_key,
        "Estatus": row.status,
        "ClaveTipoDocumento": row.type_name,
        "DescripcionTipoDocumento": CATALOGUE.get(row.type_name, ""),
    }
    return "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items())


def _done(done: bool, message: str) -> tuple[str, str]:
    flag = "true" if done else "false"
    return f"<OperacionExitosa>{flag}</OperacionExitosa><Msg>{escape(message)}</Msg>", message
