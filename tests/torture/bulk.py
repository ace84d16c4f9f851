"""ERPs that send many documents at once: in a request, in a file, or one by one straight into the intake queue.

An ERP learns what became of its lot from ``GET /lotes/{id}``; once a document is named there, the ERP goes on with it
as with one that it posted singly. Some lots have a line that is no valid document, and some messages in the queue come
from a sender that no issuer named.

Lots race: the same lot is posted, and its file uploaded, twice at once; two lots with different contents are posted
under one key, and only one of them may be taken; an announced file never comes, or another file comes in its place.
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

_TIPO: dict[Kind, str] = {kind: name for name, kind in TIPOS.items()}
_WAYS = ("in a request", "in a file", "straight")
# Seconds after which an ERP takes a message that no lot names for lost, and sends it again.
_LOST_AFTER = 3600.0


@dataclass
class Batch:
    """Orders that are sent together, and what their ERP knows of them."""

    name: str
    house: House
    way: str
    orders: list[Order]
    lines: list[str]
    """The NDJSON lines as they are sent: an order's document each, or one that is no valid document."""
    bad: int
    """How many of the lines are no valid document."""
    lots: list[str] = field(default_factory=list)
    """Ids of the lots that the API made for it, the newest last; only the newest counts."""
    told: set[str] = field(default_factory=set)
    """Names of the orders whose record a lot named."""
    sent_at: float = 0.0
    rival: "Batch | None" = None
    """Another batch, with other content, sent under the same key."""
    lost: bool = False
    """The API gave the key to the rival's lot: no document of this batch may be emitted."""
    last_told: dict[str, Any] = field(default_factory=dict)
    """What ``GET /lotes/{id}`` said of its newest lot at the end of the episode."""

    @property
    def is_over(self) -> bool:
        return self.lost or len(self.told) == len(self.orders)

    @property
    def key(self) -> str:
        """The key of its next lot. Rivals share one key until the API has named a lot for it."""
        first = min(self.name, self.rival.name) if self.rival is not None and not self.lots else self.name
        return f"{first}-{len(self.lots)}"


class Bulk:
    """The ERPs of all issuers, where they send many documents at once."""

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
        """Ids of intake messages whose sender no issuer named."""
        self.expected_empty: list[tuple[str, str]] = []
        """NIT and id of the lots whose file never came."""
        self.intruders: set[str] = set()
        """References of documents in files that nobody announced."""

    def send_soon(self, house: House, count: int, within: float) -> None:
        """Make ``count`` new orders of a house and send them as one batch; perhaps a rival batch and a stranger's
        message too.
        """
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
        """Send an intake message from a sender that the issuer has not named."""
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
        """One message for each order that no lot has named yet. Documents that come by queue belong to the day's lot."""
        today = of_day(bogota(self._timeline.now()).date())
        batch.lots = list(dict.fromkeys([*batch.lots, today]))
        for line in batch.lines:
            if json.loads(line).get("referencia") not in batch.told:
                self._intake.send(line, sender=SENDER, issuer=batch.house.issuer.nit)
        self._ask_later(batch)

    def _post(self, batch: Batch, body: Any, content_type: str, then: Callable[[Any], None]) -> None:
        """Post a lot, again under the same key while the answer is 429, 5xx or none; now and then twice at once."""
        key = batch.key

        def answered(status: int, answer: Any) -> None:
            if status == 202:
                self._taken(batch, key, answer["data"], then)
            elif status >= 500 or status == 429:
                self._timeline.after(self._random.uniform(5, 60), post)
            elif status == 409 and batch.key != key:
                return  # a late second answer: the batch has its lot under this key and goes on with its next key
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
        """The API named a lot for this key; repeated posts of the key must name the same one."""
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
        """The API gave its key to its rival's lot."""
        self._chaos.count("lots: refused for their key")
        batch.lost = True
        for order in batch.orders:
            order.never = order.given_up = True

    def _upload(self, batch: Batch, data: Any, body: bytes) -> None:
        """Upload the file to the URL of the answer and send S3's event. If it is too late for that, post another
        announcement.
        """
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
        """A file as long as the announced one, with other references: none of its documents may be emitted."""
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
