"""In which order CloudFormation makes the stack, as its translated template says; and what a failed first try leaves."""

from graphlib import TopologicalSorter
from typing import Any

import pytest

from tests.template.cloudformation import of_type
from tests.template.translated import ENGINE_PYTHON, all_before, translated, waits_for


@pytest.fixture(scope="module")
def resources() -> dict[str, Any]:
    if not ENGINE_PYTHON.exists():
        pytest.skip("SAM's translator is in the engine's environment: make engine")
    return translated()["Resources"]


@pytest.fixture(scope="module")
def graph(resources: dict[str, Any]) -> dict[str, set[str]]:
    return waits_for(resources)


def test_nothing_waits_for_itself(graph: dict[str, set[str]]):
    assert set(TopologicalSorter(graph).static_order()) == set(graph)  # a cycle raises


def test_on_an_account_never_used_an_api_comes_before_the_accounts_settings_and_they_before_its_stage(
    resources: dict[str, Any], graph: dict[str, set[str]]
):
    """API Gateway refuses settings for an account that has no API, and a stage with logs before the settings."""
    apis = set(of_type(resources, "AWS::ApiGateway::RestApi"))
    stages = of_type(resources, "AWS::ApiGateway::Stage")
    (account,) = of_type(resources, "AWS::ApiGateway::Account")

    assert apis & all_before(graph, account)
    assert stages
    for name, stage in stages.items():
        assert stage["AccessLogSetting"]
        assert account in all_before(graph, name)


def test_an_api_waits_for_no_setting_of_the_account(resources: dict[str, Any], graph: dict[str, set[str]]):
    for name in of_type(resources, "AWS::ApiGateway::RestApi"):
        assert not set(of_type(resources, "AWS::ApiGateway::Account")) & all_before(graph, name)


def test_a_stage_of_an_account_that_has_its_role_already_waits_for_nothing(resources: dict[str, Any]):
    (stage,) = of_type(resources, "AWS::ApiGateway::Stage").values()

    assert stage["Variables"] == {
        "account": {"Fn::If": ["CreatesApiAccountRole", {"Ref": "ApiAccount"}, "existing"]}
    }


def test_a_first_deploy_that_fails_leaves_nothing_behind_and_what_is_deployed_is_kept(
    resources: dict[str, Any],
):
    kept = {name: each["DeletionPolicy"] for name, each in resources.items() if "DeletionPolicy" in each}

    assert "Retain" not in kept.values()
    assert {
        "Table",
        "Archive",
        "ArchiveKeeperRole",
        "ApiAccount",
        "ApiAccountLogsRole",
        "DeadLetterQueue",
    } <= {name for name, policy in kept.items() if policy == "RetainExceptOnCreate"}
    for name in (name for name, policy in kept.items() if policy == "RetainExceptOnCreate"):
        assert resources[name]["UpdateReplacePolicy"] == "Retain", name


def test_the_notifications_of_the_archive_find_a_queue_that_takes_them(graph: dict[str, set[str]]):
    assert "ControlPolicy" in all_before(graph, "Archive")
