"""ERPs that send many documents at once: in a request, in a file, or one by one straight into the queue.

What they are told is the lot's own answer, ``GET /lotes/{id}``; once a document is named there, its ERP goes on with it
as with any other. A line that is no document is sent along now and then, and messages of nobody's.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from urllib.parse import urlsplit

from cauce.api.lots import TIPOS
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

    @property
    def is_over(self) -> bool:
        return len(self.told) == len(self.orders)


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

    def send_soon(self, house: House, count: int, within: float) -> None:
        """So many new orders of a house, one way or another, and with them what is none."""
        orders = [self._erps.order(house, always_referenced=True) for _ in range(count)]
        way = self._random.choice(_WAYS)
        lines = [self._line(order) for order in orders]
        bad = self._random.choice((0, 0, 1))
        for _ in range(bad):
            lines.insert(self._random.randrange(count + 1), '{"tipo": "factura", "lineas": []}')
        batch = Batch(f"batch-{len(self.batches) + 1}", house, way, orders, lines, bad)
        self.batches.append(batch)
        self._chaos.count(f"sent {way}")
        self._timeline.after(self._random.uniform(0, within), lambda: self._send(batch))
        if self._random.random() < 0.2:
            self._timeline.after(self._random.uniform(0, within), lambda: self._strange(house))

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
        """Post a lot, again under the same key for as long as nobody answers."""
        key = f"{batch.name}-{len(batch.lots)}"

        def answered(status: int, answer: Any) -> None:
            if status == 202:
                batch.lots.append(answer["data"]["lote_id"])
                then(answer["data"])
                self._ask_later(batch)
            elif status >= 500 or status == 429:
                self._timeline.after(self._random.uniform(5, 60), post)
            else:
                batch.orders[0].refusals.append(f"POST /lotes {status} {answer}")

        def post() -> None:
            headers = {"Content_Type": content_type, "Idempotency_Key": key}
            self._functions.http("POST", "/lotes", body, batch.house.bearer, answered, **headers)

        post()

    def _upload(self, batch: Batch, data: Any, body: bytes) -> None:
        """Put the file where the answer said, and let S3 tell of it; too late, announce another one."""
        key, until = urlsplit(data["subida"]["url"]).path.rpartition("/lotes/")[2], data["subida"]["vence"]

        def put() -> None:
            if self._timeline.now() > datetime.fromisoformat(until) - timedelta(seconds=30):
                self._chaos.count("upload too late")
                self._send(batch)
                return
            bucket().put_object(Bucket="cauce", Key=f"lotes/{key}", Body=body)
            told = {"eventSource": "aws:s3", "s3": {"object": {"key": f"lotes/{key}"}}}
            self._control.send(json.dumps({"Records": [told]}), sender="s3")

        self._timeline.after(self._random.uniform(1, 120), put)

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
