"""``cauce webhook``: the operator's way to the webhooks of an issuer, in Spanish and in eighty columns."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest

from cauce import admin
from cauce.admin import stack as stack_in_use
from cauce.admin import terminal
from tests.flow.test_webhooks import Receiver, erp_server, pass_minutes, verified  # noqa: F401

Ran = tuple[int, str, str]


@pytest.fixture
def cauce(gateway: Any, issuer: Any, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Callable[..., Ran]:
    """Run ``cauce webhook`` as a shell would: what it ended with, what it said, what it said in red."""
    monkeypatch.setattr(stack_in_use, "gateway", lambda: gateway)
    monkeypatch.setattr(terminal.out, "width", 80)

    def run(action: str, *arguments: str) -> Ran:
        monkeypatch.setattr("sys.argv", ["cauce", "webhook", action, issuer.nit, *arguments])
        capsys.readouterr()
        code: Any = 0
        try:
            admin.run()
        except SystemExit as end:
            code = end.code or 0
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def made(cauce: Callable[..., Ran], erp_server: Receiver) -> tuple[str, str]:  # noqa: F811
    """A webhook at the ERP's server: its id and its secret."""
    code, out, err = cauce("add", erp_server.url)
    assert code == 0, err
    found = re.search(r"Webhook (\S+) de", out)
    assert found
    return found[1], out.split()[-1]


def test_a_webhook_that_is_added_is_listed_without_its_secret(cauce, made, erp_server):  # noqa: F811
    webhook_id, secret = made
    code, out, _ = cauce("list")

    assert code == 0 and secret.startswith("whsec_")
    assert secret not in out
    for shown in (webhook_id, "todos", "activo"):
        assert shown in out.replace("\n", ""), shown


def test_an_address_that_no_webhook_may_have_is_a_sentence(cauce):
    code, out, err = cauce("add", "ftp://erp.example/avisos")

    assert (code, out) == (1, "")
    assert "url" in err and "Traceback" not in err


def test_the_test_says_what_the_server_answered(cauce, made, erp_server):  # noqa: F811
    webhook_id, secret = made

    code, out, _ = cauce("test", webhook_id)
    assert code == 0 and "respondió 200" in out
    assert verified(erp_server.got[-1], secret)["type"] == "webhook.prueba"
    erp_server.answers.append(500)
    code, _, err = cauce("test", webhook_id)
    assert code == 1 and err.startswith("No la recibió.")


def test_a_new_secret_signs_beside_the_old_one(cauce, made, erp_server):  # noqa: F811
    webhook_id, old = made
    _, out, _ = cauce("rotate", webhook_id)
    new = out.split()[-1]

    cauce("test", webhook_id)

    assert new != old
    verified(erp_server.got[-1], old, new)


def test_deliveries_are_shown_and_repeated_under_the_same_id(
    cauce,
    made,
    erp_server,  # noqa: F811
    emitted,
    pass_minutes,  # noqa: F811
):
    webhook_id, _ = made
    emitted("V-1")
    pass_minutes(2)
    first = erp_server.got[-1].headers["webhook-id"]

    _, out, _ = cauce("deliveries", webhook_id)
    delivery = out.splitlines()[1].strip()
    code, said, err = cauce("replay", webhook_id, "--entrega", delivery)
    assert code == 0, err
    pass_minutes(2)

    assert "aceptado" in out and "200" in out
    assert "Se repite una entrega" in said
    assert erp_server.got[-1].headers["webhook-id"] == first


def test_everything_since_a_day_is_repeated_and_counted(cauce, made, emitted, pass_minutes, clock):  # noqa: F811
    webhook_id, _ = made
    emitted("V-1")
    pass_minutes(2)

    code, out, err = cauce("replay", webhook_id, "--desde", "2020-01-01")

    assert code == 0, err
    assert out.strip() == "Se repiten 1 entregas."


def test_one_that_is_disabled_gets_nothing_until_it_is_enabled(
    cauce,
    made,
    erp_server,  # noqa: F811
    emitted,
    pass_minutes,  # noqa: F811
):
    webhook_id, _ = made
    cauce("disable", webhook_id)
    emitted("V-1")
    pass_minutes(2)
    before = len(erp_server.got)

    cauce("enable", webhook_id)
    pass_minutes(2)

    assert (before, [each.json["type"] for each in erp_server.got]) == (0, ["aceptado"])


def test_a_webhook_is_removed_only_with_a_yes(cauce, made, monkeypatch):
    webhook_id, _ = made
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    refused = cauce("remove", webhook_id)
    removed = cauce("remove", webhook_id, "--si")

    assert refused[0] == 1 and "no se eliminó" in refused[2]
    assert removed[0] == 0
    assert webhook_id not in cauce("list")[1]


@pytest.mark.parametrize("action", ["rotate", "disable", "enable", "test", "deliveries", "replay"])
def test_a_webhook_that_there_is_not_is_a_red_line(cauce, action):
    code, _, err = cauce(action, "no-hay")

    assert code == 1
    assert len(err.strip().splitlines()) == 1 and "Traceback" not in err
