"""``cauce document build``, ``check`` and ``verify``: files, on this machine alone."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr

from cauce.admin import built, options, verified
from cauce.admin.terminal import say_in_red
from cauce.contracts.v1 import contract, issuer_file, sent
from cauce.contracts.v1.bodies import JsonObject, read_json
from cauce.contracts.v1.issuer_file import IssuerOnFile
from cauce.domain.document import Kind
from cauce.domain.errors import InvalidDocument
from cauce.domain.time import bogota
from cauce.offline import build as builder
from cauce.ubl.certificate import Certificate
from cauce.verification.document import verify as verified_file
from cauce.verification.identifier import Secrets

_Request = Annotated[
    Path,
    typer.Argument(exists=True, dir_okay=False, metavar="PETICION.json", help="Lo que se enviaría por POST."),
]
_Issuer = Annotated[
    Path,
    options.file(
        "--emisor",
        what="JSON con emisor, ambiente, software {id, pin} y rangos; los secretos que falten se preguntan.",
    ),
]
_Kind = Annotated[
    str | None, typer.Option("--tipo", help="factura, nota-credito… Si no se dice, se deduce de los campos.")
]
_Moment = Annotated[
    datetime | None,
    typer.Option(
        "--fecha",
        formats=["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"],
        help="Como si fuera ese momento, hora de Bogotá: fecha de emisión y de firma. Si no, ahora.",
    ),
]
_NOT_READABLE = 2
_ASK = "-"


def build(
    request: _Request,
    issuer: _Issuer,
    kind: _Kind = None,
    number: Annotated[
        str | None, typer.Option("--numero", help="Prefijo y consecutivo; si no, el primero del rango.")
    ] = None,
    moment: _Moment = None,
    certificate: Annotated[
        Path | None, options.file("--certificado", what="PKCS#12 (.p12, .pfx) con el que firmar.")
    ] = None,
    password_file: Annotated[
        Path | None, options.file("--clave-archivo", what="Archivo con la clave del PKCS#12.")
    ] = None,
    unsigned: Annotated[
        bool, typer.Option("--sin-firma", help="Escribe el XML sin firmar, para revisarlo.")
    ] = False,
    invoice: Annotated[Path | None, options.file("--factura", what="XML de la factura del evento.")] = None,
    output: Annotated[
        Path | None, typer.Option("--salida", dir_okay=False, help="Archivo que se escribe, y reescribe.")
    ] = None,
) -> None:
    """Escribe el XML de la DIAN de una petición, firmado; sin instalación, sin red y sin gastar un número."""
    if unsigned == (certificate is not None):
        raise typer.BadParameter("Indique --certificado CERT.p12 o --sin-firma, uno de los dos.")
    body, on_file = _body(request), _on_file(issuer)
    wanted, now = _kind(kind, body), datetime.now(UTC)
    signed_at = builder.signing_time(moment, now)
    if wanted is Kind.EVENT:
        if invoice is None:
            raise typer.BadParameter(
                "Un evento necesita la factura sobre la que se declara: --factura FACTURA.xml."
            )
        with sent.named(wanted, body):
            made = builder.build_event(
                body,
                on_file,
                invoice.read_bytes(),
                number=number,
                issued_at=signed_at,
                certificate=_certificate(certificate, password_file, on_file, signed_at),
                ask=_ask,
            )
    else:
        document = contract.document(wanted, body)
        contract.refuse_nameless(document)
        with sent.named(wanted, body):
            issued_at = builder.moment_of(document, moment, now)
            made = builder.build(
                document,
                on_file,
                number=number,
                issued_at=issued_at,
                signed_at=signed_at,
                certificate=_certificate(certificate, password_file, on_file, signed_at),
                ask=_ask,
            )
    target = output or Path(builder.file_name(wanted, on_file.issuer.nit, made.number))
    if output is None and target.exists():
        raise typer.BadParameter(f"{target} ya existe; indique --salida para reescribirlo.")
    target.write_bytes(made.xml)
    found = tuple(sent.finding(each, wanted, body) for each in made.findings)
    built.show(replace(made, findings=found), target, now)


def check(
    request: _Request,
    issuer: _Issuer,
    kind: _Kind = None,
    moment: _Moment = None,
    as_json: Annotated[bool, typer.Option("--json", help="Para programas.")] = False,
) -> None:
    """Dice qué reglas de la DIAN incumple una petición, antes de gastar un número. Sale con 1 si la rechazaría."""
    body, on_file = _body(request), _on_file(issuer)
    wanted = _kind(kind, body)
    if wanted is Kind.EVENT:
        raise typer.BadParameter("Un evento no se revisa aquí: la DIAN lo valida contra su factura.")
    document = contract.document(wanted, body)
    contract.refuse_nameless(document)
    with sent.named(wanted, body):
        broken = builder.check(document, on_file, moment, datetime.now(UTC))
    found = [sent.finding(each, wanted, body) for each in broken]
    built.show_findings(found, as_json=as_json)
    if any(each.is_rejection for each in found):
        raise typer.Exit(1)


def verify(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, metavar="ARCHIVO.xml", help="Propio o ajeno.")
    ],
    technical_key: Annotated[
        str | None,
        typer.Option("--clave-tecnica", help="Del rango, para el CUFE. Con «-» se pregunta, sin mostrarla."),
    ] = None,
    pin: Annotated[
        str | None,
        typer.Option(
            "--pin", help="Del software, para el CUDE y el CUDS. Con «-» se pregunta, sin mostrarlo."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Para programas.")] = False,
) -> None:
    """Verifica un XML de la DIAN: firma, identificador, totales y reglas. Sale con 1 si algo está mal.

    También el contenedor (AttachedDocument) que recibe el adquiriente, con lo que trae dentro. No consulta la red,
    y dice lo que sin ella no se puede saber. Sale con 2 si el archivo no es un documento de la DIAN.
    """
    secrets = Secrets(
        technical_key=_secret(technical_key, "Clave técnica del rango"), pin=_secret(pin, "PIN del software")
    )
    try:
        report = verified_file(file.read_bytes(), secrets)
    except InvalidDocument as error:
        say_in_red(error.message)
        raise typer.Exit(_NOT_READABLE) from None
    if as_json:
        print(json.dumps(verified.as_json(report, file), ensure_ascii=False, indent=2))
    else:
        verified.show(report, file)
    if not report.is_right:
        raise typer.Exit(1)


def _body(file: Path) -> JsonObject:
    """A request as the API would read it, just as strictly."""
    return read_json(file.read_text(encoding="utf-8", errors="surrogateescape"), False, None)


def _on_file(file: Path) -> IssuerOnFile:
    return issuer_file.read(_body(file))


def _kind(asked: str | None, body: JsonObject) -> Kind:
    if asked is not None:
        return options.kind(asked)
    found = builder.kind_of(body)
    if found is None:
        raise typer.BadParameter("Indique --tipo nota-credito o --tipo nota-debito.")
    return found


def _certificate(
    file: Path | None, password_file: Path | None, on_file: IssuerOnFile, moment: datetime
) -> Certificate | None:
    if file is None:
        return None
    if password_file is not None:
        password = password_file.read_text(encoding="utf-8").rstrip("\r\n")
    else:
        password = _ask("Clave del certificado")
    return builder.certificate(file.read_bytes(), SecretStr(password), on_file.owner_nit, bogota(moment))


def _secret(given: str | None, name: str) -> SecretStr | None:
    """A secret as given, or asked for where «-» stands for it, so that no shell keeps it in its history."""
    if given is None:
        return None
    return SecretStr(_ask(name) if given == _ASK else given.strip())


def _ask(name: str) -> str:
    answer: str = typer.prompt(name, hide_input=True, err=True)
    return answer.strip()
