"""ERPs that send many documents at once: in a request, in a file, or one by one straight into the queue.

What they are told is the lot's own answer, ``GET /lotes/{id}``; once a document is named there, its ERP goes on with it
as with any other. A line that is no document is sent along now and then, and messages of nobody's.

Lots race: the same one is posted, and its file uploaded, twice at once; two contents come under one key, of which one
is a lot and the other nothing; a file that was announced never comes, or another comes in its place.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from urllib.parse import urlsplit

from cauce.contracts.v1.lots import TIPOS
from cauce.domain.document import Kind
from cauce.domain.lot import of_day
from cauce.domain.time import bogota
from tests.torture.chaos import Chaos
from tests.torture.containers import Lambda, bucket
from tests.torture.erp import Erps, Order
from tests.torture.houses import SENDER, House
from tests.torture.intake import StandardQueue
from tests.torture.timeline import Timeline

_TIPO = {kind: name for name, kind in TIPOS.items()}
_WAYS = ("in a request", "in a file", "straight")
# A message that is not heard of for so long was lost, and is sent again.
_LOST_AFTER = 3600.0


@dataclass
class Batch:
    """Orders that came together, and what their ERP knows of them."""

    name: str
    house: House
    way: str
    orders: list[Order]
    lines: list[str]
    """As they are sent: an order's or, where it is nobody's, no document at all."""
    bad: int
    """How many of them are no document."""
    lots: list[str] = field(default_factory=list)
    """Ids of the lots that it was, the last one good."""
    told: set[str] = field(default_factory=set)
    """Names of the orders whose record it was told of."""
    sent_at: float = 0.0
    rival: "Batch | None" = None
    """Another content, sent under the same key."""
    lost: bool = False
    """Its key named its rival's lot: nothing of it is a document."""
    last_told: dict[str, Any] = field(default_factory=dict)
    """What ``GET /lotes/{id}`` said of its last lot at the end."""

    @property
    def is_over(self) -> bool:
        return self.lost or len(self.told) == len(self.orders)

    @property
    def key(self) -> str:
        """The key of its next lot. Rivals have one, until it is taken."""
        first = min(self.name, self.rival.name) if self.rival is not None and not self.lots else self.name
        return f"{first}-{len(self.lots)}"


