"""``cauce dian``: the certificate and the software that an issuer signs and sends with, and its habilitación."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import SecretStr
from rich.markup import escape

from cauce.admin import habilitacion, habilitacion_report, options, stack
from cauce.admin.terminal import facts, out, say_in_red, table
from cauce.domain.document import Kind
from cauce.domain.errors import Conflict, CredentialsRejected, NotSent, NumberingUnavailable, OutcomeUnknown
from cauce.domain.issuer import Issuer
from cauce.domain.time import bogota
from cauce.providers.base import Refusals
from cauce.providers.dian.provider import Dian
from cauce.providers.dian.signing import NEXT_CERTIFICATE
from cauce.providers.guard import Guarded, Unwatched
from cauce.ubl import certificate as certificates
from cauce.ubl.certificate import Certificate
from cauce.ubl.own_ranges import NAME

if TYPE_CHECKING:
    from cauce.aws.secrets import Secrets
    from cauce.gateway import Gateway

app = typer.Typer(no_args_is_help=True, help="DIAN directa: certificado, software y habilitación.")

_CERTIFICATE = "certificate"
_SOFTWARE = ("software_id", "software_pin")
# Days before a certificate's end from which a warning is shown, as DIAN and most authorities do.
_DAYS_OF_WARNING = 30


@app.command("enrol")
def enrol(
    nit: options.Nit,
    file: Annotated[Path, options.file("--certificado", what="El archivo .p12 o .pfx.")],
    password_file: Annotated[
        Path | None, options.file("--clave-archivo", what="Archivo con la contraseña; si no, se pregunta.")
    ] = None,
    software_file: Annotated[
        Path | None,
        options.file("--file", "--archivo", what="JSON con software_id y software_pin; si no, se preguntan."),
    ] = None,
    is_next: Annotated[
        bool,
        typer.Option(
            "--siguiente",
            help="El que reemplaza al inscrito: firma desde que la DIAN lo acepta en una prueba.",
        ),
    ] = False,
) -> None:
    """Inscribe el certificado de firma y el software de un emisor. Lo revisa todo antes de guardarlo.

    La contraseña y el PIN nunca van en la línea de comandos, donde quedarían en el historial.
    """
    gateway, secrets = stack.gateway(), stack.secrets()
    issuer, now = gateway.issuers.read(nit), gateway.now()
    stored = _stored(secrets, nit)
    if is_next and _CERTIFICATE not in stored:
        raise Conflict(
            f"El emisor {nit} no tiene un certificado que reemplazar; inscriba el primero sin --siguiente."
        )
    kept = certificates.enrolled(file.read_bytes(), _password(password_file), nit, now)
    found = certificates.loaded(kept)
    if not is_next and found.valid_from > now:
        raise CredentialsRejected(f"El certificado empieza a regir el {_day(found.valid_from)}.")
    fields = stored if is_next else {**stored, **_software(software_file)}
    if is_next or _replaces_one_in_force(stored, found, now):
        refused = _refusals(gateway, issuer).known()
        fields = {**_signer_first(fields, refused, now), NEXT_CERTIFICATE: kept}
        if found.valid_from <= now:
            fields = _chosen(gateway, issuer, fields)
    else:
        fields = {**fields, _CERTIFICATE: kept}
    _write(secrets, nit, fields)
    refusals = _refusals(gateway, issuer)
    refusals.remove(found.fingerprint)
    out.print(f"{'Siguiente certificado' if is_next else 'Certificado'} de {escape(issuer.name)} inscrito.")
    _show(fields, refusals.known(), now)


@app.command("choose")
def choose(nit: options.Nit) -> None:
    """Prueba el certificado que no firma con una consulta a la DIAN y, si lo acepta, firma desde ahora.

    El que firmaba queda como siguiente: con la misma orden vuelve a firmar.
    """
    gateway, secrets = stack.gateway(), stack.secrets()
    issuer, now = gateway.issuers.read(nit), gateway.now()
    stored, refusals = _with_next(secrets, nit), _refusals(gateway, issuer)
    fields = _chosen(gateway, issuer, _signer_first(stored, refusals.known(), now))
    _write(secrets, nit, fields)
    refusals.remove(certificates.loaded(fields[_CERTIFICATE]).fingerprint)
    _show(fields, refusals.known(), now)


@app.command("drop")
def drop(nit: options.Nit) -> None:
    """Olvida el certificado que no firma."""
    gateway, secrets = stack.gateway(), stack.secrets()
    issuer, now = gateway.issuers.read(nit), gateway.now()
    stored, refused = _with_next(secrets, nit), _refusals(gateway, issuer).known()
    fields = _signer_first(stored, refused, now)
    del fields[NEXT_CERTIFICATE]
    _write(secrets, nit, fields)
    _show(fields, refused, now)


@app.command("show")
def show(nit: options.Nit) -> None:
    """Muestra el software y los certificados de un emisor: sujeto, serial, vigencia; nunca la llave ni el PIN."""
    gateway = stack.gateway()
    issuer = gateway.issuers.read(nit)
    fields = stack.secrets().credentials(nit, NAME)
    _show(fields, _refusals(gateway, issuer).known(), gateway.now())


@app.command("habilitar")
def enable(
    nit: options.Nit,
    set_id: Annotated[
        str | None,
        typer.Option("--set-id", help="Identificador del set de pruebas; se recuerda hasta terminarlo."),
    ] = None,
    invoices: Annotated[int, typer.Option("--facturas", min=1, help="Facturas que pide el set.")] = 8,
    credit_notes: Annotated[int, typer.Option("--notas-credito", min=0, help="Notas crédito que pide.")] = 1,
    debit_notes: Annotated[int, typer.Option("--notas-debito", min=0, help="Notas débito que pide.")] = 1,
    seconds: Annotated[int, typer.Option("--espera", min=0, help="Segundos que se espera a la DIAN.")] = 300,
) -> None:
    """Envía los documentos del set de pruebas, espera a la DIAN y dice qué falta y por qué.

    El portal muestra cuántos pide el set. Puede repetirse: sigue donde quedó y no duplica nada.
    """
    gateway = stack.gateway()
    wanted = {Kind.INVOICE: invoices, Kind.CREDIT_NOTE: credit_notes, Kind.DEBIT_NOTE: debit_notes}
    found = habilitacion.run(gateway, gateway.issuers.read(nit), set_id, wanted, seconds)
    listed = table("documento", "número", "estado", "por qué")
    for row in habilitacion_report.rows(found, gateway.now()):
        listed.add_row(row.name, row.number, row.estado, escape(row.why))
    out.print(listed)
    for sentence in habilitacion_report.sentences(found, wanted, nit):
        out.print(escape(sentence))
    if not habilitacion.is_complete(found, wanted):
        raise typer.Exit(1)


def _stored(secrets: "Secrets", nit: str) -> dict[str, SecretStr]:
    """The issuer's stored credentials; empty where there are none."""
    try:
        return secrets.credentials(nit, NAME)
    except CredentialsRejected:
        return {}


