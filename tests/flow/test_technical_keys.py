"""The technical keys of ranges: sealed in the table, opened for the documents that need one and for nobody else."""

import io
import zipfile
from collections.abc import Iterator
from datetime import date
from typing import Any

import boto3
import pytest
from pydantic import SecretStr

from cauce import faults
from cauce.aws import items, keys, ranges
from cauce.domain.document import Kind
from cauce.domain.issuer import Issuer
from cauce.domain.ranges import NumberingRange
from cauce.domain.record import State
from cauce.gateway import Gateway
from cauce.numbering.sync import sync_all
from tests import dian_issuers, stack
from tests.documents import invoice
from tests.flow.conftest import Clock
from tests.quick_boto3 import own
from tests.settling import settle_due
from tests.simulators.dian import DianSimulator
from tests.simulators.dian.accounts import Range
from tests.unit.dian import builders
from tests.unit.dian.talking import simulator

NIT = builders.ISSUER.nit
KEY = "693ff6f2a553c3646a063436fd4dd9ded0311471"
RANGE = NumberingRange(
    provider="dian",
    kind=Kind.INVOICE,
    prefix="FE",
    resolution="18764012345678",
    start=1,
    end=5000,
    next=1,
    valid_from=date(2019, 1, 19),
    valid_to=date(2030, 1, 19),
    technical_key=SecretStr(KEY),
)
SECRET = "cauce-table-key"


@pytest.fixture
def secret(gateway: Gateway) -> Any:
    """Secrets Manager, where the table's key is."""
    return boto3.client("secretsmanager", region_name=stack.REGION)


@pytest.fixture
def asked(gateway: Gateway) -> list[str]:
    """What the gateway asks Secrets Manager about the table's key."""
    seen: list[str] = []
    client: Any = own("secretsmanager")
    client.meta.events.register("before-call.secretsmanager", lambda model, **_: seen.append(model.name))
    return seen


def stored(numbering_range: NumberingRange = RANGE) -> dict[str, Any]:
    """A range's item as it stands in the table."""
    key = items.pack(dict(keys.numbering_range(NIT, numbering_range.key)))
    found = boto3.client("dynamodb", region_name=stack.REGION).get_item(TableName="cauce", Key=key)
    return items.unpack(found["Item"])


def in_clear(numbering_range: NumberingRange = RANGE) -> None:
    """Write a range as versions of Cauce did that had no seals."""
    assert numbering_range.technical_key is not None
    item = {
        **keys.numbering_range(NIT, numbering_range.key),
        **items.range_attributes(numbering_range),
        "technical_key": numbering_range.technical_key.get_secret_value(),
    }
    boto3.client("dynamodb", region_name=stack.REGION).put_item(TableName="cauce", Item=items.pack(item))


def another_key(secret: Any) -> None:
    """The secret is lost, and another is in its place."""
    secret.put_secret_value(SecretId=SECRET, SecretString="otra llave")


def restarted(gateway: Gateway) -> None:
    """Its container is a new one, which has not read the secret."""
    gateway.ranges.seals.forget()


def test_the_table_holds_no_trace_of_a_technical_key(gateway):
    gateway.ranges.save(NIT, RANGE)

    assert KEY not in str(stored())
    assert gateway.ranges.read_with_key(NIT, RANGE.key) == RANGE
    assert gateway.ranges.all_with_keys(NIT) == [RANGE]


def test_who_does_not_need_a_technical_key_finds_a_range_without_it_and_reads_no_secret(gateway, secret):
    gateway.ranges.save(NIT, RANGE)
    secret.delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True)

    found = gateway.ranges.read(NIT, RANGE.key)

    assert (found.technical_key, found.key_withheld) == (None, True)
    assert gateway.ranges.all(NIT) == [found]


def test_a_technical_key_written_in_clear_before_is_read_and_sealed_at_its_next_write(gateway):
    in_clear()
    assert gateway.ranges.read_with_key(NIT, RANGE.key) == RANGE
    assert KEY in str(stored())

    gateway.ranges.save(NIT, gateway.ranges.read_with_key(NIT, RANGE.key).model_copy(update={"end": 9}))

    assert KEY not in str(stored())
    assert gateway.ranges.read_with_key(NIT, RANGE.key) == RANGE.model_copy(update={"end": 9})