class Bulk:
    """All issuers' ERPs, when they have many."""

    def __init__(
        self,
        timeline: Timeline,
        chaos: Chaos,
        functions: Lambda,
        intake: StandardQueue,
        control: StandardQueue,
        erps: Erps,
        random: Random,
    ):
        self._timeline = timeline
        self._chaos = chaos
        self._functions = functions
        self._intake = intake
        self._control = control
        self._erps = erps
        self._random = random
        self.batches: list[Batch] = []
        self.strangers: set[str] = set()
        """Ids of messages that speak for nobody."""
        self.expected_empty: list[tuple[str, str]] = []
        """NIT and id of the lots whose file never came."""
        self.intruders: set[str] = set()
        """References of documents in files that nobody announced."""

    def send_soon(self, house: House, count: int, within: float) -> None:
        """So many new orders of a house, one way or another, and with them what is none."""
        batch = self._made(house, count, _WAYS)
        if batch.way != "straight" and self._chaos.strikes("two_contents"):
            self._chaos.count("lots: two contents under one key")
            batch.rival = self._made(house, self._random.randint(1, count), _WAYS[:2])
            batch.rival.rival = batch
        moment = self._random.uniform(0, within)
        self._timeline.after(moment, lambda: self._send(batch))
        if (rival := batch.rival) is not None:
            self._timeline.after(moment + self._random.uniform(0, 2), lambda: self._send(rival))
        if self._random.random() < 0.2:
            self._timeline.after(self._random.uniform(0, within), lambda: self._strange(house))

    def _made(self, house: House, count: int, ways: tuple[str, ...]) -> Batch:
        orders = [self._erps.order(house, always_referenced=True) for _ in range(count)]
        way = self._random.choice(ways)
        lines = [self._line(order) for order in orders]
        bad = self._random.choice((0, 0, 1))
        for _ in range(bad):
            lines.insert(self._random.randrange(count + 1), '{"tipo": "factura", "lineas": []}')
        batch = Batch(f"batch-{len(self.batches) + 1}", house, way, orders, lines, bad)
        self.batches.append(batch)
        self._chaos.count(f"sent {way}")
        return batch

    def _line(self, order: Order) -> str:
        return json.dumps({"tipo": _TIPO[order.kind], **order.body})

    def _strange(self, house: House) -> None:
        """A message of a sender that speaks for nobody."""
        self._chaos.count("message of nobody's")
        body = json.dumps({"tipo": _TIPO[Kind.INVOICE], "referencia": "AJENA"})
        self.strangers.add(self._intake.send(body, sender="AROASOMEBODYELSE", issuer=house.issuer.nit))

    # Sending

    def _send(self, batch: Batch) -> None:
        batch.sent_at = self._timeline.elapsed
        match batch.way:
            case "straight":
                self._send_straight(batch)
            case "in a file":
                body = "\n".join(batch.lines).encode()
                announced = {"subir": True, "bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}
                self._post(batch, announced, "application/json", lambda data: self._upload(batch, data, body))
            case _ if self._random.random() < 0.5:
                self._post(batch, "\n".join(batch.lines), "application/x-ndjson", lambda _: None)
            case _:
                self._post(batch, f"[{','.join(batch.lines)}]", "application/json", lambda _: None)

    def _send_straight(self, batch: Batch) -> None:
        """Those that its ERP has not heard of, one message each; a lot is a day's."""
        today = of_day(bogota(self._timeline.now()).date())
        batch.lots = list(dict.fromkeys([*batch.lots, today]))
        for line in batch.lines:
            if json.loads(line).get("referencia") not in batch.told:
                self._intake.send(line, sender=SENDER, issuer=batch.house.issuer.nit)
        self._ask_later(batch)

    def _post(self, batch: Batch, body: Any, content_type: str, then: Callable[[Any], None]) -> None:
        """Post a lot, again under the same key for as long as nobody answers; now and then twice at once."""
        key = batch.key

        def answered(status: int, answer: Any) -> None:
            if status == 202:
                self._taken(batch, key, answer["data"], then)
            elif status >= 500 or status == 429:
                self._timeline.after(self._random.uniform(5, 60), post)
            elif status == 409 and batch.key != key:
                return  # answered twice: its file has come meanwhile
            elif status == 409 and batch.rival is not None and not batch.lots:
                self._lose(batch)
            else:
                batch.orders[0].refusals.append(f"POST /lotes {status} {answer}")

        def post() -> None:
            headers = {"Content_Type": content_type, "Idempotency_Key": key}
            self._functions.http("POST", "/lotes", body, batch.house.bearer, answered, **headers)

        post()
        if self._chaos.strikes("twice"):
            self._chaos.count("lots: posted twice at once")
            self._timeline.after(self._random.uniform(0, 2), post)

    def _taken(self, batch: Batch, key: str, data: Any, then: Callable[[Any], None]) -> None:
        """Its lot was named. The same key names the same one, however often it is sent."""
        lot = data["lote_id"]
        if lot in batch.lots:
            return
        if batch.lost or batch.key != key or (batch.rival is not None and lot in batch.rival.lots):
            batch.orders[0].refusals.append(f"POST /lotes named {lot} for the key {key}")
            self._lose(batch)
            return
        batch.lots.append(lot)
        then(data)
        self._ask_later(batch)

    def _lose(self, batch: Batch) -> None:
        """Its key is its rival's."""
        self._chaos.count("lots: refused for their key")
        batch.lost = True
        for order in batch.orders:
            order.never = order.given_up = True

    def _upload(self, batch: Batch, data: Any, body: bytes) -> None:
        """Put the file where the answer said, and let S3 tell of it; too late, announce another one."""
        key, until = urlsplit(data["subida"]["url"]).path.rpartition("/lotes/")[2], data["subida"]["vence"]
        lot, has_come = data["lote_id"], False

        def again() -> None:
            if lot == batch.lots[-1] and not has_come:
                self.expected_empty.append((batch.house.issuer.nit, lot))
                self._send(batch)

        def put(content: bytes = body) -> None:
            nonlocal has_come
            if self._timeline.now() > datetime.fromisoformat(until) - timedelta(seconds=30):
                self._chaos.count("upload too late")
                again()
                return
            has_come = has_come or content is body
            bucket().put_object(Bucket="cauce", Key=f"lotes/{key}", Body=content)
            told = {"eventSource": "aws:s3", "s3": {"object": {"key": f"lotes/{key}"}}}
            self._control.send(json.dumps({"Records": [told]}), sender="s3")

        if self._chaos.strikes("never_uploaded"):
            self._chaos.count("lots: announced, and the file never comes")
            self._timeline.after(self._random.uniform(40, 60) * 60, again)
            return
        moment = self._random.uniform(1, 120)
        if self._chaos.strikes("another_file"):
            self._chaos.count("lots: another file than the announced one")
            self._timeline.after(moment, lambda: put(self._intruding(batch)))
            moment += self._random.uniform(1, 240)
        self._timeline.after(moment, put)
        if self._chaos.strikes("twice"):
            self._chaos.count("lots: uploaded twice")
            self._timeline.after(moment + self._random.uniform(0, 2), put)

    def _intruding(self, batch: Batch) -> bytes:
        """A file as long as the announced one, with documents that nobody wants."""
        body = "\n".join(batch.lines)
        for order in batch.orders:
            intruder = f"X{order.name[1:]}"
            self.intruders.add(intruder)
            body = body.replace(f'"referencia": "{order.name}"', f'"referencia": "{intruder}"')
        return body.encode()

    def look_once_more(self) -> None:
        """Ask what became of each lot, once nothing is left to do."""
        for batch in self.batches:
            if batch.way != "straight" and batch.lots and not batch.lost:
                self._look_at(batch)

    def _look_at(self, batch: Batch) -> None:
        def answered(status: int, answer: Any) -> None:
            batch.last_told = answer["data"] if status == 200 else {"status": status}

        self._functions.http("GET", f"/lotes/{batch.lots[-1]}", None, batch.house.bearer, answered)

    # Asking

    def _ask_later(self, batch: Batch) -> None:
        self._timeline.after(self._random.uniform(30, 240), lambda: self._ask(batch))

    def _ask(self, batch: Batch) -> None:
        if batch.is_over:
            return

        def answered(status: int, answer: Any) -> None:
            if status == 200:
                for row in answer["documentos"]:
                    self._told(batch, row)
            elif status < 500 and not (status == 404 and batch.way == "straight"):
                batch.orders[0].refusals.append(f"GET /lotes {status} {answer}")
                return
            if batch.way == "straight" and self._timeline.elapsed > batch.sent_at + _LOST_AFTER:
                if not batch.is_over:
                    self._chaos.count("sent straight again")
                    self._send(batch)
            else:
                self._ask_later(batch)

        for lot in batch.lots if batch.way == "straight" else batch.lots[-1:]:
            path = f"/lotes/{lot}?per_page=100"
            self._functions.http("GET", path, None, batch.house.bearer, answered)

    def _told(self, batch: Batch, row: dict[str, Any]) -> None:
        order = next((each for each in batch.orders if each.name == row["referencia"]), None)
        if order is None or order.name in batch.told:
            return
        batch.told.add(order.name)
        if row["estado"] == "invalido":
            order.given_up = True
            order.refusals.append(f"in its lot {row}")
        else:
            self._erps.heard(order, row)