def _refusals(gateway: "Gateway", issuer: Issuer) -> Refusals:
    return gateway.provider(issuer, NAME).connection.refusals


def _signer_first(
    fields: dict[str, SecretStr], refused: Mapping[str, datetime], now: datetime
) -> dict[str, SecretStr]:
    """The credentials with the certificate that signs now as ``certificate``, and the other one as the next."""
    if NEXT_CERTIFICATE not in fields:
        return dict(fields)
    loaded = tuple(certificates.loaded(fields[name]) for name in (_CERTIFICATE, NEXT_CERTIFICATE))
    return _swapped(fields) if _signing(loaded, refused, now) is loaded[1] else dict(fields)


def _swapped(fields: dict[str, SecretStr]) -> dict[str, SecretStr]:
    return {**fields, _CERTIFICATE: fields[NEXT_CERTIFICATE], NEXT_CERTIFICATE: fields[_CERTIFICATE]}


def _password(file: Path | None) -> SecretStr:
    if file is None:
        return SecretStr(typer.prompt("Contraseña del certificado", hide_input=True))
    return SecretStr(file.read_text(encoding="utf-8").rstrip("\r\n"))


def _software(file: Path | None) -> dict[str, SecretStr]:
    """The id and PIN of the software, as DIAN's portal has them."""
    if file is None:
        return {
            "software_id": SecretStr(typer.prompt("Identificador del software").strip()),
            "software_pin": SecretStr(typer.prompt("PIN del software", hide_input=True).strip()),
        }
    return {name: SecretStr(text) for name, text in options.secrets(file, _SOFTWARE).items()}


def _replaces_one_in_force(stored: dict[str, SecretStr], found: Certificate, now: datetime) -> bool:
    """Whether ``found`` is not the first certificate stored, and a stored one is in force: it is then enrolled as the
    next one, even without --siguiente."""
    known = _loaded(stored)
    if not certificates.in_force(tuple(known.values()), now):
        return False
    return found.fingerprint != known[_CERTIFICATE].fingerprint


