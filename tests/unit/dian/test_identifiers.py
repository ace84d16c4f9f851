"""CUFE, CUDE, CUDS and the rest, against the annexes' own worked examples."""

import hashlib
import json
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr

from cauce.domain.issuer import Environment
from cauce.domain.time import BOGOTA
from cauce.ubl.identifiers import KeyFacts, cude, cuds, cufe, event_cude, qr_url, software_security_code
from tests.unit.dian.builders import reference


def facts(
    number: str, issued_at: str, *amounts: str, issuer: str, counterparty: str, environment: str
) -> KeyFacts:
    """Amounts: line extension, VAT, INC, ICA, payable."""
    names = ("line_extension", "vat", "consumption", "commerce", "payable")
    return KeyFacts(
        number=number,
        issued_at=datetime.fromisoformat(issued_at),
        issuer=issuer,
        counterparty=counterparty,
        environment=Environment(environment),
        **{name: Decimal(amount) for name, amount in zip(names, amounts, strict=True)},
    )


@pytest.mark.parametrize(
    "algorithm, secret, number, issued_at, amounts, issuer, counterparty, environment, expected",
    [
        pytest.param(
            *(cufe, "693ff6f2a553c3646a063436fd4dd9ded0311471"),
            *("323200000129", "2019-01-16T10:53:10-05:00", "1500000.00 285000.00 0 0 1785000.00"),
            *("700085371", "800199436", "1"),
            "8bb918b19ba22a694f1da11c643b5e9de39adf60311cf179179e9b33381030bcd4c3c3f156c506ed5908f9276f5bd9b4",
            id="CUFE: Anexo Técnico 1.9, 11.2.1",
        ),
        pytest.param(
            *(cude, "12345", "8110007871", "2019-02-20T16:46:55-05:00", "235.28 19.00 0.00 8.28 262.56"),
            *("900373076", "8355990", "2"),
            "955327eb55f8bdf16d069358a063d87e1577a292cb088ec186ed60bbc38e750b7b3980659b278ead789b95f9c51a9ef7",
            id="CUDE of an invoice from paper, type 03, with ICA: Anexo Técnico 1.9, 11.4",
        ),
        pytest.param(
            *(cude, "12301", "8110007871", "2019-01-12T07:00:00-05:00", "5000.00 950.00 0.00 0.00 5950.00"),
            *("900373076", "8355990", "1"),
            "907e4444decc9e59c160a2fb3b6659b33dc5b632a5008922b9a62f83f757b1c448e47f5867f2b50dbdb96f48c7681168",
            id="CUDE of a credit note: Anexo Técnico 1.9, 11.4.3",
        ),
        # The annex prints b9483dc2…, which is not the digest of the chain that it prints.
        pytest.param(
            *(cude, "10201", "ND1001", "2019-01-18T10:58:00-05:00", "30000.00 0.00 2400.00 0.00 32400.00"),
            *("900197264", "10254102", "2"),
            "3fa73a86d57d9341c536afde1f85c4efd9d4591c2c22bce4dfb0e6b0d2e83b8f047a8bde7098292e9d2493e60d1c31da",
            id="CUDE of a debit note: Anexo Técnico 1.9, 11.4.5",
        ),
        # One tax, and the seller before who buys.
        pytest.param(
            *(cuds, "12345", "0000000001", "2020-10-24T14:04:35-05:00", "15000.00 19.00 0 0 16350.00"),
            *("8355990", "900373076", "1"),
            "bf4bb6920d5054ac065ddb7e6df0398e63e3ba2ff29cb341edd7d46ee8f2ea1802f84aaca91a19a24623e5e3baff3a71",
            id="CUDS: Anexo DS 1.1",
        ),
    ],
)
def test_the_identifiers_of_the_annexes(
    algorithm, secret, number, issued_at, amounts, issuer, counterparty, environment, expected
):
    whom = {"issuer": issuer, "counterparty": counterparty, "environment": environment}
    found = facts(number, issued_at, *amounts.split(), **whom)

    assert algorithm(found, SecretStr(secret)) == expected


def test_the_cude_of_an_event_has_no_environment():
    """Anexo Técnico RADIAN 1.0, 14.1.8."""
    found = event_cude(
        number="1",
        issued_at=datetime(2019, 4, 30, 19, 48, 50, tzinfo=BOGOTA),
        sender="99998888",
        receiver="800197268",
        code="030",
        referenced_number="FE123",
        referenced_type="01",
        software_pin=SecretStr("11111"),
    )

    assert found == (
        "0d91ba25b01f5e7dbda870a11b274501d3a62a73e91932c473c86c93f12a142a2ac45876efcde3e679024a01c0be41f9"
    )


