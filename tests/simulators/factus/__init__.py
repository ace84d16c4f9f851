"""Factus, simulated strictly: both dialects (`/v1`, `/v2`) of its documented API, one preloaded account.

FIDELITY

Documented (its pages v1 and v2, their literal examples, and the support-document page, which outranks the
rest for support documents): every path, verb and URL style; request fields, their types, lengths,
enumerations and conditions; v1 prices with taxes and whole quantities, v2 net prices; the arithmetic, to the
cent of every example answer; which amounts are strings; date formats; the envelope; pages of ten; the 409
text for support documents; `errors` with "Notificación" on a validated document; status 0 with "Rechazo", or
0 and empty; the same body again asks DIAN again; delete by reference for what is not validated; 80 requests
a minute.

Reported by others (public SDK, real answers in public repositories): 422 with a DIAN rule map stores the
document, takes its number and blocks until deleted, as a wrong check digit does (FAK24); 409 texts of bills
and notes; a validated reference sent again answers 200 with the existing document; `errors` as a map in v2.

Inferred, so do not lean on it: that a v1 supplier must have an e-mail and, with a NIT, its check digit (the
table does not call the first optional, and contradicts itself on the second); the `status` of a 404;
Passport's error bodies and rotating refresh tokens; HTML errors without `Accept: application/json`; 400 for
malformed JSON and for filters nobody documented; filters match "contains" (number, names, reference_code,
identification); a rejected or a different body under an unvalidated reference answers 409; a repeated
reference answers 200, not 201; a deleted document's number is not given out again; deleting a validated
document answers 409; no files for unvalidated documents; a municipality sent for a foreign country is
refused; DIAN rule codes of notes and support documents for a wrong check digit; type 03 takes a range of
type 30; v2 answers of debit notes and support documents; the tax-free total of a v2 support document against
the taxed one of an adjustment note (each follows its page's example request); prepayments do not lower a v2
total; RADIAN refusals, and the content of an uploaded invoice; sentences for unvalidated documents; the
order and number of page links beyond the examples; moving a range back over used numbers, deleting a used
range and an exhausted or expired range are refused.

Left out: payroll, logo upload, names of uncommon units (their codes are all known), foreign-currency totals.
"""

from tests.simulators.factus.app import FactusSimulator
from tests.simulators.factus.auth import Credentials
from tests.simulators.factus.company import Company
from tests.simulators.factus.ranges import NumberingRange, default_ranges

__all__ = ["Company", "Credentials", "FactusSimulator", "NumberingRange", "default_ranges"]
