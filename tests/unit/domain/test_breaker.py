"""When a provider is left alone, for how long, and who tries it again."""

import pytest

from cauce.domain.breaker import OF_CREDENTIAL, OF_HOST, Circuit, Proof, proof
from cauce.domain.errors import (
    Conflict,
    CredentialsUnusable,
    Held,
    InvalidDocument,
    NotSent,
    OutcomeUnknown,
    Unsupported,
)
from cauce.domain.outage import Failure

NOW = 1_800_000_000


@pytest.mark.parametrize(
    ("raised", "proved"),
    [
        (None, Proof.ANSWERS),
        (Conflict("ya existe"), Proof.ANSWERS),
        (NotSent("vuelva luego", retry_after=30), Proof.ANSWERS),
        (NotSent("sin conexión"), Proof.IS_SILENT),
        (OutcomeUnknown("sin respuesta", failure=Failure.SILENCE), Proof.IS_SILENT),
        (OutcomeUnknown("cortada", failure=Failure.CUT_SHORT), Proof.NOTHING),
        (NotSent("cortada", failure=Failure.CUT_SHORT), Proof.NOTHING),
        (Held("en cola", retry_after=5), Proof.NOTHING),
        (Unsupported("no se ofrece"), Proof.NOTHING),
        (InvalidDocument("no cabe"), Proof.NOTHING),
        (CredentialsUnusable("faltan"), Proof.NOTHING),
    ],
)
def test_what_a_call_proves_about_its_provider(raised, proved):
    assert proof(raised) is proved


@pytest.mark.parametrize(
    ("since", "is_patient", "may"),
    [
        (-1, True, False),
        (0, True, True),
        (0, False, False),
        (119, False, False),
        (120, False, True),
    ],
)
def test_an_open_one_is_tried_by_the_patient_first_and_by_anybody_two_minutes_later(since, is_patient, may):
    circuit = Circuit(has_failures=True, open_until=NOW, opened=1)

    assert circuit.may_be_tried(NOW + since, is_patient=is_patient) is may


def test_a_closed_one_lets_everybody_call():
    assert Circuit(has_failures=True).may_be_tried(NOW, is_patient=False)
    assert Circuit(has_failures=True).wait(NOW) == 0


@pytest.mark.parametrize(("rules", "longest"), [(OF_CREDENTIAL, 600), (OF_HOST, 120)])
def test_it_opens_for_longer_each_time_up_to_a_longest(rules, longest):
    waits = [rules.open_until(NOW, opened) - NOW for opened in range(9)]

    assert waits[0] == 30
    assert waits == sorted(waits)
    assert waits[-1] == longest
