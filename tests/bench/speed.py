"""How long the checks before sending and the loading of a certificate take on this machine, against their limits.

``python -m tests.bench.speed [--times 50]``. Takes the quickest of so many times, so that other work on the machine
matters little; fails if it is longer than the limit.
"""

import argparse
import sys
import time
from collections.abc import Callable

from cauce.ubl import preflight
from cauce.ubl.certificate import enrolled, loaded
from cauce.ubl.emitter import build_signed
from tests.unit.dian import certificates
from tests.unit.dian.builders import ISSUED_AT, ISSUER, a_document, a_line, numbered
from tests.unit.dian.oracles import parsed


def works() -> list[tuple[str, Callable[[], object], float]]:
    """What is measured, the work, and its limit in milliseconds."""
    root = certificates.authority("RAIZ DE PRUEBA")
    pkcs12 = certificates.pkcs12_of(certificates.signer(root), root)
    kept = enrolled(pkcs12, certificates.PASSWORD, certificates.NIT, ISSUED_AT)
    document = a_document(lines=(a_line(),) * 10)
    file = parsed(build_signed(numbered(document), loaded(kept)).xml)
    return [
        (
            "findings of 10 lines",
            lambda: preflight.findings(document, ISSUER, None, issued_at=ISSUED_AT, now=ISSUED_AT),
            5.0,
        ),
        ("findings of a file of 10 lines", lambda: preflight.xml_findings(file), 10.0),
        ("loading a certificate", lambda: loaded(kept), 0.5),
    ]


def best(work: Callable[[], object], times: int) -> float:
    """Milliseconds of the quickest of so many times, after a first one that is not counted."""
    work()
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        spent.append(time.perf_counter() - began)
    return min(spent) * 1000


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--times", type=int, default=50)
    times = parser.parse_args().times
    slow = 0
    print(f"{'':34}{'best':>10}{'said':>10}")
    for what, work, most in works():
        spent = best(work, times)
        slow += spent > most
        print(f"{what:34}{spent:>7.2f} ms{most:>7.1f} ms  {'SLOW' if spent > most else ''}".rstrip())
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
