"""The settings that an operator gives an issuer for DIAN, read once.

Among them what counts as a failure of DIAN's own service, and how often to try before type 04 is allowed;
``exchange.contingency`` acts on that. Source: Anexo Técnico 1.9, 12.2.1 (list of errors) and 12.2.2 (attempts). Which
failures DIAN accepts as its own is known only once it answers CTG01, so each issuer can change all of this; the
defaults are the annex's:

``contingency``                   on; or off: every document waits for DIAN
``contingency_statuses``          403,500,503,507,508
``contingency_error_attempts``    3/5: tried again 3 times, at least 5 seconds apart, after one of those statuses
``contingency_silence_attempts``  5/120: likewise, after silence
``contingency_silence``           60: the seconds for which a document's answer is waited for
``contingency_in_doubt``          error: after which failures of its sending an invoice may be issued as type 04 while
                                  it is not known whether it arrived; none; or error,silence, as the annex allows

And how the health sector's extension writes what its rules leave open (``ubl.health.Form``); the defaults are what
most engines write:

``health_act``                    date: the act in force on the day of issue; none; or its text: Resolución 948:2026
``health_provider_digits``        10 of the REPS code; or 12, with the site's
``health_no_contract``            code: why there is no contract, as its code; or list: its name with the code in it
``health_collections``            prepaid: what the user paid, as prepayments alone; or both: in the extension too
``health_proofs``                 additional: what proves that, as AdditionalDocumentReference; or billing:
                                  BillingReference
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from cauce.domain.document import Kind
from cauce.domain.errors import Unsupported
from cauce.domain.issuer import Environment, Issuer
from cauce.domain.outage import Attempts, Failure, OutageRules
from cauce.ubl.facts import DIAN_OUTAGE, SALE
from cauce.ubl.health import Form

_ADDRESSES = {
    Environment.PRODUCTION: "https://vpfe.dian.gov.co/WcfDianCustomerServices.svc",
    Environment.TEST: "https://vpfe-hab.dian.gov.co/WcfDianCustomerServices.svc",
}
_PATH = "/WcfDianCustomerServices.svc"
# The kinds in a test set, and the setting that has its id: documentos equivalentes have a set of their own. Support
# documents have their own module at DIAN, and no set.
_TEST_SETS = {
    **dict.fromkeys((Kind.INVOICE, Kind.CREDIT_NOTE, Kind.DEBIT_NOTE), "test_set_id"),
    **dict.fromkeys((Kind.EQUIVALENT_DOCUMENT, Kind.EQUIVALENT_NOTE), "equivalent_test_set_id"),
}

OUTAGE_STATUSES = frozenset({403, 500, 503, 507, 508})
"""HTTP statuses with which the service says that it is out of order."""

AFTER_ERROR = Attempts(count=3, apart=timedelta(seconds=5))
"""After an answer with one of OUTAGE_STATUSES."""

# A function lives 90 s, and waits for more than a document's answer.
_LONGEST_SILENCE_SECONDS = 75

AFTER_SILENCE = Attempts(count=5, apart=timedelta(minutes=2))

DELIVER_WITHIN = timedelta(hours=48)
"""Time to transmit what was issued meanwhile (types 03 and 04), once the service or the issuer has recovered."""

# Exports (02) keep their type and wait: the annex speaks of sales alone, and a type 04 would not say «export».
_INVOICE_TYPES = frozenset({SALE, DIAN_OUTAGE})

# With an error of the list DIAN says that it works for nobody. But it may also be silent, when overloaded, about
# documents that it has taken: the buyer would then hold a type 04 that is void.
_IN_DOUBT = "error"


@dataclass(frozen=True)
class Options:
    """Where and how documents are sent, and what counts as a failure of DIAN's service."""

    address: str
    test_sets: dict[Kind, str]
    """The id of the test set of each kind that has one, while DIAN counts its documents."""
    is_async: bool
    outage_statuses: frozenset[int]
    silence_seconds: float | None
    other_dates: bool
    """A date of issue that is not the day of signing is only a notice."""
    health_form: Form

    def operation(self, kind: Kind) -> str:
        """The operation that takes a document of this kind: ``SendBillSync``, or ``SendBillAsync`` where the operator
        chose that; ``SendTestSetAsync`` while a test set is counted; an event's own."""
        if kind is Kind.EVENT:
            return "SendEventUpdateStatus"
        if kind in self.test_sets:
            return "SendTestSetAsync"
        return "SendBillAsync" if self.is_async else "SendBillSync"


