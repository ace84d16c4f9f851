"""What a user would assemble in an afternoon to do the same as ``tests.bench.signing``, as fast as its parts allow.

``request`` reads and checks the JSON with pydantic, ``figures`` adds it up in Decimal, ``with_lxml`` builds the UBL with
lxml and signs it with signxml, ``with_jinja`` fills a template with jinja2 and signs it with libxmlsec1. Nothing of
Cauce's is imported here but its tables of codes.
"""
