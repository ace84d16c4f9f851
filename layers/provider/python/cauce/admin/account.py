"""What AWS lets an account do, and which alarms of a stack are raised. Only the operator's command asks."""

from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from cauce import faults

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_lambda import LambdaClient


class Account:
    def __init__(self, session: boto3.Session):
        self._lambda: LambdaClient = session.client("lambda", config=faults.CONFIG)
        self._cloudwatch: CloudWatchClient = session.client("cloudwatch", config=faults.CONFIG)

    def executions(self) -> int | None:
        """How many functions may run at a time; ``None`` where AWS does not say."""
        try:
            limit = self._lambda.get_account_settings()["AccountLimit"]
        except (ClientError, BotoCoreError):
            return None
        return limit.get("ConcurrentExecutions")

    def raised(self, stack: str) -> list[str] | None:
        """The names, without the stack's, of its alarms that are raised; ``None`` where AWS does not say."""
        prefix = f"{stack}-"
        pages = self._cloudwatch.get_paginator("describe_alarms")
        try:
            found = [
                alarm["AlarmName"].removeprefix(prefix)
                for page in pages.paginate(StateValue="ALARM", AlarmNamePrefix=prefix)
                for alarm in page["MetricAlarms"]
            ]
        except (ClientError, BotoCoreError):
            return None
        return sorted(found)