def options(settings: Mapping[str, str], issuer: Issuer) -> Options:
    """The settings of an issuer: ``base_url`` (a simulator's), ``test_set_id`` and, of documentos equivalentes,
    ``equivalent_test_set_id``, ``sending`` sync or async, ``other_dates`` allow, and those of contingency, above."""
    base_url = settings.get("base_url")
    is_test = issuer.environment is Environment.TEST
    return Options(
        address=base_url.rstrip("/") + _PATH if base_url else _ADDRESSES[issuer.environment],
        # Production has no test sets.
        test_sets={
            kind: settings[name] for kind, name in _TEST_SETS.items() if is_test and settings.get(name)
        },
        is_async=is_async(settings),
        outage_statuses=outage_statuses(settings),
        silence_seconds=silence_seconds(settings),
        other_dates=settings.get("other_dates") == "allow",
        health_form=health_form(settings),
    )


def is_async(settings: Mapping[str, str]) -> bool:
    """Whether the operator chose asynchronous sending. A test set is sent so in any case."""
    return settings.get("sending") == "async"


def outage_rules(settings: Mapping[str, str]) -> OutageRules:
    """The outage rules of an issuer with these settings. With ``contingency`` off no invoice is issued without DIAN,
    but those issued before keep their deadline.

    Raises Unsupported for a wrong value.
    """
    is_on = _matched(settings, "contingency", "on", "on|off", "on u off")[0] == "on"
    return OutageRules(
        after_error=_attempts(settings, "contingency_error_attempts", AFTER_ERROR),
        after_silence=_attempts(settings, "contingency_silence_attempts", AFTER_SILENCE),
        invoice_types=_INVOICE_TYPES if is_on else frozenset(),
        in_doubt=_in_doubt(settings),
        deliver_within=DELIVER_WITHIN,
    )


def outage_statuses(settings: Mapping[str, str]) -> frozenset[int]:
    """The HTTP statuses with which DIAN says that it is out of order."""
    default = ",".join(map(str, sorted(OUTAGE_STATUSES)))
    found = _matched(settings, "contingency_statuses", default, r"\d{3}(,\d{3})*", "códigos HTTP con comas")
    return frozenset(map(int, found[0].split(",")))


def silence_seconds(settings: Mapping[str, str]) -> float | None:
    """How long a document's answer is waited for; ``None`` for the usual time (``soap.SEND_SECONDS``)."""
    if "contingency_silence" not in settings:
        return None
    wanted = f"segundos, de 1 a {_LONGEST_SILENCE_SECONDS}"
    seconds = int(_matched(settings, "contingency_silence", "", r"[1-9]\d?", wanted)[0])
    if seconds > _LONGEST_SILENCE_SECONDS:
        raise _bad("contingency_silence", str(seconds), wanted)
    return seconds


def health_form(settings: Mapping[str, str]) -> Form:
    """How the health sector's extension is written. Raises Unsupported for a wrong value."""

    def is_said(key: str, default: str, other: str) -> bool:
        return _matched(settings, key, default, f"{default}|{other}", f"{default} o {other}")[0] == other

    wanted = "date, none, o el acto, como Resolución 948:2026"
    act = _matched(settings, "health_act", "date", r"date|none|[^\s:][^:]{2,60}:20\d\d", wanted)[0]
    return Form(
        act={"date": None, "none": ""}.get(act, act),
        provider_digits=12 if is_said("health_provider_digits", "10", "12") else 10,
        no_contract_as_list=is_said("health_no_contract", "code", "list"),
        with_collections=is_said("health_collections", "prepaid", "both"),
        proofs_as_billing=is_said("health_proofs", "additional", "billing"),
    )


def _attempts(settings: Mapping[str, str], key: str, default: Attempts) -> Attempts:
    written = f"{default.count}/{default.apart.seconds}"
    found = _matched(settings, key, written, r"(\d{1,2})/(\d{1,4})", "intentos/segundos, como " + written)
    return Attempts(count=int(found[1]), apart=timedelta(seconds=int(found[2])))


def _in_doubt(settings: Mapping[str, str]) -> frozenset[Failure]:
    pattern = "none|error|silence|error,silence"
    found = _matched(settings, "contingency_in_doubt", _IN_DOUBT, pattern, "none, error o error,silence")
    failures = frozenset(map(Failure, found[0].split(","))) if found[0] != "none" else frozenset()
    # Where ``silence`` is allowed, an invoice in doubt because we cut its sending short may be issued as type 04 too.
    return failures | {Failure.CUT_SHORT} if Failure.SILENCE in failures else failures


def _matched(
    settings: Mapping[str, str], key: str, default: str, pattern: str, wanted: str
) -> "re.Match[str]":
    value = settings.get(key, default)
    found = re.fullmatch(pattern, value)
    if found is None:
        raise _bad(key, value, wanted)
    return found


def _bad(key: str, value: str, wanted: str) -> Unsupported:
    return Unsupported(f"La configuración dian.{key} no puede ser «{value}»: {wanted}.")
