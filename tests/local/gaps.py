"""What ministack 1.5.33 does otherwise than AWS with our template, and how it is mended.

Its CloudFormation creates the bucket without Object Lock, the table without TTL (which it accepts later but never
applies), and the API without its gateway responses: ``fill`` sets them by API calls. It takes a queue's
MaximumConcurrency from a parameter as text and then cannot compare it: ``fill`` sets it as a number. Encryption, PITR,
lifecycle rules and the schedules' time zone are left out too; no test depends on them.

``spelt`` changes the template's text for the rest. A media type's slash must not be escaped here. ``aws:PrincipalArn`` is
a role's ARN with its path on AWS (IAM user guide, «AWS global condition context keys»), and here that of the role's
session, without path. Writing to a log group needs here the group's ARN without ``:*``, which AWS's ARN (``GetAtt``) has.
Sending a batch is allowed by ``sqs:SendMessage`` on AWS (SQS developer guide, «Amazon SQS API permissions»), and here an
action of its own. An API whose body changes is made anew here, at another address, and so its body cannot have its own
address: ``fill`` writes that of the pages of errors.
"""

from collections.abc import Mapping
from typing import Any

from tests.local.engine import Engine

_PUBLIC = "PUBLIC-URL"
_SPELT = {
    'Docs: !If [HasPublicUrl, !Sub "${PublicUrl}/docs", "https://$context.domainName/$context.stage/v1/docs"]': (
        f"Docs: {_PUBLIC}/docs"
    ),
    'BinaryMediaTypes: ["*~1*"]': 'BinaryMediaTypes: ["*/*"]',
    "iam::${AWS::AccountId}:role/${AWS::StackName}/*": "sts::${AWS::AccountId}:assumed-role/${AWS::StackName}-*",
    "- sqs:SendMessage\n": "- sqs:SendMessage\n                  - sqs:SendMessageBatch\n",
    "Resource: !GetAtt AuditLogs.Arn": 'Resource: !Sub "arn:aws:logs:*:*:log-group:${AuditLogs}"',
}


def spelt(template: str) -> str:
    """The template's text as the engine needs it."""
    for aws, here in _SPELT.items():
        template = template.replace(aws, here)
    return template


def fill(engine: Engine, stack_name: str, parameters: Mapping[str, str]) -> None:
    """Set on the deployed resources what the transformed template says and the engine's CloudFormation left out."""
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
                        responseTemplates=_resolved(answer["responseTemplates"], values),
                        **({"statusCode": str(answer["statusCode"])} if "statusCode" in answer else {}),
                    )
                # A stage uses the responses of its last deployment, on AWS and here.
                gateway.create_deployment(restApiId=physical[logical], stageName="api")


def _set_ttl(dynamodb: Any, table: str, wanted: Mapping[str, Any]) -> None:
    # Enabling TTL that is already enabled is an error.
    current = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    if current["TimeToLiveStatus"] == "DISABLED":
        dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification=dict(wanted))


def _resolved(value: Any, parameters: Mapping[str, str]) -> Any:
    match value:
        case {"Ref": name}:
            return parameters[name]
        case {"Fn::Sub": [str(text), {**names}]}:
            for name, inner in names.items():
                text = text.replace(f"${{{name}}}", str(inner).replace(_PUBLIC, parameters["PublicUrl"]))
            return text
        case {**fields}:
            return {key: _resolved(inner, parameters) for key, inner in fields.items()}
    return value
