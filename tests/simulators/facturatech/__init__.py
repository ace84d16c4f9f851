"""Facturatech, simulated strictly: emission over rpc, support documents over their own rpc, numbering over ASMX.

Two accounts are there from the start, one productive and one DEMO, each with its own ranges and documents.

FIDELITY

Documented (seed 000): the three numbering operations, their names, parameters and response properties letter by
letter; the catalogues; that ConsultaNumeracion makes a DEMO user productive and imports DIAN's new ranges; that
the other two refuse a DEMO user; one assignment for each resolution, to DSE or INVOIC-C only; that what needs a
resolution is not generated and nothing is generated twice; refusals as OperacionExitosa false or MsgError at
HTTP 200.

Documented (its manual of emission and its published procedures): operations, parameters and answers of
the emission services; code as a string in the body; the texts of success, of duplicates under success, and of
refusals under 404, 409 and 405; SHA-256 passwords; numbers that a rejection does not use up; DRF equal to the
platform's range; SIGNED_XML and PROCESSING; which blocks a document has, in which order, and their arithmetic.

Inferred, so do not lean on it: the wording of refusals beyond the quoted fragments; the order of checks; that a
repetition in GenerarNumeracion is any overlap under a prefix and type; sentences in Msg and MsgError; StatusCode
100; the numbering namespace, SOAPAction and fault texts (ASP.NET's own); dates as YYYY-MM-DD; faults for requests
that are no SOAP; what ``?wsdl`` answers beyond names, parameters and responses (the rpc services' bindings as NuSOAP's, in the manual's namespace; the
numbering's as an .asmx's); that a productive user cannot use the demo service nor a DEMO user the productive one; which
fields of a block are mandatory beyond those the manual calls so; that support documents are also taken by the
invoices' service; how many uploads a number allows; the content of a signed document beyond what identifies it.

Left out: payroll, POS, layouts as text, QR, taxpayer data, credits query.
"""

from tests.simulators.facturatech.account import Account, NumberRange
from tests.simulators.facturatech.app import FacturatechSimulator

__all__ = ["Account", "FacturatechSimulator", "NumberRange"]
