"""Sends the mails to buyers, each at most once by itself.

A mail is due from the write that says that its document was accepted (``life.settled``), and a look sends it: nothing
of it is within an emission. The record says that it is about to leave before the call is made. Whoever dies then, or
gets no answer, leaves a mail that may have left: it is not sent again unless a person asks for that (``again``).
"""

import logging
from datetime import timedelta

from cauce.domain import life
from cauce.domain.errors import (
    Busy,
    CauceError,
    Conflict,
    InvalidDocument,
    NotFound,
    NotSent,
    OutcomeUnknown,
    Stale,
    Unsupported,
)
from cauce.domain.issuer import Issuer
from cauce.domain.record import Mailing, MailState, Record, State
from cauce.exchange.attempt import saved
from cauce.gateway import Posting, Recording
from cauce.mailing import letter
from cauce.mailing.letter import Attachment, Unaddressable
from cauce.reading.package import package

_log = logging.getLogger("cauce")

_INTERRUPTED = "El envío del correo se interrumpió y no se sabe si salió. Si no llegó, reenvíelo."
_TOO_LARGE = "El ZIP supera los 2 MB que se pueden enviar por correo: entréguelo de otra forma."
_NO_ADDRESS = "La dirección de correo no es válida."
# A mail that left less than this ago is not sent again: whoever repeats a request whose answer was lost wants one.
_AGAIN_AFTER = timedelta(minutes=1)


def look(gateway: Posting, record: Record) -> Record:
    """Send the mail of a record that waits for it, or give it up as doubtful where it was about to leave long ago."""
    assert record.mail is not None
    if record.mail.state is MailState.LEAVING:
        return saved(gateway, life.mail_in_doubt(record, gateway.now(), _INTERRUPTED))
    issuer = gateway.issuers.read(record.issuer)
    receiver = record.document.counterparty.email
    if issuer.mail_from is None or not receiver or not gateway.mail.is_set_up:
        return saved(
            gateway, life.mail_failed(record, gateway.now(), "El correo se desactivó antes de enviarlo.")
        )
    try:
        raw = _letter(gateway, issuer, record, receiver)
    except (CauceError, Unaddressable) as trouble:
        return saved(gateway, _without_letter(gateway, record, trouble))
    stored = _as_stored(gateway, record)
    if stored.mail is None or stored.mail.state is not MailState.DUE:  # a person was first
        return stored
    return _sent(gateway, issuer, stored, raw, receiver, by=None)


def again(gateway: Posting, record: Record, receiver: str | None, *, by: str) -> Record:
    """Send the mail of an accepted record because a person asks for it, to its buyer or to another address, which is
    not kept.

    Raises Conflict where there is nothing to send or it is being sent, Unsupported where no mail is sent at all,
    InvalidDocument where there is no address.
    """
    issuer = gateway.issuers.read(record.issuer)
    if issuer.mail_from is None or not gateway.mail.is_set_up:
        raise Unsupported("El emisor no tiene activado el correo de Cauce; el operador lo activa.")
    if record.state is not State.ACCEPTED:
        raise Conflict("El correo se envía cuando la DIAN valida el documento.")
    _refuse_too_soon(gateway, record)
    to = receiver or (record.document.counterparty.email if record.event is None else None)
    if not to:
        raise InvalidDocument("El adquiriente no tiene email: diga en «correo» a cuál se envía.")
    try:
        raw = _letter(gateway, issuer, record, to)
    except Unaddressable:
        raise InvalidDocument(_NO_ADDRESS) from None
    stored = _as_stored(gateway, record)
    _refuse_too_soon(gateway, stored)
    return _sent(gateway, issuer, stored, raw, to, by=by)


