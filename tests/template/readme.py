"""The README's generated parts: the provider matrix, from what the adapters declare, and the fields of documents, from
what the requests declare.

``python -m tests.template.readme`` writes them; a test compares.
"""

import re

from pydantic import BaseModel

from cauce.contracts.v1.requests import REQUESTS
from cauce.domain.document import Kind
from cauce.domain.models import model_in
from cauce.providers.base import Capabilities, Lane, NumberedBy, RecoveredBy, Resend, Verb
from cauce.providers.registry import NAMES, provider_class
from tests.stack import ROOT

README = ROOT / "README.md"

_KINDS = {
    Kind.INVOICE: "invoice",
    Kind.CREDIT_NOTE: "credit note",
    Kind.DEBIT_NOTE: "debit note",
    Kind.SUPPORT_DOCUMENT: "support document",
    Kind.ADJUSTMENT_NOTE: "adjustment note",
    Kind.EQUIVALENT_DOCUMENT: "POS ticket",
    Kind.EQUIVALENT_NOTE: "note on a POS ticket",
    Kind.EVENT: "RADIAN events",
}
_VERBS = {
    Verb.LIST_EMITTED: "lists what it emitted",
    Verb.RANGES: "tells its ranges",
    Verb.GENERATE_RANGE: "creates ranges",
    Verb.ASSIGN_RANGE_TYPE: "assigns a range's type",
    Verb.XML: "gives the signed XML",
    Verb.DISCARD: "discards a rejected document",
    Verb.UUID_OF: "is asked for what a note corrects",
    Verb.EVENTS: "tells an invoice's events",
    Verb.ACQUIRER: "tells a buyer's name",
}
_NUMBERED = {NumberedBy.GATEWAY: "Cauce", NumberedBy.PROVIDER: "provider"}
_RECOVERED = {
    RecoveredBy.REFERENCE: "by reference",
    RecoveredBy.NUMBER: "by number",
    RecoveredBy.CUFE: "by CUFE",
    RecoveredBy.SEARCH: "by search",
    RecoveredBy.NOTHING: "—",
}
_RESENT = {
    Resend.SAME_BYTES: "same bytes",
    Resend.SAME_REFERENCE: "same reference",
    Resend.NEVER: "never",
}
_LANES = {Lane.NONE: "none", Lane.KIND: "each kind", Lane.ISSUER: "each issuer"}


def matrix() -> str:
    """The provider matrix in Markdown: a column for each provider and dialect, and one for each setting of an
    operator's under which a provider does what it publishes nowhere."""
    columns: list[tuple[str, Capabilities]] = []
    for name in NAMES:
        cls = provider_class(name)
        columns += [(" ".join((cls.title, *way.values())), cls.declare(way)) for way in cls.variants]
        columns += [(f"{cls.title}, with `{'`, `'.join(way)}`", cls.declare(way)) for way in cls.on_request]

    def row(label: str, cells: list[str]) -> str:
        return f"| {label} | " + " | ".join(cells) + " |\n"

    def marks(label: str, holds: list[bool]) -> str:
        return row(label, ["✔" if each else "·" for each in holds])

    table = row("", [title for title, _ in columns]) + row("---", [":-:" for _ in columns])
    for kind, label in _KINDS.items():
        table += marks(label, [kind in can.kinds for _, can in columns])
    for verb, label in _VERBS.items():
        table += marks(label, [verb in can.verbs for _, can in columns])
    table += marks("a PDF of its own, beside Cauce's", [Verb.PDF in can.verbs for _, can in columns])
    table += row(
        "the buyer's e-mail is sent by",
        ["provider" if can.mails else "Cauce, if set up" for _, can in columns],
    )
    table += row(
        "the buyer's container is made by",
        ["Cauce" if can.makes_container else "provider" for _, can in columns],
    )
    table += row("numbers are given by", [_NUMBERED[can.numbered_by] for _, can in columns])
    table += row("a lost answer is found", [_RECOVERED[can.recovered_by] for _, can in columns])
    table += row("sent again, if ever, as", [_RESENT[can.resend] for _, can in columns])
    table += row("one after another", [_LANES[can.lane] for _, can in columns])
    table += row(
        "calls", [f"{can.pace.calls} in {can.pace.seconds} s" if can.pace else "—" for _, can in columns]
    )
    table += row("decimals of a quantity", [str(can.quantity_scale) for _, can in columns])
    table += row("most lines", [str(can.max_lines or "—") for _, can in columns])
    return table


def fields() -> str:
    """The fields of all requests for documents in Markdown: a row for each object, or for those that have the same."""
    objects: dict[str, tuple[str, dict[str, str]]] = {"": ("", {})}
    for request in REQUESTS.values():
        _gather(request, "", objects)
    rows: dict[str, dict[str, str]] = {}
    for path, (meaning, names) in objects.items():
        rows.setdefault(", ".join(names.values()), {})[f"`{path}`" if path else "the document"] = meaning
    table = [
        f"| {', '.join(meanings)} | {names} | {'; '.join(dict.fromkeys(filter(None, meanings.values())))} |\n"
        for names, meanings in rows.items()
    ]
    return "".join(["| in | fields | what it is |\n", "|---|---|---|\n", *table])


def _gather(shape: type[BaseModel], path: str, objects: dict[str, tuple[str, dict[str, str]]]) -> None:
    for name, field in shape.model_fields.items():
        inner, meaning = model_in(field.annotation), field.description or ""
        called = f"{name}[]" if inner and "tuple" in str(field.annotation) else name
        said = f"`{called}`{'*' if field.is_required() else ''}"
        objects[path][1].setdefault(name, f"{said} ({meaning})" if meaning and not inner else said)
        if inner:
            within = f"{path}.{called}" if path else called
            objects.setdefault(within, (meaning, {}))
            _gather(inner, within, objects)


PARTS = {"provider matrix": matrix, "fields": fields}


def _between(part: str) -> re.Pattern[str]:
    return re.compile(rf"(?<=<!-- {part} -->\n).*?(?=<!-- /{part} -->)", re.DOTALL)


def written(part: str) -> str:
    """A part as the README has it."""
    found = _between(part).search(README.read_text(encoding="utf-8"))
    return found[0] if found else ""


def _write(part: str) -> None:
    text = PARTS[part]()
    README.write_text(
        _between(part).sub(lambda _: text, README.read_text(encoding="utf-8")), encoding="utf-8"
    )


if __name__ == "__main__":
    for each in PARTS:
        _write(each)
