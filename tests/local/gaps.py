"""What the engine's CloudFormation leaves out of our template, done through its API.

ministack 1.5.33 creates the bucket without Object Lock, the table without TTL (which it accepts, and then
deletes nothing) and the API without its gateway responses, though each can be set by a call. Encryption,
PITR, lifecycle rules and the schedules' time zone it leaves out too; nothing here depends on them. A queue's
MaximumConcurrency it takes from a parameter as text, and then cannot compare it. The slash of a media type it
wants as it is, where CloudFormation wants it escaped. ``aws:PrincipalArn`` is a role's ARN, path included (IAM user guide,
«AWS global condition context keys»); here it is its session's, which has no path.
Whoever writes in a log group is asked for the group by its name alone, where AWS asks for what is in it (``:*``, as
``GetAtt`` gives it). To send a batch is allowed by ``sqs:SendMessage`` (SQS developer guide, «Amazon SQS API
permissions»); here it is an action of its own.
"""

from collections.abc import Mapping
from typing import Any

from tests.local.engine import Engine

_SPELT = {
    'BinaryMediaTypes: ["*~1*"]': 'BinaryMediaTypes: ["*/*"]',
    "iam::${AWS::AccountId}:role/${AWS::StackName}/*": "sts::${AWS::AccountId}:assumed-role/${AWS::StackName}-*",
    "Action: [sqs:SendMessage, ": "Action: [sqs:SendMessage, sqs:SendMessageBatch, ",
    "Resource: !GetAtt AuditLogs.Arn": 'Resource: !Sub "arn:aws:logs:*:*:log-group:${AuditLogs}"',
}


def spelt(template: str) -> str:
    """A template as the engine reads it."""
    for aws, here in _SPELT.items():
        template = template.replace(aws, here)
    return template


def fill(engine: Engine, stack_name: str, parameters: Mapping[str, str]) -> None:
    """Sets on the deployed resources what the transformed template says and CloudFormation skipped."""
    cloudformation = engine.client("cloudformation")
    processed = cloudformation.get_template(StackName=stack_name, TemplateStage="Processed")["TemplateBody"]
    listed = cloudformation.list_stack_resources(StackName=stack_name)["StackResourceSummaries"]
    physical = {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in listed}
    values = {name: each["Default"] for name, each in processed["Parameters"].items() if "Default" in each}
    values |= parameters

    for logical, resource in processed["Resources"].items():
        properties = resource.get("Properties", {})
        match resource["Type"]:
            case "AWS::S3::Bucket":
                lock = _resolved(properties["ObjectLockConfiguration"], values)
                retention = lock["Rule"]["DefaultRetention"]
                retention["Days"] = int(retention["Days"])
                engine.client("s3").put_object_lock_configuration(
                    Bucket=physical[logical], ObjectLockConfiguration=lock
                )
            case "AWS::Lambda::EventSourceMapping":
                concurrency = _resolved(properties["ScalingConfig"], values)["MaximumConcurrency"]
                engine.client("lambda").update_event_source_mapping(
                    UUID=physical[logical], ScalingConfig={"MaximumConcurrency": int(concurrency)}
                )
            case "AWS::DynamoDB::Table":
                _set_ttl(engine.client("dynamodb"), physical[logical], properties["TimeToLiveSpecification"])
            case "AWS::ApiGateway::RestApi":
                gateway = engine.client("apigateway")
                for kind, answer in properties["Body"]["x-amazon-apigateway-gateway-responses"].items():
                    gateway.put_gateway_response(
                        restApiId=physical[logical],
                        responseType=kind,
                        responseParameters=answer["responseParameters"],
                        responseTemplates=answer["responseTemplates"],
                        **({"statusCode": str(answer["statusCode"])} if "statusCode" in answer else {}),
                    )
                # A stage answers as its deployment was, there as on AWS.
                gateway.create_deployment(restApiId=physical[logical], stageName="api")


def _set_ttl(dynamodb: Any, table: str, wanted: Mapping[str, Any]) -> None:
    # Asking for what is already so is an error.
    current = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    if current["TimeToLiveStatus"] == "DISABLED":
        dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification=dict(wanted))


def _resolved(value: Any, parameters: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        if set(value) == {"Ref"}:
            return parameters[value["Ref"]]
        return {key: _resolved(inner, parameters) for key, inner in value.items()}
    return value