def test_the_software_security_code_of_dians_event_example():
    code = software_security_code("fa326ca7-c1f8-40d3-a6fc-24d7c1040607", SecretStr("20191"), "ACR0021")

    assert code == (
        "55dfb0384c1d47d41568fbf9b5a5b92151b13490ea4d6cfc45d6b6b4256b81cd1987b188daa53d5f7211fd758eaa4a14"
    )


def test_amounts_are_cut_never_rounded():
    with_thousandths = ("100.009", "19.999", "0", "0", "119.999")
    cut = ("100.00", "19.99", "0", "0", "119.99")
    common = {"issuer": "1", "counterparty": "2", "environment": "1"}
    key = SecretStr("k")

    assert cufe(facts("A1", "2026-05-10T00:00:00-05:00", *with_thousandths, **common), key) == cufe(
        facts("A1", "2026-05-10T00:00:00-05:00", *cut, **common), key
    )


def test_the_hour_is_bogotas_whatever_the_clock_says():
    amounts = ("1", "0", "0", "0", "1")
    common = {"issuer": "1", "counterparty": "2", "environment": "1"}

    assert cufe(facts("A1", "2026-05-11T01:30:00+00:00", *amounts, **common), SecretStr("k")) == cufe(
        facts("A1", "2026-05-10T20:30:00-05:00", *amounts, **common), SecretStr("k")
    )


def test_no_secret_shows_in_what_an_error_would_print():
    found = facts("A1", "2026-05-10T00:00:00-05:00", *"11111", issuer="1", counterparty="2", environment="1")

    assert "k3y" not in repr(found) + repr(SecretStr("k3y"))


@pytest.mark.parametrize(
    "environment, expected",
    [
        ("1", "https://catalogo-vpfe.dian.gov.co/document/searchqr?documentkey=abc"),
        ("2", "https://catalogo-vpfe-hab.dian.gov.co/document/searchqr?documentkey=abc"),
    ],
)
def test_the_qr_leads_to_the_catalogue_of_its_environment(environment: str, expected: str):
    assert qr_url("abc", Environment(environment)) == expected


def test_every_vector_of_the_reference_material():
    vectors = json.loads(reference("vectors", "vectors.json").read_text("utf-8"))

    for vector in vectors:
        assert hashlib.sha384(vector["chain"].encode()).hexdigest() == vector["expected"], vector["source"]
        if vector["fields"]:
            assert _identifier(vector["algorithm"], vector["fields"]) == vector["expected"], vector["source"]
    assert sum(bool(vector["fields"]) for vector in vectors) >= 10


def _identifier(algorithm: str, given: dict[str, Any]) -> str:
    if algorithm == "SSC":
        return software_security_code(given["SoftwareID"], SecretStr(given["PIN"]), given["Number"])
    if algorithm == "CUDE-EVENT":
        return event_cude(
            number=given["Num_DE"],
            issued_at=datetime.fromisoformat(f"{given['Fec_Emi']}T{given['Hor_Emi']}"),
            sender=given["NitFE"],
            receiver=given["DocAdq"],
            code=given["ResponseCode"],
            referenced_number=given["ID"],
            referenced_type=given["DocumentTypeCode"],
            software_pin=SecretStr(given["PIN"]),
        )
    if algorithm == "CUDS":
        moment = f"{given['FecDS']}T{given['HorDS']}"
        found = facts(
            given["NumDS"],
            moment,
            given["ValDS"],
            given["ValImp"],
            "0",
            "0",
            given["ValTot"],
            issuer=given["NITABS"],
            counterparty=given["NumSNO"],
            environment=given["TipoAmbiente"],
        )
        return cuds(found, SecretStr(given["PIN"]))
    found = facts(
        given["NumFac"],
        f"{given['FecFac']}T{given['HorFac']}",
        given["ValFac"],
        given["ValImp1"],
        given["ValImp2"],
        given["ValImp3"],
        given["ValTot"],
        issuer=given["NitOFE"],
        counterparty=given["NumAdq"],
        environment=given["TipoAmbiente"],
    )
    return {"CUFE": cufe, "CUDE": cude}[algorithm](found, SecretStr(given["secret"]))
