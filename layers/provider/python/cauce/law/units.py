"""Units that exist in DIAN's list and that nobody means: abbreviations of other ones."""

from collections.abc import Iterator

from cauce.domain import catalogs
from cauce.domain.document import Document
from cauce.domain.outcome import Finding, Severity

# What people write for kilograms, metres, units, tonnes, gallons and kilowatts is in the list (annex 1.9, 13.3.6) a
# keg, a mat, a tenth of a minute, tin, grams per litre, kilograms per millimetre.
MEANT = {"KG": "KGM", "MT": "MTR", "UD": "94", "TN": "TNE", "GL": "GLL", "KW": "KWT"}


def findings(document: Document) -> Iterator[Finding]:
    """A notice for each such unit, at the first line that has it."""
    lines = document.lines
    units = {line.unit for line in lines} & MEANT.keys()
    for unit in sorted(units):
        at = next(n for n, line in enumerate(lines) if line.unit == unit)
        code, named = MEANT[unit], catalogs.units()
        yield Finding(
            rule="Anexo 1.9, 13.3.6",
            severity=Severity.NOTICE,
            field=f"lines.{at}.unit",
            expected=f"{code}, {named[code].lower()}",
            found=f"{unit}, {named[unit].lower()}",
            fix=f"{unit} es {named[unit].lower()}; ¿{code}, {named[code].lower()}?",
            fix_en=f"{unit} is another unit in DIAN's list; if {code} was meant, send that.",
        )
