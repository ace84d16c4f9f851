"""What counts as DIAN's own failure, and the settings that say so."""

from datetime import timedelta

import pytest

from cauce.domain.errors import CauceError, CredentialsRejected, NotSent, OutcomeUnknown, Unsupported
from cauce.domain.outage import Attempts, Failure
from cauce.domain.record import Contingency
from cauce.providers.dian import settings
from cauce.providers.dian.provider import Dian
from tests.simulators.dian import DianSimulator
from tests.simulators.dian.document import Document
from tests.unit.dian.builders import a_document
from tests.unit.dian.talking import connected, emit, record, simulator


@pytest.fixture
def dian():
    with simulator() as running:
        yield running


def failing(provider: Dian) -> CauceError:
    with pytest.raises(CauceError) as trouble:
        emit(provider, record(a_document()))
    return trouble.value


def failure_of(provider: Dian) -> Failure | None:
    try:
        emit(provider, record(a_document()))
    except (NotSent, OutcomeUnknown) as trouble:
        return trouble.failure
    return None


@pytest.mark.parametrize("status", sorted(settings.OUTAGE_STATUSES))
def test_an_error_of_the_annex_is_an_error_of_dian_and_proves_nothing_of_the_document(
    status: int, dian: DianSimulator
):
    dian.go_out(status)

    trouble = failing(connected(dian))

    assert isinstance(trouble, OutcomeUnknown)
    assert trouble.failure is Failure.ERROR


def test_hanging_up_is_silence_and_so_is_nobody_there(dian: DianSimulator):
    dian.go_out("silent")
    hung_up = failing(connected(dian))
    nobody = failing(connected("http://127.0.0.1:9"))

    assert (type(hung_up), hung_up.failure) == (OutcomeUnknown, Failure.SILENCE)
    assert (type(nobody), nobody.failure) == (NotSent, Failure.SILENCE)


@pytest.mark.parametrize("how", ["html", "truncated", "429", "500", "PLGNS", "98"])
def test_any_other_answer_is_no_failure_of_the_service(how: str, dian: DianSimulator):
    dian.answer_next(int(how) if how == "429" else how)

    assert failure_of(connected(dian)) is None


def test_a_certificate_that_is_not_trusted_is_told_with_500_and_is_no_outage(dian: DianSimulator):
    dian.answer_next("untrusted")

    assert isinstance(failing(connected(dian)), CredentialsRejected)


def test_the_list_of_errors_is_a_setting(dian: DianSimulator):
    dian.go_out(503)

    assert failing(connected(dian, contingency_statuses="502,504")).failure is None


def test_the_annexs_own_numbers_are_the_defaults():
    found = settings.outage_rules({})

    assert found.after_error == Attempts(count=3, apart=timedelta(seconds=5))
    assert found.after_silence == Attempts(count=5, apart=timedelta(minutes=2))
    assert found.deliver_within == timedelta(hours=48)
    assert found.in_doubt == {Failure.ERROR}
    assert settings.outage_statuses({}) == {403, 500, 503, 507, 508}
    assert settings.silence_seconds({}) is None


def test_every_number_is_a_setting():
    found = settings.outage_rules(
        {
            "contingency_error_attempts": "1/30",
            "contingency_silence_attempts": "2/300",
            "contingency_in_doubt": "error,silence",
        }
    )

    assert found.after_error == Attempts(count=1, apart=timedelta(seconds=30))
    assert found.after_silence == Attempts(count=2, apart=timedelta(minutes=5))
    assert found.in_doubt == {Failure.ERROR, Failure.SILENCE, Failure.CUT_SHORT}
    assert settings.outage_rules({"contingency_in_doubt": "none"}).in_doubt == frozenset()
    assert settings.silence_seconds({"contingency_silence": "30"}) == 30


def test_off_nothing_is_issued_and_what_was_has_its_deadline_still():
    found = settings.outage_rules({"contingency": "off"})

    assert found.invoice_types == frozenset()
    assert found.deliver_within == timedelta(hours=48)


@pytest.mark.parametrize(
    "key, value",
    [
        ("contingency", "true"),
        ("contingency_statuses", "5xx"),
        ("contingency_error_attempts", "3"),
        ("contingency_silence_attempts", "a/b"),
        ("contingency_in_doubt", "always"),
        ("contingency_silence", "0"),
        ("contingency_silence", "76"),
    ],
)
def test_a_setting_that_is_none_is_refused_by_name(key: str, value: str):
    with pytest.raises(Unsupported, match=f"dian.{key} "):
        connected("http://127.0.0.1:9", **{key: value}).capabilities  # noqa: B018


def test_in_contingency_the_record_s_document_is_of_type_04_and_its_cufe_is_the_range_s_key_still():
    ordinary = record(a_document())
    issued = ordinary.model_copy(
        update={
            "contingency": Contingency(
                since=ordinary.issued_at, ordinary_issued_at=ordinary.issued_at - timedelta(hours=1)
            )
        }
    )
    provider = connected("http://127.0.0.1:9")

    signed = Document(provider.prepare(issued).signed_xml or b"")

    assert signed.type_code == "04"
    assert signed.root.xpath("string(//*[local-name()='UUID']/@schemeName)") == "CUFE-SHA384"
    assert Document(provider.prepare(ordinary).signed_xml or b"").type_code == "01"
    assert ordinary.document.invoice_type is None