def test_a_technical_key_in_clear_counts_beside_a_sealed_one_for_it_was_written_later(gateway):
    """An older version of Cauce, during a deployment or after a way back, writes only its own attribute."""
    gateway.ranges.save(NIT, RANGE.model_copy(update={"technical_key": SecretStr("vieja")}))
    client = boto3.client("dynamodb", region_name=stack.REGION)
    client.update_item(
        TableName="cauce",
        Key=items.pack(dict(keys.numbering_range(NIT, RANGE.key))),
        UpdateExpression="SET technical_key = :key",
        ExpressionAttributeValues=items.pack({":key": KEY}),
    )

    assert gateway.ranges.read_with_key(NIT, RANGE.key) == RANGE
    assert gateway.ranges.seal_technical_keys(NIT) == 1
    assert gateway.ranges.read_with_key(NIT, RANGE.key) == RANGE
    assert KEY not in str(stored())


def test_a_technical_key_that_is_told_no_more_is_removed_sealed_or_not(gateway):
    without = RANGE.model_copy(update={"technical_key": None})
    for write in (lambda: gateway.ranges.save(NIT, RANGE), in_clear):
        write()
        gateway.ranges.save(NIT, without)

        assert stored().keys().isdisjoint({ranges.SEALED, ranges.CLEAR})
        assert gateway.ranges.read_with_key(NIT, RANGE.key) == without


def test_a_range_that_is_written_by_who_did_not_ask_for_its_technical_key_keeps_it(gateway):
    gateway.ranges.save(NIT, RANGE)

    gateway.ranges.save(NIT, gateway.ranges.read(NIT, RANGE.key).model_copy(update={"vanished": True}))

    assert gateway.ranges.read_with_key(NIT, RANGE.key) == RANGE.model_copy(update={"vanished": True})


def test_a_technical_key_that_was_put_in_another_range_does_not_open(gateway):
    other = RANGE.model_copy(update={"prefix": "OTRO", "technical_key": SecretStr("a" * 40)})
    gateway.ranges.save(NIT, RANGE)
    gateway.ranges.save(NIT, other)
    moved = {**stored(other), ranges.SEALED: stored()[ranges.SEALED]}
    boto3.client("dynamodb", region_name=stack.REGION).put_item(TableName="cauce", Item=items.pack(moved))

    found = gateway.ranges.read_with_key(NIT, other.key)

    assert (found.technical_key, found.key_withheld) == (None, True)


def test_without_the_secret_no_technical_key_is_written(gateway, secret):
    secret.delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True)

    with pytest.raises(faults.KeyNotTold):
        gateway.ranges.save(NIT, RANGE)

    assert gateway.ranges.all(NIT) == []


# Sealed anew


def test_what_stands_in_clear_or_under_a_key_of_before_is_sealed_with_the_key_of_now_once(gateway, secret):
    others = [RANGE.model_copy(update={"prefix": prefix}) for prefix in ("A", "B")]
    in_clear()
    gateway.ranges.save(NIT, others[0])
    gateway.ranges.save(NIT, RANGE.model_copy(update={"prefix": "SIN", "technical_key": None}))
    gateway.ranges.seals.rotate()
    gateway.ranges.save(NIT, others[1])

    assert gateway.ranges.seal_technical_keys(NIT) == 2
    assert gateway.ranges.seal_technical_keys(NIT) == 0
    now = secret.get_secret_value(SecretId=SECRET, VersionStage="AWSCURRENT")["SecretString"].split()[0]
    secret.put_secret_value(SecretId=SECRET, SecretString=now)
    restarted(gateway)

    keyed = {found.prefix: found.technical_key for found in gateway.ranges.all_with_keys(NIT)}
    assert keyed == {"FE": SecretStr(KEY), "A": SecretStr(KEY), "B": SecretStr(KEY), "SIN": None}


def test_what_somebody_wrote_while_it_was_sealed_anew_stands(gateway, monkeypatch):
    in_clear()
    newer = RANGE.model_copy(update={"technical_key": SecretStr("b" * 40)})
    sealed_anew = type(gateway.ranges)._sealed_anew

    def meanwhile(*arguments: Any) -> Any:
        change = sealed_anew(*arguments)
        gateway.ranges.save(NIT, newer)
        return change

    monkeypatch.setattr(type(gateway.ranges), "_sealed_anew", meanwhile)

    assert gateway.ranges.seal_technical_keys(NIT) == 0
    assert gateway.ranges.read_with_key(NIT, RANGE.key) == newer


# DIAN


