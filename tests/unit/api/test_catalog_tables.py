"""The long code lists, as the contract consults them."""

from cauce.domain import catalogs


def test_the_long_tables_are_whole():
    assert len(catalogs.municipalities()) == 1122
    assert len(catalogs.departments()) == 33
    assert len(catalogs.countries()) == 249
    assert len(catalogs.currencies()) == 179
    assert len(catalogs.units()) == 1090
    assert len(catalogs.payment_means()) == 76


def test_names_are_written_as_people_write_them():
    assert catalogs.municipalities()["11001"] == "Bogotá, D.C."
    assert catalogs.municipalities()["05001"] == "Medellín"
    assert catalogs.municipalities()["19693"] == "San Sebastián"
    assert catalogs.departments()["19"] == "Cauca"
    assert catalogs.countries()["CO"] == "Colombia"
    assert catalogs.units()["KGM"] == "Kilogramo"
    assert catalogs.payment_means()["10"] == "Efectivo"


def test_every_municipality_belongs_to_a_department():
    assert {code[:2] for code in catalogs.municipalities()} == set(catalogs.departments())
