"""What the schedule of numbering tells an issuer: each once, and again for the next threshold or period."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from cauce import observability
from cauce.aws import keys
from cauce.domain.document import Kind
from cauce.domain.issuer import Quota
from cauce.domain.time import bogota
from cauce.law import values
from cauce.numbering.sync import sync_all
from cauce.reception import access
from cauce.ubl.certificate import enrolled
from tests import dian_issuers, stack
from tests.documents import invoice
from tests.flow.conftest import context
from tests.flow.handlers import named
from tests.flow.killed import Killed, killed
from tests.simulators.dian.pki import trusted


@pytest.fixture
def told(call, clock) -> Any:
    """Run the schedule, and say what is news since the last time, but for the news of documents."""
    seen: set[str] = set()

    def run(bearer: str | None = None) -> list[dict[str, Any]]:
        named("sync_numbering").handler({"schedule": "numbering"}, context(600))
        clock.advance(seconds=15)  # news is held back a little
        own = {"bearer": bearer} if bearer else {}
        rows = call("GET", "/novedades?per_page=100", **own).json["data"]
        new = [row for row in rows if row["id"] not in seen and "documento" not in row]
        seen.update(row["id"] for row in rows)
        return new

    return run


def kinds(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(row["tipo"] for row in rows)


@pytest.mark.reads_the_date
def test_a_range_that_ends_is_told_once_for_each_threshold(told, gateway, issuer, clock):
    told()
    (known,) = (each for each in gateway.ranges.all(issuer.nit) if each.prefix == "SETP")
    assert known.valid_to is not None
    found = []
    for days in (29, 28, 7):
        left = (known.valid_to - bogota(clock()).date()).days
        clock.advance(days=left - days)
        found.append([row for row in told() if row.get("numeracion", {}).get("prefijo") == "SETP"])

    assert [kinds(rows) for rows in found] == [["numeracion.por_vencer"], [], ["numeracion.por_vencer"]]
    assert [rows[0]["motivo"] for rows in found if rows] == [
        "El rango vence en 29 días.",
        "El rango vence en 7 días.",
    ]


@pytest.fixture
def changes(told) -> Any:
    """Run the schedule, and say what ranges changed: the prefix, and how."""

    def run() -> list[tuple[str, str]]:
        found = [row["numeracion"] for row in told() if row["tipo"] == "numeracion.cambio"]
        return [(each["prefijo"], each["cambio"]) for each in found]

    return run


def test_a_range_that_changed_is_told_and_one_that_did_not_is_not(changes, factus):
    factus.ranges[8].last += 1

    assert changes() == [("SETP", "cambiado")]
    assert changes() == []


def test_each_change_of_a_day_is_told_that_back_to_what_it_was_too(changes, factus):
    found = []
    for last in (1, -1, 1):
        factus.ranges[8].last += last
        found.append(changes())

    assert found == [[("SETP", "cambiado")]] * 3


def test_a_range_that_is_new_and_one_that_is_gone_are_told(changes, factus):
    factus.ranges[90] = replace(factus.ranges[8], id=90, prefix="OTRA", resolution="18760000002")
    new = changes()
    del factus.ranges[90]

    assert (new, changes()) == ([("OTRA", "nuevo")], [("OTRA", "ausente")])


@pytest.mark.parametrize("way", ["route", "command"])
def test_a_sync_that_somebody_asked_for_tells_what_changed_too(
    changes, call, cauce, issuer, factus, clock, way
):
    factus.ranges[8].last += 1
    if way == "route":
        assert call("POST", "/numeraciones/sincronizar").status == 200
    else:
        assert cauce("range", "sync", issuer.nit).exit_code == 0
    clock.advance(seconds=15)

    found = call("GET", "/novedades?tipos=numeracion.cambio").json["data"]
    assert [row["numeracion"]["prefijo"] for row in found] == ["SETP"]
    assert call("POST", "/numeraciones/sincronizar").status == 200
    clock.advance(seconds=15)
    assert call("GET", "/novedades?tipos=numeracion.cambio").json["data"] == found


def test_a_sync_that_dies_anywhere_loses_no_change_and_tells_none_twice(call, gateway, issuer, factus, clock):
    factus.ranges[8].last += 1
    for at in range(1, 40):
        for when in ("before", "after"):
            with killed(at, when) as effects:
                sync_all(gateway, issuer)
        if len(effects) < at:
            break
    clock.advance(seconds=15)

    found = call("GET", "/novedades?tipos=numeracion.cambio").json["data"]
    assert [row["numeracion"]["cambio"] for row in found] == ["cambiado"]
    assert next(each for each in gateway.ranges.all(issuer.nit) if each.prefix == "SETP").end == 995000001


def test_a_quota_is_told_at_four_fifths_and_at_its_end_once_in_its_period(told, call, drain, gateway, issuer):
    gateway.issuers.save(issuer.model_copy(update={"quota": Quota(limit=5)}))
    told()
    found = []
    for n in range(5):
        assert call("POST", "/documentos", invoice(referencia=f"C-{n}")).status == 201
        drain()
        found.append(kinds(told()))

    assert found == [[], [], [], ["cuota.80"], ["cuota.100"]]
    assert told() == []


def test_a_certificate_that_ends_is_told_once_for_each_threshold(told, gateway, dian, clock):
    now, nit = clock(), dian_issuers.SUPPLIER
    holder = trusted().grant(nit, "EMPRESA", valid_to=now + timedelta(days=29, hours=1))
    kept = enrolled(holder.pkcs12("x"), SecretStr("x"), nit, now).get_secret_value()
    found = dian_issuers.issuer(dian, nit, number=2)
    gateway.issuers.save(found)
    stack.keep_credentials(nit, "dian", {**dian_issuers.credentials(nit), "certificate": kept})
    bearer = access.grant(gateway, nit, name="ERP", email="erp@empresa.example")[1]

    told(bearer)
    again = told(bearer)
    clock.advance(days=15)
    later = told(bearer)

    assert again == []
    assert kinds(row for row in later if "certificado" in row) == ["certificado.por_vencer"]
    assert later[0]["certificado"]["proveedor"] == "dian"


@pytest.mark.reads_the_date
def test_a_range_that_ends_by_its_pace_is_told_once_for_each_threshold(told, gateway, dian, clock):
    found = dian_issuers.enrolled(gateway, dian)
    (known,) = (each for each in gateway.ranges.all(found.nit) if each.kind is Kind.INVOICE)
    bearer = access.grant(gateway, found.nit, name="ERP", email="erp@empresa.example")[1]
    told(bearer)
    rows = []
    for days in (29, 28, 7, 14):
        today = bogota(clock()).date()
        place, used = keys.numbering_range(found.nit, known.key), -(-known.left * today.day // days)
        count = {"#used": f"used_{today:%Y-%m}"}
        stack.table().update(place, "SET #used = :used", {":used": used}, names=count)
        rows.append(told(bearer))

    assert [kinds(each) for each in rows] == [
        ["numeracion.por_agotarse"],
        [],
        ["numeracion.por_agotarse"],
        [],
    ]
    days = [each[0]["numeracion"]["dias_al_ritmo"] for each in rows if each]
    assert days in ([28, 6], [29, 6], [28, 7], [29, 7])  # as the division goes
    assert f"se acaban en {days[1]} días." in rows[2][0]["motivo"]


@pytest.mark.reads_the_date
def test_a_provider_s_count_is_no_pace_of_a_range_where_several_are_in_use(
    told, call, gateway, issuer, clock
):
    """Factus numbers: documents are counted for the issuer, whatever range they are numbered in."""
    told()
    month = f"{bogota(clock()):%Y-%m}"
    stack.table().update(keys.quota(issuer.nit, month), "SET used = :used", {":used": 10**9})

    assert told() == []


def test_an_issuer_whose_provider_tells_no_ranges_is_told_of_its_quota_too(told, call, gateway, issuer):
    gateway.issuers.save(issuer.model_copy(update={"quota": Quota(limit=1)}))
    told()
    assert call("POST", "/documentos", invoice(referencia="S-1")).status == 201
    providers = dict.fromkeys(issuer.providers, "facepro")
    changes = {"quota": Quota(limit=1), "providers": providers, "settings": {}}
    gateway.issuers.save(issuer.model_copy(update=changes))

    assert kinds(told()) == ["cuota.100", "cuota.80"]


@pytest.mark.parametrize("dies_at", [0, 1], ids=["before-the-first", "between-the-two"])
def test_a_run_that_dies_among_its_notices_is_made_good_by_the_next_and_none_is_told_twice(
    told, call, gateway, issuer, monkeypatch, dies_at
):
    gateway.issuers.save(issuer.model_copy(update={"quota": Quota(limit=1)}))
    told()
    assert call("POST", "/documentos", invoice(referencia="M-1")).status == 201
    written, notice = [], gateway.news.notice

    def dies(what: str, news: Any) -> bool:
        if len(written) == dies_at:
            raise Killed
        written.append(what)
        return notice(what, news)

    monkeypatch.setattr(gateway.news, "notice", dies)
    with pytest.raises(Killed):
        told()
    monkeypatch.setattr(gateway.news, "notice", notice)

    assert kinds(told()) == ["cuota.100", "cuota.80"]
    assert told() == []


def test_an_answer_that_was_lost_after_a_notice_was_written_tells_it_no_second_time(
    told, call, gateway, issuer, monkeypatch
):
    gateway.issuers.save(issuer.model_copy(update={"quota": Quota(limit=1)}))
    told()
    assert call("POST", "/documentos", invoice(referencia="P-1")).status == 201
    notice = gateway.news.notice

    def lost(what: str, news: Any) -> bool:
        notice(what, news)
        raise Killed

    monkeypatch.setattr(gateway.news, "notice", lost)
    with pytest.raises(Killed):
        told()
    monkeypatch.setattr(gateway.news, "notice", notice)

    assert kinds(told()) == ["cuota.100", "cuota.80"]
    assert told() == []


def test_who_reads_on_after_news_of_a_range_is_answered_whatever_its_provider_calls_it(
    told, call, gateway, issuer
):
    told()
    known = next(each for each in gateway.ranges.all(issuer.nit) if each.prefix == "SETP")
    changes = {
        "provider_type": "Factura «electrónica» de venta, la más larga de todas las que tiene la empresa"
    }
    gateway.ranges.save(issuer.nit, known.model_copy(update=changes))
    assert told() != []

    read = call("GET", "/novedades").json
    following = call("GET", f"/novedades?cursor={read['cursor']}")
    assert following.status == 200, following.text


@pytest.mark.reads_the_date
def test_values_of_the_law_that_are_missing_are_counted_on_mondays_alone(told, clock, monkeypatch):
    counted: list[int] = []
    monkeypatch.setattr(
        observability,
        "count",
        lambda name, amount=1: counted.append(amount) if name == "LawValuesMissing" else None,
    )
    last = max(row.start.year for row in values._file().uvt)
    monday = date(last, 12, 7) - timedelta(date(last, 12, 7).weekday())
    clock.advance(days=(monday - bogota(clock()).date()).days)
    for _ in range(8):
        told()
        clock.advance(days=1)

    assert counted == [5, 0, 0, 0, 0, 0, 0, 5]


@pytest.mark.reads_the_date
def test_that_the_next_years_values_are_missing_is_told_once_from_december_on(told, clock):
    last = max(row.start.year for row in values._file().uvt)
    clock.advance(days=(date(last, 11, 30) - bogota(clock()).date()).days)

    def said() -> list[str]:
        return [row["motivo"] for row in told() if row["tipo"] == "ley.faltan_valores"]

    before = said()
    clock.advance(days=1)
    (in_december,) = said()
    clock.advance(days=1)

    assert (before, said()) == ([], [])
    assert f"los valores de {last + 1} de UVT, INC de bolsas plásticas, IBUA" in in_december