def _with_next(secrets: "Secrets", nit: str) -> dict[str, SecretStr]:
    fields = secrets.credentials(nit, NAME)
    if NEXT_CERTIFICATE not in fields:
        raise Conflict(
            f"El emisor {nit} tiene un solo certificado; inscriba el siguiente con «enrol --siguiente»."
        )
    return fields


def _chosen(gateway: "Gateway", issuer: Issuer, fields: dict[str, SecretStr]) -> dict[str, SecretStr]:
    """The credentials with the next certificate as the one that signs, once DIAN has answered a query signed with it.

    The query, of numbering ranges, creates nothing. Raises CredentialsRejected where DIAN does not accept the
    certificate, Conflict where DIAN could not be asked; then nothing changes, and the present certificate goes on
    signing.
    """
    swapped = _swapped(fields)
    alone = {name: text for name, text in swapped.items() if name != NEXT_CERTIFICATE}
    connection = replace(gateway.provider(issuer, NAME).connection, credentials=alone)
    try:
        with closing(Guarded(Dian(connection), Unwatched())) as provider:
            provider.ranges()
    except CredentialsRejected as refused:
        raise CredentialsRejected(
            f"La DIAN no acepta el certificado: {refused.message} Sigue firmando el anterior."
        ) from refused
    except NumberingUnavailable:  # DIAN answered, so it accepts the certificate
        return swapped
    except (NotSent, OutcomeUnknown) as silence:
        raise Conflict(
            f"No se pudo probar el certificado: {silence.message} Sigue firmando el anterior; repita la orden."
        ) from silence
    return swapped


def _write(secrets: "Secrets", nit: str, fields: dict[str, SecretStr]) -> None:
    secrets.write(nit, NAME, {name: text.get_secret_value() for name, text in fields.items()})


def _show(fields: dict[str, SecretStr], refused: Mapping[str, datetime], now: datetime) -> None:
    loaded = _loaded(fields)
    signing = _signing(tuple(loaded.values()), refused, now)
    software = fields.get("software_id")
    rows = [("software", escape(software.get_secret_value()) if software else "—")]
    for name, found in loaded.items():
        rows.append(("certificado" if name == _CERTIFICATE else "siguiente", escape(_subject(found))))
        rows += _described(found, now, signs=found is signing)
        if found.fingerprint in refused:
            rows.append(("la DIAN no lo acepta desde", _day(refused[found.fingerprint])))
    facts(rows)
    if signing is None:
        say_in_red("Ningún certificado del emisor está vigente: no puede emitir.")
    elif (signing.valid_to - now).days <= _DAYS_OF_WARNING:
        say_in_red("El certificado está por vencer: inscriba el siguiente con --siguiente.")
    if any(found.fingerprint in refused and found is not signing for found in loaded.values()):
        say_in_red(
            "La DIAN dejó de aceptar un certificado, y desde entonces firma el otro. «choose» lo prueba de nuevo; "
            "«drop» lo olvida."
        )


def _loaded(fields: Mapping[str, SecretStr]) -> dict[str, Certificate]:
    """The certificates on file: the first, and the next one if there is one."""
    stored = (name for name in (_CERTIFICATE, NEXT_CERTIFICATE) if name in fields)
    return {name: certificates.loaded(fields[name]) for name in stored}


def _described(found: Certificate, now: datetime, *, signs: bool) -> list[tuple[str, str]]:
    return [
        ("serial", found.chain[0].serial),
        ("vigencia", f"{_day(found.valid_from)} a {_day(found.valid_to)}"),
        ("días que quedan", str(max(0, (found.valid_to - now).days))),
        ("firma ahora", "sí" if signs else "no"),
    ]


def _signing(
    loaded: tuple[Certificate, ...], refused: Mapping[str, datetime], now: datetime
) -> Certificate | None:
    try:
        return certificates.current(loaded, now, refused)
    except CredentialsRejected:
        return None


def _subject(found: Certificate) -> str:
    from cryptography.x509 import NameOID, load_der_x509_certificate

    subject = load_der_x509_certificate(found.der).subject
    return subject.rfc4514_string({NameOID.SERIAL_NUMBER: "serialNumber"})


def _day(moment: datetime) -> str:
    return f"{bogota(moment):%Y-%m-%d}"
