"""When DIAN's service itself fails: what counts as its failure, and how often to try before type 04 is allowed.

Facts and settings only; what is done with them is in ``cauce.contingency``. Source: Anexo Técnico 1.9, 12.2.1 (list
of errors) and 12.2.2 (attempts). Which failures DIAN accepts afterwards as its own nobody knows until it answers
CTG01, so all of it is the issuer's to change, with the annex's for default:

``contingency``                   on; or off: everything waits for DIAN
``contingency_statuses``          403,500,503,507,508
``contingency_error_attempts``    3/5: tried again 3 times, at least 5 seconds apart, after one of those statuses
``contingency_silence_attempts``  5/120: likewise, after silence
``contingency_silence``           60: the seconds for which a document's answer is waited
``contingency_in_doubt``          error: after which failures of its sending an invoice may be issued as type 04 while
                                  nobody can say whether it arrived; none, or error,silence, which is all of the annex
"""

import re
from collections.abc import Mapping
from datetime import timedelta

from cauce.domain.errors import Unsupported
from cauce.domain.outage import Attempts, Failure, OutageRules
from cauce.ubl.facts import DIAN_OUTAGE, SALE

OUTAGE_STATUSES = frozenset({403, 500, 503, 507, 508})
"""HTTP statuses with which the service says that it is out of order."""

AFTER_ERROR = Attempts(count=3, apart=timedelta(seconds=5))
"""After an answer with one of OUTAGE_STATUSES."""

# A function lives 90 s, and a document's answer is not all that it has to wait for.
_LONGEST_SILENCE_SECONDS = 75

AFTER_SILENCE = Attempts(count=5, apart=timedelta(minutes=2))

DELIVER_WITHIN = timedelta(hours=48)
"""Time to transmit what was issued meanwhile (types 03 and 04), once the service or the issuer has recovered."""

# Exports (02) keep their type and wait: the annex speaks of the sale, and 04 would not say that they are exports.
_INVOICE_TYPES = frozenset({SALE, DIAN_OUTAGE})

# An error of the list is DIAN saying that it works for nobody. Silence is also how it treats, overloaded, documents
# that it has taken, and then the buyer would hold an invoice that is none.
_IN_DOUBT = "error"


def rules(settings: Mapping[str, str]) -> OutageRules:
    """When DIAN is out for an issuer with these settings. Off, no type is issued without it; what was issued before
    has its deadline still.

    Raises Unsupported for a value that is none.
    """
    is_on = _matched(settings, "contingency", "on", "on|off", "on u off")[0] == "on"
    return OutageRules(
        after_error=_attempts(settings, "contingency_error_attempts", AFTER_ERROR),
        after_silence=_attempts(settings, "contingency_silence_attempts", AFTER_SILENCE),
        invoice_types=_INVOICE_TYPES if is_on else frozenset(),
        in_doubt=_in_doubt(settings),
        deliver_within=DELIVER_WITHIN,
    )


def statuses(settings: Mapping[str, str]) -> frozenset[int]:
    """The HTTP statuses with which DIAN says that it is out of order."""
    default = ",".join(map(str, sorted(OUTAGE_STATUSES)))
    found = _matched(settings, "contingency_statuses", default, r"\d{3}(,\d{3})*", "códigos HTTP con comas")
    return frozenset(map(int, found[0].split(",")))


def silence_seconds(settings: Mapping[str, str]) -> float | None:
    """How long a document's answer is waited for; ``None`` for as long as always."""
    if "contingency_silence" not in settings:
        return None
    wanted = f"segundos, de 1 a {_LONGEST_SILENCE_SECONDS}"
    seconds = int(_matched(settings, "contingency_silence", "", r"[1-9]\d?", wanted)[0])
    if seconds > _LONGEST_SILENCE_SECONDS:
        raise _bad("contingency_silence", str(seconds), wanted)
    return seconds


def _attempts(settings: Mapping[str, str], key: str, default: Attempts) -> Attempts:
    written = f"{default.count}/{default.apart.seconds}"
    found = _matched(settings, key, written, r"(\d{1,2})/(\d{1,4})", "intentos/segundos, como " + written)
    return Attempts(count=int(found[1]), apart=timedelta(seconds=int(found[2])))


def _in_doubt(settings: Mapping[str, str]) -> frozenset[Failure]:
    pattern = "none|error|silence|error,silence"
    found = _matched(settings, "contingency_in_doubt", _IN_DOUBT, pattern, "none, error o error,silence")
    failures = frozenset(map(Failure, found[0].split(","))) if found[0] != "none" else frozenset()
    # Of what was cut short, DIAN is asked first too; if it keeps silent then, that was silence.
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
