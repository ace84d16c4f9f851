"""The long code lists, as the contract consults them."""

from cauce.domain import catalogs


def test_the_long_tables_are_whole():
    assert len(catalogs.municipalities()) == 1123
    assert len(catalogs.departments()) == 33
    assert len(catalogs.countries()) == 249
    assert len(catalogs.currencies()) == 179
    assert len(catalogs.units()) == 1091
    assert len(catalogs.payment_means()) == 76


def test_units_are_codes_and_not_what_a_translator_made_of_them():
    assert {"AS", "4O", "1A", "2A", "PI", "SI", "EL", "5A", "MGM"} <= set(catalogs.units())
    assert not {"COMO", "SÍ", "ÉL", "1ª", "2ª", "4ª", "4º", "5ª", "Pi"} & set(catalogs.units())
    assert all(code.isascii() for code in catalogs.units())


def test_belen_de_bajira_is_a_municipality():
    assert catalogs.municipalities()["27086"] == "Belén de Bajirá"


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
