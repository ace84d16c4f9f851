"""RADIAN: events on issued bills, and reception of invoices issued by others.

Source: pages `eventos-de-facturas`, `aceptacion-tacita`, `recepcion-de-documentos`. The refusals' texts and
the content of an uploaded invoice are inferred; the order 030 → 032 → 031 or 033 is DIAN's.
"""

import hashlib
import re
from collections.abc import Callable
from typing import Any

from tests.simulators.factus import answers, catalogs, listing
from tests.simulators.factus.catalogs import BILLS, CLAIM_CONCEPTS, EVENT_NAMES
from tests.simulators.factus.state import Document, State
from tests.simulators.factus.validation import Fields, parse_object
from tests.simulators.routing import Answer, Request, Router

_CUFE = re.compile(r"[0-9a-f]{96}")
_ISSUER_EVENT = "034"
_NEEDS = {"030": None, "032": "030", "031": "032", "033": "032"}
_OPPOSITE = {"031": "033", "033": "031"}


class RadianEndpoints:
    def __init__(self, state: State, base_url: Callable[[], str]) -> None:
        self._state = state
        self._base_url = base_url
        self._tests = {
            "id": listing.equals(lambda row: row["id"]),
            "number": listing.contains(lambda row: row["number"]),
            "issue_date": listing.equals(lambda row: row["issue_date"]),
            "cufe": listing.equals(lambda row: row["cufe"]),
            "company_nit": listing.equals(lambda row: row["company_nit"]),
            "company_name": listing.contains(lambda row: row["company_name"]),
            "completed_events": listing.equals(lambda row: int(_is_complete(row))),
        }

    def register(self, router: Router) -> None:
        router.add("POST", "/v1/bills/radian/events/update/{number}/{event}", self._emit_on_issued)
        router.add("POST", "/v2/bills/{number}/radian/events/{event}", self._emit_on_issued)
        for dialect in ("v1", "v2"):
            router.add("GET", f"/{dialect}/bills/{{number}}/radian/events", self._issued_events)
            router.add("POST", f"/{dialect}/receptions/upload", self._upload)
            router.add("GET", f"/{dialect}/receptions/bills", self._received)
            router.add(
                "PATCH",
                f"/{dialect}/receptions/bills/{{bill_id}}/radian/events/{{event}}",
                self._emit_on_received,
            )

    # On issued bills ---------------------------------------------------------------------------

    def _issued_events(self, _request: Request, number: str) -> Answer:
        bill = self._state.by_number(BILLS, number)
        return answers.ok(list(bill.events)) if bill else answers.not_found()

    def _emit_on_issued(self, request: Request, number: str, event: str) -> Answer:
        """The issuer declares only the tacit acceptance, and only on bills on credit."""
        bill = self._state.by_number(BILLS, number)
        if bill is None or event != _ISSUER_EVENT:
            return answers.not_found()
        fields = Fields(parse_object(request.body) or {})
        _read_person(fields)
        if fields.errors:
            return answers.field_errors(fields.errors)
        if not bill.is_validated or not bill.draft.is_credit:
            return answers.bad_request("La aceptación tácita solo aplica para facturas a crédito validadas")
        with self._state.lock:
            if any(row["event_code"] == event for row in bill.events):
                return answers.bad_request("El evento ya fue emitido")
            bill.events.append(self._issued_event(bill, event))
        return answers.ok(list(bill.events), note=f"{number} {event}")

    def _issued_event(self, bill: Document, event: str) -> dict[str, str]:
        now = self._state.clock()
        return {
            "number": f"AP{len(bill.events) + 1}",
            "cude": _cude(bill.uuid, event),
            "event_code": event,
            "event_name": EVENT_NAMES[event],
            "effective_date": f"{now:%Y-%m-%d}",
            "effective_time": f"{now:%H:%M:%S}",
        }

    # On received invoices ----------------------------------------------------------------------

    def _upload(self, request: Request) -> Answer:
        fields = Fields(parse_object(request.body) or {})
        cufe = fields.text("track_id", required=True)
        if cufe is not None and not _CUFE.fullmatch(cufe):
            fields.refuse("track_id", "El campo track id no es válido.")
        with self._state.lock:
            if any(row["cufe"] == cufe for row in self._state.received.values()):
                fields.refuse("track_id", "El campo track id ya ha sido registrado.")
            if fields.errors or cufe is None:
                return answers.field_errors(fields.errors)
            row = self._invoice(cufe)
            self._state.received[row["id"]] = row
        return answers.created(row, "Factura cargada con éxito", f"received {row['number']}")

    def _invoice(self, cufe: str) -> dict[str, Any]:
        """An invoice invented from its CUFE, with the documented fields."""
        now = self._state.clock()
        return {
            "id": self._state.next_id(),
            "issue_date": f"{now:%Y-%m-%d}",
            "issue_time": f"{now:%H:%M:%S}",
            "payment_due_date": None,
            "number": f"FE{int(cufe[:6], 16)}",
            "cufe": cufe,
            "company_identification_type_code": "31",
            "company_nit": "900825759",
            "dv": "7",
            "company_name": "PROVEEDOR DE PRUEBA S.A.S.",
            "payment_form": {"code": "2", "name": catalogs.PAYMENT_FORM_NAMES["2"]},
            "payment_method": {"code": "10", "name": catalogs.PAYMENT_METHOD_NAMES["10"]},
            "total": "119000.00",
            "has_claim": False,
            "is_negotiable_instrument": False,
            "claim_concept": [],
            "events": [],
            "created_at": f"{now:%d-%m-%Y %I:%M:%S} {'AM' if now.hour < 12 else 'PM'}",
        }

    def _received(self, request: Request) -> Answer:
        with self._state.lock:
            kept = listing.chosen(request, self._state.received.values(), self._tests)
        if isinstance(kept, Answer):
            return kept
        return listing.page(request, self._base_url(), kept, lambda row: row, sized=False)

    def _emit_on_received(self, request: Request, bill_id: str, event: str) -> Answer:
        row = self._state.received.get(int(bill_id)) if bill_id.isdigit() else None
        if row is None or event not in _NEEDS:
            return answers.not_found()
        fields = Fields(parse_object(request.body) or {})
        identification, names = _read_person(fields)
        claim = fields.text("claim_concept_code", required=event == "031", of=CLAIM_CONCEPTS)
        if fields.errors:
            return answers.field_errors(fields.errors)
        with self._state.lock:
            done = {known["code"] for known in row["events"]}
            needed = _NEEDS[event]
            if event in done or _OPPOSITE.get(event) in done or (needed and needed not in done):
                return answers.bad_request(f"El evento {event} no puede ser emitido")
            row["events"].append(self._received_event(row, event, identification, names))
            if claim is not None and event == "031":
                row["has_claim"] = True
                row["claim_concept"] = {"code": claim, "name": CLAIM_CONCEPTS[claim]}
            row["is_negotiable_instrument"] = event == "033"
        return answers.ok(row, note=f"{row['number']} {event}")

    def _received_event(
        self, row: dict[str, Any], event: str, identification: str | None, names: str
    ) -> dict[str, Any]:
        now = self._state.clock()
        return {
            "number": f"AP{len(row['events']) + 1}",
            "cude": _cude(row["cufe"], event),
            "code": event,
            "name": EVENT_NAMES[event],
            "effective_date": f"{now:%Y-%m-%d}",
            "effective_time": f"{now:%H:%M:%S}",
            "person_identification": identification,
            "person_names": names,
        }


def _read_person(fields: Fields) -> tuple[str | None, str]:
    """The person who signs the event. The type is documented as an id and shown as a code: both are accepted."""
    known = {*catalogs.IDENTITY_NAMES, *map(str, catalogs.IDENTITY_CODE_BY_ID)}
    identity = fields.code("identification_document_code", known, required=True)
    identification = fields.text("identification", required=True)
    fields.code("dv", set("0123456789"), required=identity in ("6", "31"))
    first, last = fields.text("first_name", required=True), fields.text("last_name", required=True)
    fields.text("job_title")
    fields.text("organization_department")
    return identification, f"{first} {last}"


def _is_complete(row: dict[str, Any]) -> bool:
    return any(event["code"] in _OPPOSITE for event in row["events"])


def _cude(uuid: str, event: str) -> str:
    return hashlib.sha384(f"{uuid}|{event}".encode()).hexdigest()
