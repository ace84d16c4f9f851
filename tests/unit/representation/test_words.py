"""Numbers in Spanish words, as the Ortografía of the RAE writes them."""

from decimal import Decimal

import pytest

from cauce.representation import figures


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "cero"),
        (1, "uno"),
        (15, "quince"),
        (16, "dieciséis"),
        (21, "veintiuno"),
        (22, "veintidós"),
        (30, "treinta"),
        (31, "treinta y uno"),
        (99, "noventa y nueve"),
        (100, "cien"),
        (101, "ciento uno"),
        (500, "quinientos"),
        (999, "novecientos noventa y nueve"),
        (1000, "mil"),
        (1001, "mil uno"),
        (2000, "dos mil"),
        (21000, "veintiún mil"),
        (31000, "treinta y un mil"),
        (100000, "cien mil"),
        (101000, "ciento un mil"),
        (1000000, "un millón"),
        (1000001, "un millón uno"),
        (21000000, "veintiún millones"),
        (1000000000, "mil millones"),
        (1001000000, "mil un millones"),
        (999999999999, "novecientos noventa y nueve mil novecientos noventa y nueve millones "
                       "novecientos noventa y nueve mil novecientos noventa y nueve"),
        (10**12, "un billón"),
        (2 * 10**18, "dos trillones"),
    ],
)  # fmt: skip
def test_a_whole_number_is_said_in_full(value: int, said: str) -> None:
    assert figures.number_in_words(value) == said


@pytest.mark.parametrize(
    ("amount", "currency", "said"),
    [
        ("1", "COP", "Un peso colombiano con 00/100"),
        ("21.05", "COP", "Veintiún pesos colombianos con 05/100"),
        (
            "145775.00",
            "COP",
            "Ciento cuarenta y cinco mil setecientos setenta y cinco pesos colombianos con 00/100",
        ),
        ("1000000", "COP", "Un millón de pesos colombianos con 00/100"),
        ("1000001", "COP", "Un millón un pesos colombianos con 00/100"),
        ("3000000000", "COP", "Tres mil millones de pesos colombianos con 00/100"),
        ("0.99", "COP", "Cero pesos colombianos con 99/100"),
        ("9812.50", "USD", "Nueve mil ochocientos doce dólares estadounidenses con 50/100"),
        ("1", "EUR", "Un euro con 00/100"),
        ("21", "GBP", "Veintiuno con 00/100 GBP (Libra esterlina)"),
    ],
)
def test_an_amount_is_said_with_its_currency_and_its_cents(amount: str, currency: str, said: str) -> None:
    assert figures.in_words(Decimal(amount), currency) == said


@pytest.mark.parametrize("value", [-1, 10**24])
def test_what_has_no_name_is_refused(value: int) -> None:
    with pytest.raises(ValueError, match="zero to below"):
        figures.number_in_words(value)
