"""What the request's checks let pass, the file's checks do not reject."""

from hypothesis import HealthCheck, assume, given, settings

from cauce.domain.document import Document
from cauce.ubl import preflight
from cauce.ubl.certificate import Certificate
from cauce.ubl.emitter import build_signed
from tests.examples import examples
from tests.unit.dian.builders import ISSUED_AT, ISSUER, numbered
from tests.unit.dian.oracles import parsed
from tests.unit.dian.test_properties import documents


@given(document=documents())
@settings(max_examples=examples(40, deep=1000), suppress_health_check=list(HealthCheck))
def test_what_passes_as_a_request_passes_as_a_file(document: Document, certificate: Certificate):
    found = preflight.findings(document, ISSUER, None, issued_at=ISSUED_AT, now=ISSUED_AT)
    assume(not any(each.is_rejection for each in found))

    root = parsed(build_signed(numbered(document), certificate).xml)
    assert [each for each in preflight.xml_findings(root) if each.is_rejection] == []
