"""The same journeys with every role, identity and bucket policy enforced, over TLS."""

import json
import uuid

import pytest
from botocore.exceptions import ClientError

from tests.e2e.conftest import World
from tests.e2e.journeys import Journeys


class TestJourneysWithIam(Journeys):
    @pytest.fixture
    def here(self, strict_world: World) -> World:
        return strict_world


def test_nobody_of_the_account_deletes_from_the_archive_whatever_it_is_allowed(strict_world: World):
    engine, bucket = strict_world.stack.engine, strict_world.stack.bucket
    key = f"{uuid.uuid4()}/request-001"
    version = engine.client("s3").put_object(Bucket=bucket, Key=key, Body=b"x", ChecksumAlgorithm="SHA256")[
        "VersionId"
    ]
    iam, name = engine.client("iam"), f"operator-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    allowed = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    iam.put_user_policy(UserName=name, PolicyName="all", PolicyDocument=policy)
    given = iam.create_access_key(UserName=name)["AccessKey"]
    s3 = engine.client("s3", given["AccessKeyId"], given["SecretAccessKey"])

    for which in ({}, {"VersionId": version}):
        with pytest.raises(ClientError, match="AccessDenied"):
            s3.delete_object(Bucket=bucket, Key=key, **which)

    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == b"x"
