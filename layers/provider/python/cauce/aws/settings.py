"""The stack's settings, which its functions get in their environment."""

import os
from dataclasses import dataclass

# What API Gateway lets through in ten seconds by the template's defaults: 200 at once, and 100 a second.
REQUEST_LIMIT = "1200/10"


@dataclass(frozen=True)
class Settings:
    table: str
    bucket: str
    queue_url: str
    intake_url: str
    control_url: str
    looks_url: str
    news_url: str
    secret_prefix: str
    table_key: str
    """The ARN of the secret with the keys of ``aws.sealed``."""
    stage: str
    audit_log_group: str = ""
    """The name of the audit log's group; empty for the operator's command, which writes no such lines."""
    ledger_key: str = ""
    """The ARN of the KMS key that signs the ledgers; empty in a stack that has none."""
    mail_set: str = ""
    """SES's configuration set for the mails to buyers; empty in a stack that sends none."""
    mail_events_url: str = ""
    """The queue in which SES's news of those mails are."""
    request_limit: str = REQUEST_LIMIT
    """The limit of each token whose issuer has none of its own, as ``RequestLimit.parsed`` reads it."""

    @property
    def local_endpoints(self) -> bool:
        """Whether webhooks may be on this machine, without TLS: only where the stack is this machine's."""
        return self.stage == "local"


def from_environment() -> Settings:
    """Read once per container. Raises KeyError naming the variable that is missing."""
    return Settings(
        table=os.environ["CAUCE_TABLE"],
        bucket=os.environ["CAUCE_BUCKET"],
        queue_url=os.environ["CAUCE_QUEUE_URL"],
        intake_url=os.environ["CAUCE_INTAKE_URL"],
        control_url=os.environ["CAUCE_CONTROL_URL"],
        looks_url=os.environ["CAUCE_LOOKS_URL"],
        news_url=os.environ.get("CAUCE_NEWS_URL", ""),  # only where news is pushed
        secret_prefix=os.environ["CAUCE_SECRET_PREFIX"],
        table_key=os.environ["CAUCE_TABLE_KEY"],
        stage=os.environ["CAUCE_STAGE"],
        audit_log_group=os.environ.get("CAUCE_AUDIT_LOG_GROUP", ""),
        ledger_key=os.environ.get("CAUCE_LEDGER_KEY", ""),
        mail_set=os.environ.get("CAUCE_MAIL_SET", ""),
        mail_events_url=os.environ.get("CAUCE_MAIL_EVENTS_URL", ""),
        request_limit=os.environ.get("CAUCE_REQUEST_LIMIT", REQUEST_LIMIT),
    )
