"""The settings that an operator gives an issuer for DIAN, read once."""

from collections.abc import Mapping
from dataclasses import dataclass

from cauce.domain.document import Kind
from cauce.domain.issuer import Environment, Issuer
from cauce.providers.dian import contingency

_ADDRESSES = {
    Environment.PRODUCTION: "https://vpfe.dian.gov.co/WcfDianCustomerServices.svc",
    Environment.TEST: "https://vpfe-hab.dian.gov.co/WcfDianCustomerServices.svc",
}
_PATH = "/WcfDianCustomerServices.svc"
# The kinds in a test set; support documents have their own module at DIAN, and no set.
_IN_TEST_SET = frozenset({Kind.INVOICE, Kind.CREDIT_NOTE, Kind.DEBIT_NOTE})


@dataclass(frozen=True)
class Options:
    """Where and how documents are sent, and what counts as a failure of DIAN's service. ``test_set_id``: only while
    DIAN counts the documents of a test set."""

    address: str
    test_set_id: str | None
    is_async: bool
    outage_statuses: frozenset[int]
    silence_seconds: float | None
    other_dates: bool
    """A date of issue that is not the day of signing is only a notice."""

    def operation(self, kind: Kind) -> str:
        """The operation that takes a document of this kind: ``SendBillSync``, or ``SendBillAsync`` where the operator
        chose that; ``SendTestSetAsync`` while a test set is counted; an event's own."""
        if kind is Kind.EVENT:
            return "SendEventUpdateStatus"
        if self.test_set_id and kind in _IN_TEST_SET:
            return "SendTestSetAsync"
        return "SendBillAsync" if self.is_async else "SendBillSync"


def options(settings: Mapping[str, str], issuer: Issuer) -> Options:
    """The settings of an issuer: ``base_url`` (a simulator's), ``test_set_id``, ``sending`` sync or async,
    ``other_dates`` allow, and those of ``contingency``."""
    base_url = settings.get("base_url")
    is_test = issuer.environment is Environment.TEST
    return Options(
        address=base_url.rstrip("/") + _PATH if base_url else _ADDRESSES[issuer.environment],
        # Production has no test sets.
        test_set_id=settings.get("test_set_id") if is_test else None,
        is_async=is_async(settings),
        outage_statuses=contingency.statuses(settings),
        silence_seconds=contingency.silence_seconds(settings),
        other_dates=settings.get("other_dates") == "allow",
    )


def is_async(settings: Mapping[str, str]) -> bool:
    """Whether the operator chose asynchronous sending. A test set is sent so in any case."""
    return settings.get("sending") == "async"
