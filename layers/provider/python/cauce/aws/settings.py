"""What the stack tells its functions, through their environment."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Names of the stack's resources."""

    table: str
    bucket: str
    queue_url: str
    intake_url: str
    control_url: str
    looks_url: str
    secret_prefix: str
    stage: str
    audit_log_group: str = ""
    """Of the lines that say who asked for what; the operator's command writes none."""


def from_environment() -> Settings:
    """Read once per container. Raises KeyError naming the variable that is missing."""
    return Settings(
        table=os.environ["CAUCE_TABLE"],
        bucket=os.environ["CAUCE_BUCKET"],
        queue_url=os.environ["CAUCE_QUEUE_URL"],
        intake_url=os.environ["CAUCE_INTAKE_URL"],
        control_url=os.environ["CAUCE_CONTROL_URL"],
        looks_url=os.environ["CAUCE_LOOKS_URL"],
        secret_prefix=os.environ["CAUCE_SECRET_PREFIX"],
        stage=os.environ["CAUCE_STAGE"],
        audit_log_group=os.environ.get("CAUCE_AUDIT_LOG_GROUP", ""),
    )
