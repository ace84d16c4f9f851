"""Afacturar, simulated strictly: what an issuer emitted, RADIAN events and their history, files by address.

FIDELITY

Documented (the page of `transacciones_emitidas_v3` and acuse, which outranks the rest; the pages of reclamo,
recibo de bien o servicio and historial de eventos): paths and verb; the fixed bearer token; every field of the
search, its enumerations, and both ways of writing `opcion_busqueda`; `offset` counts rows from 0, and no answer
has a total; the fields of a row and which are null or a number; the envelope; code 11 with a list of English
sentences or a Spanish text; the table of codes; the fields of an event, its answer with `entorno` in a sentence,
the fields of a history and its dates; 120 calls a minute.

Inferred, so do not lean on it: that every operation takes a form of either kind or JSON (each page shows one);
the HTTP status beside a code of 400 or more (`statuses=False` answers 200 to all) and 200 beside 11, 15 and 28;
that `fc` may order (the table says so, an error example does not: `takes_fc=False`); that a search compares
whole values, and dates by day; the formats of `fc` and `fecha_documento`; the path of 033; DIAN's sentences; a
transmission id used twice is refused; `tipo_ambiente_dian` against the host's environment is refused with 400;
files need no token; what `rta_ws_dian_response` says.

Emission of invoices is inferred throughout (`emission`): neither its address nor its answer is public, and its
body is the model of an integrator.

Left out: notes and other documents; RIPS, payroll, TTP.
"""

from tests.simulators.afacturar.app import AfacturarSimulator
from tests.simulators.afacturar.rows import NIT, TOKEN, emitted_rows, row

__all__ = ["NIT", "TOKEN", "AfacturarSimulator", "emitted_rows", "row"]
