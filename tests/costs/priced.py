"""Counts multiplied by prices. Money is in US dollars and, for once, a float: nothing here is invoiced."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.stack import template

FILE = Path(__file__).with_name("prices.toml")
Counts = dict[str, Any]
"""What ``played.Played.per_document`` says."""
_GB = 1024**3
_MINUTES = 60


@dataclass(frozen=True)
class Rates:
    """``prices.toml``, and what the template says that costs something."""

    as_of: str
    region: str
    listed: dict[str, dict[str, Any]]
    """Each price with its unit, its page and the date at which it was seen."""
    assumed: dict[str, Any]
    limits: dict[str, float]

    def usd(self, name: str) -> float:
        found: float = self.listed[name]["usd"]
        return found


def load() -> Rates:
    found = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return Rates(found["as_of"], found["region"], found["prices"], found["assumed"], found["limits"])


def resources(kind: str) -> int:
    """How many resources of a type the template has."""
    return sum(each["Type"] == kind for each in template()["Resources"].values())


def gigabytes() -> float:
    """The memory of a function."""
    return float(template()["Globals"]["Function"]["MemorySize"]) / 1024


# Seconds


def working(rates: Rates, function: Counts) -> float:
    """Seconds that a function works for a document, and waits for AWS."""
    cpu, latency = rates.assumed["cpu"], rates.assumed["latency_ms"]
    own = cpu["invocation_ms"] * function["invocations"] + cpu["call_ms"] * calls_in(function)
    answered = sum(
        count * latency.get(call, latency[call.partition(".")[0]])
        for call, count in function["calls"].items()
    )
    return float(cpu["factor"] * own + answered) / 1000


def calls_in(function: Counts) -> float:
    """Calls of AWS and of the provider."""
    return float(sum(function["calls"].values()) + function["provider_calls"])


def busy(rates: Rates, counts: Counts, *names: str) -> float:
    """Seconds for which a document occupies these functions."""
    found = [counts["functions"][name] for name in names if name in counts["functions"]]
    return float(sum(working(rates, each) + each["waited"] for each in found))


def invocations(counts: Counts) -> float:
    return float(sum(each["invocations"] for each in counts["functions"].values()))


def calls(counts: Counts, service: str) -> float:
    """Calls of a service of AWS, or of one of its operations."""
    return float(
        sum(
            count
            for each in counts["functions"].values()
            for name, count in each["calls"].items()
            if name == service or name.startswith(f"{service}.")
        )
    )


def provider_calls(counts: Counts) -> float:
    return float(sum(each["provider_calls"] for each in counts["functions"].values()))


def queue_requests(counts: Counts) -> float:
    """To send, and Lambda's to receive and to delete."""
    return calls(counts, "sqs") + 2 * float(counts["deliveries"])


def logged(rates: Rates, counts: Counts) -> tuple[float, float]:
    """Bytes for the functions' logs, and for the two logs that are kept as long as the archive."""
    assumed, written = rates.assumed, counts["bytes"]
    own = written["logs"] + invocations(counts) * assumed["platform_line_bytes"]
    lines = assumed["access_line_bytes"] + assumed["audit_line_bytes"]
    return own, written["audit"] + counts["api_requests"] * lines


# Dollars