def told(gateway: Posting, body: str) -> bool:
    """SES tells what became of a mail: whether that was about a record's last mail, and not known yet.

    Raises Busy where the mail's own id is not written yet: the message comes back.
    """
    fate = gateway.mail.fate(body)
    if fate is None:
        _log.warning("a message is no news of a mail of ours")
        return False
    try:
        record = gateway.records.read(fate.issuer, fate.document_id)
    except NotFound:
        return False
    if record.mail is None or record.mail.state is MailState.COMPLAINED:
        return False
    if record.mail.state is MailState.LEAVING:  # until it is sent, or a look gives it up as doubtful
        raise Busy("El correo se está enviando.")
    is_known = record.mail.state is MailState.RETURNED and not fate.is_spam
    if is_known or not _is_of(fate.message_id, record.mail):
        return False
    move = life.mail_complained if fate.is_spam else life.mail_returned
    gateway.records.save(move(record, gateway.now(), fate.why))
    return True


def _is_of(message_id: str, mail: Mailing) -> bool:
    """Whether what SES tells is of this mail. Of one that nobody knows to have left SES never told the id: that it
    speaks of it says that it did leave."""
    is_in_doubt = mail.state is MailState.DOUBTFUL and mail.message_id is None
    return is_in_doubt or mail.message_id == message_id


def _refuse_too_soon(gateway: Posting, record: Record) -> None:
    """Raise Conflict for a mail that is being sent, or left a moment ago."""
    if record.mail is None:
        return
    is_leaving = record.mail.state is MailState.LEAVING and record.early(gateway.now())
    has_left = record.mail.state is MailState.SENT and gateway.now() - record.mail.at < _AGAIN_AFTER
    if is_leaving or has_left:
        raise Conflict("El correo acaba de salir o está saliendo; consulte el documento en un minuto.")


def _letter(gateway: Posting, issuer: Issuer, record: Record, receiver: str) -> bytes:
    """The mail with its attachment. Raises Unaddressable, Conflict where it is too large, and what ``package``
    raises."""
    assert issuer.mail_from is not None
    letter.address(receiver)
    made = package(gateway, record)
    if len(made.zip) > letter.MOST_BYTES:
        raise Conflict(_TOO_LARGE)
    return letter.written(record, issuer, issuer.mail_from, receiver, Attachment(made.name, made.zip))


def _as_stored(gateway: Recording, record: Record) -> Record:
    """The record as it is now: making its package may have given it a number."""
    return gateway.records.read(record.issuer, record.document_id)


def _without_letter(gateway: Posting, record: Record, trouble: CauceError | Unaddressable) -> Record:
    now, stored = gateway.now(), _as_stored(gateway, record)
    if isinstance(trouble, Unaddressable):
        return life.mail_failed(stored, now, _NO_ADDRESS)
    if isinstance(trouble, Conflict | Unsupported):
        return life.mail_failed(stored, now, trouble.message)
    return life.mail_put_off(stored, now, trouble.message, retry_after=getattr(trouble, "retry_after", None))


def _sent(
    gateway: Posting, issuer: Issuer, record: Record, raw: bytes, receiver: str, *, by: str | None
) -> Record:
    """Send a mail, once. Only who writes that it is about to leave may; for another it is Stale."""
    assert issuer.mail_from is not None
    try:
        record = gateway.records.save(life.mail_leaving(record, gateway.now(), by=by))
    except Stale:
        raise Conflict("El documento se está actualizando; consulte si el correo ya salió.") from None
    try:
        sent_as = gateway.mail.send(
            raw,
            letter.as_called(issuer.mail_from),
            letter.as_called(receiver),
            issuer=record.issuer,
            document_id=record.document_id,
        )
    except NotSent as away:
        after = life.mail_put_off(record, gateway.now(), away.message, retry_after=away.retry_after)
        return saved(gateway, after if by is None else life.mail_failed(record, gateway.now(), away.message))
    except OutcomeUnknown as doubt:
        return saved(gateway, life.mail_in_doubt(record, gateway.now(), doubt.message))
    except Conflict as refused:
        return saved(gateway, life.mail_failed(record, gateway.now(), refused.message))
    return saved(gateway, life.mailed(record, gateway.now(), sent_as))
