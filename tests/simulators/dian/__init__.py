"""DIAN's web service, simulated strictly: one environment, any number of issuers, its own certification authority.

It reads what arrives without any of Cauce's code: signxml verifies both signatures, the XSDs of DIAN's toolbox are
applied where they are at hand beside the repository, identifiers, security code and totals are recomputed from
the XML itself.

FIDELITY

Documented (annex 1.9, WSDL and its sample answers): SOAP 1.2 by action; namespaces and order of every answer;
WS-Security with a signed wsa:To; the file's names and ZIP; StatusCode 00, 66, 67, 68, 89, 98, 99 and 2, the empty
code of a batch in process; rule 90 with the identifier of the document that has the number; codes of
GetNumberingRange and GetXmlByDocumentKey; test sets that count, that close, and that leave a badly named file in
process for ever; no test sets in production; the fault for a certificate that is not trusted.

Reported by others: types 01, 02 and 04 share their numbers; a rejected number is not burned; a NIT that is not
authorised gets 89; rules whose source is [S] in the rules table.

Inferred, so do not lean on it: the sentences of codes and rules; a wrong file name in a synchronous sending gets 89;
every refusal of a batch comes without a key; what GetStatusEvent carries; codes of GetAcquirer; the layout of the
ApplicationResponse; support-document and contingency ranges are listed without a technical key; weekdays stand
for business days; an identifier that was rejected is answered with its rejection when asked about.

Stricter than the real service: sums must be exact, where DIAN forgives two pesos; a product may be off by less
than a cent on a line, by less than two pesos on the header.

Made for tests: it is out of order while a test says so; an invoice of type 04 is good if it was signed while an
outage was declared; events can be made older; `POST /_simulator/enrol` gives what an operator gets from the portal and
from a certification authority.

Of documentos equivalentes only the POS ticket (20) and its note (94) are taken; see ``equivalents`` for what of them is
inferred.

Left out: payroll, GetExchangeEmails, GetReferenceNotes, GetDocumentInfo, SendBillAttachment,
checks against the RUT, lists of municipalities, countries, units and products, the sector rules of health,
transport and currency exchange.
"""

from tests.simulators.dian.accounts import Account, Range, TestSet
from tests.simulators.dian.app import PATH, DianSimulator

__all__ = ["PATH", "Account", "DianSimulator", "Range", "TestSet"]
