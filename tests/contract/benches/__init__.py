"""Every bench of the suite. A provider joins it here, with one line."""

from tests.contract.bench import Bench
from tests.contract.benches.afacturar import AfacturarBench, AfacturarEmission
from tests.contract.benches.dian import DianBench
from tests.contract.benches.facepro import FacEProBench
from tests.contract.benches.facturatech import FacturatechBench
from tests.contract.benches.factus import FactusV1, FactusV2

BENCHES: tuple[type[Bench], ...] = (
    FactusV1,
    FactusV2,
    FacEProBench,
    AfacturarBench,
    AfacturarEmission,
    FacturatechBench,
    DianBench,
)
