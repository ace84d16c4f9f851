"""``python -m tests.face``: the console on this machine, with a company's month in it; its files are read anew at each
request. Ctrl-C ends it.
"""

import sys
import time

from cauce.contracts.v1 import pages
from tests.bench.emission import container
from tests.face.company import with_a_month
from tests.face.site import served
from tests.local.engine import ROOT

if __name__ == "__main__":
    sys.path.append(str(ROOT / "layers"))  # the pages' files are a package of their layer
    out = sys.stdout
    with container() as running:
        company = with_a_month(running)
        with served(pages.asset.cache_clear, port=int(sys.argv[1]) if len(sys.argv) > 1 else 0) as base:
            print(f"{base}/consola\n{company.bearer}\n{company.month}", file=out, flush=True)
            while True:
                time.sleep(60)
