"""The operations that take a document. Each returns the XML inside its result, and is called with the lock held."""

from collections.abc import Callable

from tests.simulators.dian import results
from tests.simulators.dian.accounts import Account, TestSet
from tests.simulators.dian.asking import unauthorised
from tests.simulators.dian.document import Document, Unreadable
from tests.simulators.dian.files import BadFile, Sent, opened
from tests.simulators.dian.register import Batch, Register, Verdict

Take = Callable[[Sent, Account], Verdict]
"""Checks one file of a sender and remembers the verdict."""


def one(
    operation: str, register: Register, sender: Account | None, content: str, zip_name: str | None, take: Take
) -> str:
    """SendBillSync and, with ``zip_name`` None, SendEventUpdateStatus."""
    if sender is None:
        return results.one(operation, unauthorised())
    try:
        sent = opened(content, zip_name, sender.nit, is_single=True)[0]
    except BadFile as cause:
        return results.one(operation, results.dian_response("89", str(cause)))
    if not _fits(sent, is_event=zip_name is None):
        return results.one(operation, results.dian_response("89", f"Nombre de archivo inválido: {sent.name}"))
    verdict = take(sent, sender)
    if verdict.uuid in register.waiting:
        return results.one(operation, results.in_process(verdict.uuid))
    return results.one(operation, results.of_verdict(verdict))


def batch(
    operation: str,
    register: Register,
    sender: Account | None,
    content: str,
    zip_name: str,
    take: Take,
    *,
    test_set_id: str | None,
    asks: int,
) -> str:
    """SendBillAsync and, with a ``test_set_id``, SendTestSetAsync; in process for so many ``asks``."""
    if sender is None:
        return results.upload(operation, None, [(zip_name, "NIT no autorizado a enviar documentos.")])
    sets = (sender.test_set, sender.equivalent_test_set) if test_set_id is not None else ()
    test_set = next((each for each in sets if each.id == test_set_id), None)
    if test_set is None and test_set_id is not None:
        return results.upload(operation, None, [(zip_name, "Set de prueba no encontrado.")])
    try:
        files = opened(content, zip_name, sender.nit, is_single=False)
    except BadFile as cause:
        return results.upload(operation, None, [(zip_name, str(cause))])
    if test_set and any(not _is_of(test_set, sent) for sent in files):
        return results.upload(operation, None, [(zip_name, "Set de prueba no encontrado.")])
    if test_set and test_set.is_over:
        return results.upload(operation, register.keep_batch(Batch([], asks, closed_test_set=test_set.id)))
    if not all(_fits(sent, is_event=False) for sent in files):
        # A batch with a wrong name is not refused but never finished.
        return results.upload(operation, register.keep_batch(Batch([], asks, is_stuck=True)))
    verdicts = [take(sent, sender) for sent in files]
    for verdict in verdicts:
        if test_set and verdict.is_accepted and not verdict.is_repeated:
            test_set.accepted[verdict.kind] = test_set.accepted.get(verdict.kind, 0) + 1
    return results.upload(operation, register.keep_batch(Batch(verdicts, asks)))


def _is_of(test_set: TestSet, sent: Sent) -> bool:
    """[inferred] A test set takes its own documents: those of invoicing, or documentos equivalentes."""
    try:
        kind = Document(sent.content).kind
    except Unreadable:
        return True
    return kind.startswith("equivalent") is any(each.startswith("equivalent") for each in test_set.wanted)


def _fits(sent: Sent, *, is_event: bool) -> bool:
    """Whether a file's name is valid and agrees with the document in it."""
    if not sent.is_well_named or (sent.prefix == "ar") is not is_event:
        return False
    try:
        document = Document(sent.content)
    except Unreadable:
        return True  # its rejection by ZB01 says more than 89
    return sent.prefix == document.family.file_prefix and sent.year == document.text("cbc:IssueDate")[2:4]