@pytest.fixture
def dian(clock: Clock) -> Iterator[DianSimulator]:
    """DIAN, which has authorised a range of the issuer's own."""
    with simulator(NIT, clock=clock) as running:
        running.accounts[NIT].ranges[0] = Range("FE", 1, 5000, "18764012345678", technical_key=KEY)
        yield running


@pytest.fixture
def issuer(gateway: Gateway, dian: DianSimulator) -> Issuer:
    return dian_issuers.enrolled(gateway, dian)


def test_a_sync_seals_what_it_was_told_and_what_nothing_changed_of(gateway, issuer):
    (known,) = [found for found in gateway.ranges.all_with_keys(NIT) if found.prefix == "FE"]
    assert KEY not in str(stored(known))
    in_clear(known)

    reports = sync_all(gateway, issuer)

    assert [each.prefix for each in reports[0].changed] == []
    assert KEY not in str(stored(known))


def test_an_invoice_is_signed_with_the_technical_key_and_its_record_has_no_word_of_it(
    call, gateway, issuer, dian
):
    taken = call("POST", "/documentos", invoice()).json["data"]

    record = gateway.records.read(NIT, taken["tracking_id"])
    assert record.state is State.ACCEPTED
    assert record.range is not None
    assert "key_withheld" not in record.model_dump_json(exclude_defaults=True)
    assert record.range.technical_key is None  # to print it would hide it


@pytest.mark.parametrize("is_out", [False, True], ids=["accepted", "issued in contingency"])
def test_no_technical_key_leaves_in_what_is_written_queued_logged_or_answered(
    call, gateway, issuer, dian, clock, drain, caplog, capfd, is_out
):
    left: list[str] = []
    for service in ("dynamodb", "s3", "sqs"):
        own(service).meta.events.register("before-call", lambda params, **_: left.append(written(params)))
    if is_out:
        dian.go_out(503)

    answer = call("POST", "/documentos", invoice())
    for _ in range(8):
        clock.advance(minutes=1)
        settle_due(gateway)
        drain()
    record = gateway.records.read(NIT, answer.json["data"]["tracking_id"])

    assert (record.in_contingency, record.state is State.ACCEPTED) == (is_out, not is_out), record.steps
    assert record.range is not None and record.range.technical_key is None
    outside = [*left, answer.text, caplog.text, *capfd.readouterr(), *(str(seen) for seen in dian.requests)]
    assert left and KEY not in "".join(outside)


def written(params: dict[str, Any]) -> str:
    """What a call to AWS brings there, unzipped where it is an archived document's ZIP."""
    body = params["body"] or b""
    content = body if isinstance(body, (bytes, str)) else body.getvalue()
    if isinstance(content, bytes) and content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as files:
            content = b"".join(map(files.read, files.namelist()))
    return content if isinstance(content, str) else content.decode(errors="replace")


def test_a_validation_alone_tells_the_cufe_that_the_technical_key_makes(call, issuer):
    told = call("POST", "/documentos?validar=solo", invoice())

    assert told.status == 200, told.text
    assert len(told.json["data"]["cufe"]) == 96


def test_an_invoice_whose_technical_key_does_not_open_is_taken_in_waits_and_goes_once_it_was_brought_again(
    call, gateway, issuer, dian, secret, clock, drain
):
    another_key(secret)
    restarted(gateway)

    seen = call("POST", "/documentos?validar=solo", invoice())
    taken = call("POST", "/documentos", invoice())

    assert (seen.status, seen.json["data"]["cufe"]) == (200, None)
    assert (taken.status, taken.json["data"]["estado"]) == (201, "pendiente")
    record = gateway.records.read(NIT, taken.json["data"]["tracking_id"])
    assert record.state is State.RECEIVED
    assert "La clave técnica del rango FE no se puede abrir" in record.last_error
    assert dian_issuers.files_sent(dian) == []

    sync_all(gateway, issuer)
    for _ in range(6):
        clock.advance(minutes=5)
        settle_due(gateway)
        drain()

    assert gateway.records.read(NIT, record.document_id).state is State.ACCEPTED


def test_a_note_whose_range_has_no_technical_key_needs_no_secret(gateway, issuer, asked):
    (notes,) = [found for found in gateway.ranges.all(NIT) if found.kind is Kind.CREDIT_NOTE]
    restarted(gateway)

    assert gateway.ranges.read_with_key(NIT, notes.key) == notes
    assert asked == []
