"""The ERPs: they post, post again after no answer, ask, correct what was rejected, and take no silence for a verdict.

An order is one document that an ERP wants emitted once. Its ERP goes on until it is told that the document is
accepted. An order without a reference is never posted twice: Cauce could not tell a repetition from a new document.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from cauce.domain.document import Kind
from tests.documents import invoice, note, support_document
from tests.torture.chaos import Chaos
from tests.torture.containers import Lambda
from tests.torture.houses import House
from tests.torture.timeline import Timeline
from tests.torture.watch import Watch

_PATHS = {
    Kind.INVOICE: "/documentos",
    Kind.CREDIT_NOTE: "/notas-credito",
    Kind.SUPPORT_DOCUMENT: "/documentos-soporte",
    Kind.EVENT: "/eventos",
}
# Few prices, so that many documents are alike: a provider without references must not confuse them.
_PRICES = (50000, 60000)
_PATIENCE = (20.0, 60.0, 300.0, 1200.0, 3600.0)
# Fields of an event besides its code and its invoice, by code.
_SAID: dict[str, dict[str, Any]] = {
    "031": {"tipo_reclamo": "02"},
    "034": {"nota": "Manifiesto bajo la gravedad de juramento que transcurrieron tres días hábiles."},
}
# An ERP that was told this many times that its document is rejected reports a breach: it is being told something false.
_MOST_REJECTIONS = 30
_PERSON = {"tipo_identificacion": 13, "identificacion": "1111111", "nombres": "Prueba", "apellidos": "Acuse"}


@dataclass
class Order:
    """A document that an ERP wants emitted once, and what it has been told about it so far."""

    name: str
    house: House
    kind: Kind
    body: dict[str, Any]
    has_reference: bool
    follows: Callable[["Order"], None] | None = None
    """What its ERP does once it is accepted."""
    answered: set[str] = field(default_factory=set)
    """Ids of the records that answers about it named; more than one is a breach."""
    data: dict[str, Any] | None = None
    """The ``data`` of the last answer."""
    posts: int = 0
    corrections: int = 0
    rejections: int = 0
    """How often its ERP was told that it is rejected; posts that were answered 503 are none."""
    given_up: bool = False
    """Its ERP has stopped: the document was rejected and has no reference to correct it by, or the ERP got a wrong
    answer.
    """
    delivered: str | None = None
    """SHA-256 of the XML that was issued in contingency and handed to the buyer."""
    recalled: bool = False
    """Its ERP was told that the invoice issued in contingency is no longer in force (``vigente`` false)."""
    rival: "Order | None" = None
    """Another event that ends the same matter: DIAN takes only one of the two."""
    never: bool = False
    """It was sent under a key that belongs to another lot: it must never be emitted."""
    refusals: list[str] = field(default_factory=list)
    """Answers that no ERP should get; each is a breach."""

    @property
    def document_id(self) -> str | None:
        return next(iter(self.answered), None)

    @property
    def is_over(self) -> bool:
        return self.data is not None and self.data["estado"] == "aceptado"

    @property
    def is_beaten(self) -> bool:
        """Its rival was accepted first."""
        return self.rival is not None and self.rival.is_over and not self.is_over


class Erps:
    """The ERPs of all issuers."""

    def __init__(self, timeline: Timeline, chaos: Chaos, functions: Lambda, watch: Watch, random: Random):
        self._timeline = timeline
        self._chaos = chaos
        self._functions = functions
        self._watch = watch
        self._random = random
        self.orders: list[Order] = []
        self.goes_on = True
        """True: after an answer an ERP asks, corrects and goes on by itself. False: the test does."""

    # Making orders

    def order(self, house: House, *, always_referenced: bool = False) -> Order:
        """A new order of a kind that the house emits, with what its ERP does afterwards. Not posted yet."""
        if Kind.EVENT in house.kinds:
            cufe, code = house.invoice(self._random)
            return self._event(house, code, cufe)
        kind = self._random.choices(house.kinds, (8, 0, 2)[: len(house.kinds)])[0]
        body = invoice() if kind is Kind.INVOICE else support_document()
        order = self._made(house, kind, body, always_referenced=always_referenced)
        if kind is Kind.INVOICE and self._random.random() < 0.15:
            order.follows = self._credit
        return order

    def _made(
        self, house: House, kind: Kind, body: dict[str, Any], *, always_referenced: bool = False
    ) -> Order:
        name = f"{house.name}-{len(self.orders) + 1}"
        if kind is not Kind.EVENT:
            body["lineas"][0]["descripcion"] = name
            body["lineas"][0]["precio"] = self._random.choice(_PRICES)
        # An event has no reference: code and invoice tell it, as DIAN takes one event of each code on an invoice.
        has_reference = kind is not Kind.EVENT and (always_referenced or self._random.random() < 0.9)
        if has_reference:
            body["referencia"] = name
        order = Order(name, house, kind, body, has_reference or kind is Kind.EVENT)
        self.orders.append(order)
        return order

    def _event(self, house: House, code: str, cufe: str) -> Order:
        reference = {"cufe": cufe}
        body: dict[str, Any] = {"codigo": code, "informacion_documento_referencia": reference}
        if code in ("030", "032", "033"):
            body["quien_recibio_documento"] = dict(_PERSON)
        order = self._made(house, Kind.EVENT, body | _SAID.get(code, {}))
        if house.after(code) and self._random.random() < 0.7:
            order.follows = lambda _: self._follow(house, code, cufe)
        if code == "030" and self._chaos.strikes("too_early"):
            self._timeline.after(self._random.uniform(0, 60), lambda: self._too_early(house, cufe))
        return order

    def _follow(self, house: House, code: str, cufe: str) -> None:
        """Declare an event that may follow an accepted one; now and then also a second one that contradicts it."""
        codes = house.after(code)
        self._random.shuffle(codes)
        first, *others = codes
        follows = self._event(house, first, cufe)
        self.post_soon(follows)
        if others and self._random.random() < 0.3:
            self._chaos.count("event: one that contradicts it posted beside it")
            follows.rival = self._event(house, others[0], cufe)
            follows.rival.rival = follows
            self.post_soon(follows.rival)

    def _too_early(self, house: House, cufe: str) -> None:
        """Post a 033 that no 032 precedes: the answer must be a refusal."""
        self._chaos.count("event: posted out of order")
        order = self._event(house, "033", cufe)
        self.orders.remove(order)

        def answered(status: int, answer: Any) -> None:
            if status < 400:
                self._watch.breach(cufe, f"an event 033 with no 032 before it was answered {status} {answer}")

        self._functions.http("POST", _PATHS[Kind.EVENT], order.body, house.bearer, answered)

    def _credit(self, order: Order) -> None:
        """Post a credit note on an invoice that was accepted."""
        assert order.data is not None
        data = order.data
        body = note(data["numero_completo"], data["cufe"], fecha=data["fecha_emision"][:10])
        self.post_soon(self._made(order.house, Kind.CREDIT_NOTE, body))

    # Posting and asking

    def post_soon(self, order: Order, within: float = 5.0) -> None:
        self._timeline.after(self._random.uniform(0, within), lambda: self.post(order))
        if order.has_reference and self._chaos.strikes("duplicate"):
            self._chaos.count("posted twice at once")
            self._timeline.after(self._random.uniform(0, within), lambda: self.post(order))

    def post(self, order: Order) -> None:
        order.posts += 1
        waits = self._random.random() < 0.2
        headers = {} if waits else {"Prefer": "respond-async"}

        def answered(status: int, answer: Any) -> None:
            self._posted(order, status, answer)

        self._functions.http("POST", _PATHS[order.kind], order.body, order.house.bearer, answered, **headers)

    def _posted(self, order: Order, status: int, answer: Any) -> None:
        if status in (201, 202):
            self._told(order, answer["data"])
            self._ask_later(order)
        elif not self.goes_on and status in (429, 500, 502, 409):
            return
        elif status >= 500 or status == 429:
            if order.has_reference:
                self._timeline.after(self._random.uniform(5, 60), lambda: self.post(order))
        elif status == 422 and order.rival is not None:
            self._contradicted(order)
        elif status == 409 and answer["codigo"] == "referencia_en_uso" and order.corrections:
            self._ask_later(order)  # the record that it was to correct is rejected no more
        else:
            order.given_up = True
            order.refusals.append(f"{status} {answer}")

    def _contradicted(self, order: Order) -> None:
        """Refused because of its rival. While the rival is not accepted, post again later: it may yet fail."""
        if order.is_beaten:
            order.given_up = True
        else:
            self._timeline.after(self._random.uniform(60, 300), lambda: self.post(order))

    def _ask_later(self, order: Order, asked: int = 0) -> None:
        if not self.goes_on:
            return
        wait = _PATIENCE[min(asked, len(_PATIENCE) - 1)] * self._random.uniform(0.5, 1.5)
        self._timeline.after(wait, lambda: self._ask(order, asked))

    def _ask(self, order: Order, asked: int) -> None:
        if order.is_over:
            return
        path = f"/documentos/{order.document_id}"
        if self._random.random() < 0.3:
            path += "/consultar"

        def answered(status: int, answer: Any) -> None:
            if status == 200:
                self._told(order, answer.get("data") or answer.get("documento") or answer)
            elif status < 500:
                order.given_up = True
                order.refusals.append(f"GET {status} {answer}")
                return
            self._go_on(order, asked)

        task = self._functions.http("GET", path, None, order.house.bearer, answered)
        self._watch.works_on(order.document_id or "", task.name)

    def _go_on(self, order: Order, asked: int) -> None:
        """What an ERP does with the last answer about an order."""
        assert order.data is not None
        estado = order.data["estado"]
        if order.delivered is None and order.data.get("contingencia", {}).get("vigente"):
            self._deliver(order)
        if order.is_over:
            if order.follows:
                follows, order.follows = order.follows, None
                follows(order)
        elif estado == "rechazado":
            self._correct(order)
        elif estado == "fallido":
            self._timeline.after(self._random.uniform(5, 60), lambda: self.post(order))
        else:
            self._ask_later(order, asked + 1)

    def _deliver(self, order: Order) -> None:
        """Fetch the XML of an invoice issued in contingency, to hand it to the buyer."""

        def answered(status: int, xml: bytes) -> None:
            if status == 200 and order.delivered is None:
                order.delivered = hashlib.sha256(xml).hexdigest()
                self._chaos.count("contingency: handed to its buyer")

        self._functions.file(f"/documentos/{order.document_id}/xml", order.house.bearer, answered)

    def heard(self, order: Order, data: dict[str, Any]) -> None:
        """A lot named the order's record for the first time: go on with it as with a single document."""
        self._told(order, data)
        if self.goes_on:
            self._go_on(order, 0)

    def look_once_more(self) -> None:
        """Each ERP asks for what it does not know to be accepted, once nothing is left to do: its next question may be
        an hour away."""
        for order in self.orders:
            if order.document_id is not None and not order.is_over:
                self._look_at(order)

    def _look_at(self, order: Order) -> None:
        def answered(status: int, answer: Any) -> None:
            if status == 200:
                self._told(order, answer.get("data") or answer.get("documento") or answer)

        path = f"/documentos/{order.document_id}"
        self._functions.http("GET", path, None, order.house.bearer, answered)

    def insist(self) -> None:
        """From now on every ERP goes on by itself; orders not known to be accepted are posted again."""
        self.goes_on = True
        for order in self.orders:
            if not order.is_over and not order.given_up and order.has_reference:
                self.post(order)
            elif order.document_id is not None:
                self._ask_later(order)

    def corrected(self, order: Order) -> None:
        """Change what an order asks for. An event gets another receiver or nothing: it may be declared again unchanged."""
        if order.kind is Kind.EVENT:
            person = order.body.get("quien_recibio_documento")
            if person is not None and self._random.random() < 0.5:
                order.corrections += 1
                order.body = {
                    **order.body,
                    "quien_recibio_documento": {**person, "cargo": f"Almacén {order.corrections}"},
                }
            return
        order.corrections += 1
        first, *others = order.body["lineas"]
        order.body = {**order.body, "lineas": [{**first, "precio": first["precio"] + 1000}, *others]}

    def _correct(self, order: Order) -> None:
        """Post a rejected order again, corrected, under its reference; without a reference it is given up."""
        if not order.has_reference:
            order.given_up = True
            return
        order.rejections += 1
        if order.rejections > _MOST_REJECTIONS:
            order.given_up = True
            order.refusals.append(f"«rechazado», {order.rejections} times")
            return
        assert order.data is not None
        if "contingencia" in order.data and self._random.random() < 0.5:
            self._chaos.count("contingency: posted again as it was")
        else:
            self.corrected(order)
            self._chaos.count("corrections")
        self.post_soon(order, within=60)

    def _told(self, order: Order, data: dict[str, Any]) -> None:
        document_id = data["tracking_id"]
        if document_id not in order.answered:
            order.answered.add(document_id)
            self._watch.note(document_id, f"is {order.name}, {order.kind}, {order.body.get('referencia')}")
        was_over = order.is_over
        if was_over and data["estado"] != "aceptado":
            self._watch.note(document_id, f"an answer on its way said {data['estado']} after aceptado")
            return
        order.data = data
        if not data.get("contingencia", {}).get("vigente", True):
            order.recalled = True
