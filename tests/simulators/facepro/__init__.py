"""FacEPro Cloud, simulated strictly, from its page (seed 002): one API under `/api/v1`, companies by token.

FIDELITY

Documented: every path, verb and query parameter; request fields, which of them are required, their catalogues and
the limits of the lists; the arithmetic of its example; the fields of every answer, and that `/health` and `/me` have
no `ok`, `/consultar` has `documento` and not `data`, and answers say `adquirente` where requests say `adquiriente`;
201 whatever DIAN said; four states; `/consultar` sends nothing again; the bodies of 403, 422 and 429; 404 for another
company's document; tokens hashed and revocable; no reference, no idempotency: two equal POSTs are two documents.

Inferred, so do not lean on it: the bodies of 401, 404 and 500; that a list has Laravel's `links` and `meta`,
is newest first and shows notes too; the wrapping of the detail (the page's samples read it at the root,
`wrapped_detail` wraps it); `tipo_documento`, prefix and numbers of notes; that `fecha_emision` is the date
and time sent; that permission and quota are looked at before the data, and a quota counts every kind in a
calendar period of Bogotá; `ultimo_error` only where something went wrong; that a body that is no JSON object
is an empty one, text fields refuse numbers and number fields text, both discounts at once are refused, and
fields nobody documented are ignored (`unknown_fields` of a document tells which); DIAN's texts for what is
not accepted; `per_page` beyond 100 answers 422.

Left out: the portal (certificate, resolution, environment), and DIAN's own rules, but for those a test orders.
"""

from tests.simulators.facepro.app import FacEProSimulator
from tests.simulators.facepro.documents import Document
from tests.simulators.facepro.tenants import Quota, Tenant

__all__ = ["Document", "FacEProSimulator", "Quota", "Tenant"]