def document(rates: Rates, counts: Counts, cold_share: float) -> dict[str, float]:
    """What a document costs, by part, with the keeping of it for as long as the law wants."""
    usd, assumed, kept = rates.usd, rates.assumed, rates.assumed["months_kept"]
    functions, size = counts["functions"].values(), counts["bytes"]
    second = gigabytes() * usd("lambda_second")
    own, forever = logged(rates, counts)
    log_months = own * assumed["log_months"] + forever * kept
    sent = size["sent"] + provider_calls(counts) * assumed["sent_header_bytes"]
    answered = size["answered"] + counts["api_requests"] * assumed["answer_header_bytes"]
    return {
        "Lambda, waiting for the provider": second * sum(each["waited"] for each in functions),
        "Lambda, working": second * sum(working(rates, each) for each in functions)
        + invocations(counts) * usd("lambda_request"),
        "Lambda, starting containers": second
        * invocations(counts)
        * cold_share
        * float(assumed["cold_seconds"]),
        "API Gateway": counts["api_requests"] * usd("api_request"),
        "DynamoDB, writes": (counts["table_units"] + counts["index_units"]) * usd("write_unit"),
        "DynamoDB, reads": counts["read_units"] * usd("read_unit"),
        "DynamoDB, keeping": size["table"] / _GB * kept * (usd("table_month") + usd("recovery_month")),
        "S3, requests": calls(counts, "s3.PutObject") * usd("s3_put")
        + calls(counts, "s3.GetObject") * usd("s3_get"),
        "S3, keeping": size["archive"] / _GB * kept * usd("s3_month"),
        "SQS": queue_requests(counts) * usd("sqs_request"),
        "CloudWatch, taking logs in": (own + forever) / _GB * usd("log_gb"),
        "CloudWatch, keeping logs": log_months / _GB * assumed["log_compression"] * usd("log_month"),
        "X-Ray": invocations(counts) * usd("trace"),
        "Secrets Manager, reads": assumed["secret_reads"] * usd("secret_read"),
        "data to the internet": (sent + answered) / _GB * usd("data_out"),
    }


def infrequent(rates: Rates, counts: Counts) -> tuple[float, float]:
    """For a document, what a table of the class Standard-IA saves of keeping, and what it adds to the units."""
    kept = counts["bytes"]["table"] / _GB * rates.assumed["months_kept"]
    parts = document(rates, counts, cold_share=0.0)
    units = parts["DynamoDB, writes"] + parts["DynamoDB, reads"]
    return (
        kept * (rates.usd("table_month") - rates.usd("infrequent_month")),
        units * (rates.assumed["infrequent_units"] - 1),
    )


def idle(rates: Rates, run: Counts) -> dict[str, float]:
    """What a stack costs in a month in which nothing is emitted, by part. ``run``: of the schedule, with nothing due."""
    usd, assumed = rates.usd, rates.assumed
    minutes = float(assumed["hours_in_a_month"]) * _MINUTES
    scheduled = document(rates, run, cold_share=0.0)
    polls = resources_with_queue() * assumed["pollers"] * minutes * 3
    return {
        "secret of the table's key": resources("AWS::SecretsManager::Secret") * usd("secret_month"),
        "alarms": resources("AWS::CloudWatch::Alarm") * usd("alarm_month"),
        "metrics of Cauce": assumed["own_metrics"] * usd("metric_month"),
        "metrics of API Gateway's routes": assumed["routes_in_use"]
        * assumed["metrics_of_a_route"]
        * usd("metric_month"),
        "Lambda's looking into empty queues (SQS)": polls * usd("sqs_request"),
        "the schedule of each minute: Lambda": minutes
        * (scheduled["Lambda, working"] + scheduled["Lambda, waiting for the provider"]),
        "the schedule of each minute: DynamoDB": minutes
        * (scheduled["DynamoDB, reads"] + scheduled["DynamoDB, writes"]),
        "the schedule of each minute: SQS, its log, EventBridge": minutes
        * (
            scheduled["SQS"]
            + scheduled["CloudWatch, taking logs in"]
            + scheduled["CloudWatch, keeping logs"]
            + usd("schedule_run")
        ),
        "the schedule of each minute: X-Ray": minutes * scheduled["X-Ray"],
        "KMS, for the table": minutes / 5 * assumed["kms_callers"] * usd("kms_request"),
    }


def resources_with_queue() -> int:
    """How many queues Lambda looks into."""
    functions = (each for each in template()["Resources"].values() if "Function" in each["Type"])
    events = (event for each in functions for event in each["Properties"].get("Events", {}).values())
    return sum(event["Type"] == "SQS" for event in events)
