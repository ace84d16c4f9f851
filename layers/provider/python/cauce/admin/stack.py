"""The stack that the command works on: in AWS, or on the local engine. Nothing is connected before it is used."""

import os
from functools import cache
from typing import TYPE_CHECKING

from cauce.domain.errors import NotFound

if TYPE_CHECKING:
    from cauce.admin.account import Account
    from cauce.aws.secrets import Secrets
    from cauce.aws.settings import Settings
    from cauce.gateway import Gateway

_name = "cauce"


def choose(name: str) -> None:
    """Choose the CloudFormation stack whose outputs name the resources, where the environment does not."""
    global _name
    _name = name


@cache
def gateway() -> "Gateway":
    from cauce import wiring

    return wiring.connect(resources())


def name() -> str:
    """The CloudFormation stack's."""
    return _name


def account() -> "Account":
    """What AWS tells of the account itself."""
    import boto3

    from cauce.admin.account import Account

    return Account(boto3.Session())


def secrets() -> "Secrets":
    """The credentials of issuers at their providers, which the gateway only reads."""
    import boto3

    from cauce import wiring

    return wiring.secrets_of(boto3.Session(), resources())


@cache
def resources() -> "Settings":
    """The stack's resources: from the environment where it names them, else from the stack's outputs."""
    import boto3

    from cauce.aws.settings import Settings, from_environment

    if "CAUCE_TABLE" in os.environ:
        try:
            return from_environment()
        except KeyError as missing:
            raise NotFound(f"Falta la variable de entorno {missing.args[0]}.") from None
    stacks = boto3.client("cloudformation").describe_stacks(StackName=_name)["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stacks[0].get("Outputs", [])}
    try:
        return Settings(
            table=outputs["TableName"],
            bucket=outputs["BucketName"],
            queue_url=outputs["QueueUrl"],
            intake_url=outputs["IntakeQueueUrl"],
            control_url=outputs["ControlQueueUrl"],
            looks_url=outputs["LooksQueueUrl"],
            news_url=outputs["NewsQueueUrl"],
            secret_prefix=outputs["SecretPrefix"],
            table_key=outputs["TableKeyArn"],
            stage=outputs.get("Stage", ""),
            mail_set=outputs.get("MailSetName", ""),
            ledger_key=outputs.get("LedgerKeyArn", ""),
        )
    except KeyError as missing:
        raise NotFound(f"La pila {_name} no tiene la salida {missing.args[0]}; no es de Cauce.") from None
