"""DIAN's code lists as Cauce accepts them: short ones here, long ones in ``data``, read on first use.

Source: toolbox of Anexo Técnico 1.9, section 13.
"""

from functools import cache, partial
from pathlib import Path

PERSON_TYPES = {"1": "Persona jurídica", "2": "Persona natural"}

IDENTIFICATION_TYPES = {
    "10": "Certificado de nacido vivo",
    "11": "Registro civil",
    "12": "Tarjeta de identidad",
    "13": "Cédula de ciudadanía",
    "21": "Tarjeta de extranjería",
    "22": "Cédula de extranjería",
    "31": "NIT",
    "41": "Pasaporte",
    "42": "Documento de identificación extranjero",
    "47": "PEP",
    "48": "PPT",
    "50": "NIT de otro país",
    "91": "NUIP",
}
NIT = "31"

RESPONSIBILITIES = {
    "O-13": "Gran contribuyente",
    "O-15": "Autorretenedor",
    "O-23": "Agente de retención IVA",
    "O-47": "Régimen simple de tributación",
    "R-99-PN": "No aplica",
}

PARTY_TAX_SCHEMES = {"01": "IVA", "04": "INC", "ZA": "IVA e INC", "ZZ": "No aplica"}

TAXES = {
    "01": "IVA",
    "02": "IC",
    "03": "ICA",
    "04": "INC",
    "08": "IC Porcentual",
    "20": "FtoHorticultura",
    "21": "Timbre",
    "22": "INC Bolsas",
    "23": "INCarbono",
    "24": "INCombustibles",
    "25": "Sobretasa Combustibles",
    "26": "Sordicom",
    "30": "IC Datos",
    "32": "ICL",
    "33": "INPP",
    "34": "IBUA",
    "35": "ICUI",
    "36": "ADV",
    "ZZ": "Otro tributo",
}
VAT = "01"

WITHHOLDINGS = {"05": "ReteIVA", "06": "ReteRenta", "07": "ReteICA"}

# ICA and ReteICA are stated per thousand, every other percentage per hundred (annex, 13.3.11).
PER_MIL = frozenset({"03", "07"})

PAYMENT_FORMS = {"1": "Contado", "2": "Crédito"}

CREDIT_NOTE_REASONS = {
    "1": "Devolución parcial de los bienes o no aceptación parcial del servicio",
    "2": "Anulación de factura electrónica",
    "3": "Rebaja o descuento parcial o total",
    "4": "Ajuste de precio",
    # FacEPro's page (seed 002) reads 5 as «otros» and 6 as «devolución total»; annex 1.9 reads 5 as prompt
    # payment and 6 as volume. The code travels as the ERP sent it.
    "5": "Descuento comercial por pronto pago (FacEPro: otros)",
    "6": "Descuento comercial por volumen de ventas (FacEPro: devolución total)",
}
DEBIT_NOTE_REASONS = {"1": "Intereses", "2": "Gastos por cobrar", "3": "Cambio del valor", "4": "Otros"}
ADJUSTMENT_NOTE_REASONS = {
    "1": "Devolución parcial de los bienes o no aceptación parcial del servicio",
    "2": "Anulación del documento soporte",
    "3": "Rebaja o descuento parcial o total",
    "4": "Ajuste de precio",
    "5": "Otros",
}

# Of the annex's own list (annex DE 1.0, 16.6) only this one is known to us.
EQUIVALENT_NOTE_REASONS = {"2": "Anulación del documento equivalente"}

CHARGE_REASONS = {
    "00": "Descuento no condicionado",
    "01": "Descuento condicionado",
    "02": "Recargo no condicionado",
    "03": "Recargo condicionado (propina)",
}

# Identification of a buyer who gives no name: annex 1.9, section 3, «consumidor final».
FINAL_CONSUMER = "222222222222"

CHARGES = frozenset({"02", "03"})
"""The codes of CHARGE_REASONS that add; the others subtract."""
CHARGES_ONLY = {code: name for code, name in CHARGE_REASONS.items() if code in CHARGES}
DISCOUNTS_ONLY = {code: name for code, name in CHARGE_REASONS.items() if code not in CHARGES}

ITEM_STANDARDS = {
    "001": "UNSPSC",
    "010": "GTIN",
    "020": "Partidas arancelarias",
    "999": "Estándar de adopción del contribuyente",
}


# Annex 1.9, 13.1.3: the types of an invoice. 05 and 9x are other kinds of document.
INVOICE_TYPES = {
    "01": "Factura electrónica de venta",
    "02": "Factura electrónica de venta de exportación",
    "03": "Transcripción de una factura de talonario o papel (contingencia del facturador)",
    "04": "Factura electrónica de venta emitida en contingencia de la DIAN",
}

# Annex DE 1.0: those of the ten sorts of documento equivalente that Cauce writes (``ubl.equivalents``).
EQUIVALENT_TYPES = {"20": "Tiquete de máquina registradora con sistema POS"}
POS_TICKET = "20"
EQUIVALENT_OPERATIONS = {"10": "Estándar"}

# Annex 1.9's toolbox, 13.1.5.1.1, which has the codes without their names.
HEALTH_OPERATIONS = {
    "SS-CUFE": "Salud: acredita recaudos de una factura electrónica",
    "SS-CUDE": "Salud: acredita recaudos de una factura de contingencia",
    "SS-POS": "Salud: acredita recaudos de un documento equivalente POS",
    "SS-SNum": "Salud: acredita recaudos de una factura de talonario o papel",
    "SS-Recaudo": "Salud: comprobante de lo que paga el usuario",
    "SS-Reporte": "Salud: informa recaudos que ya se contabilizaron",
    "SS-SinAporte": "Salud: sin aportes del usuario",
}

# Annex 1.9, 13.1.5.1, and the health sector's.
INVOICE_OPERATIONS = {
    "09": "AIU",
    "10": "Estándar",
    "11": "Mandatos",
    "12": "Transporte",
    "14": "Notarios",
    "15": "Compra de divisas",
    "16": "Venta de divisas",
    **HEALTH_OPERATIONS,
}

UNWRITTEN_OPERATIONS = frozenset({"14"})
"""Operations of which annex 1.9 publishes no more than the code."""

CONSIGNMENT_UNITS = {"KGM": "Kilogramo", "GLL": "Galón"}
"""In what the cargo of a remesa is counted."""

# Annex 1.9's toolbox, 18.3.
DUE_DILIGENCE = {
    "01": "Debida diligencia general del cliente",
    "02": "Reforzada",
    "03": "Simplificada",
    "04": "Intensificada por la cuantía",
}

CREDIT_NOTE_OPERATIONS = {"20": "Con referencia a una factura", "22": "Sin referencia a facturas"}
DEBIT_NOTE_OPERATIONS = {"30": "Con referencia a una factura", "32": "Sin referencia a facturas"}
# DSAY13: a support document has VAT and no other tax, and ReteIVA and ReteRenta and no other withholding.
SUPPORT_TAXES = frozenset({"01"})
SUPPORT_WITHHOLDINGS = frozenset({"05", "06"})
SUPPORT_OPERATIONS = {"10": "Vendedor residente", "11": "Vendedor no residente"}

# Annex 1.9, 13.1.6: those that a buyer or an issuer declares.
EVENTS = {
    "030": "Acuse de recibo de la factura",
    "031": "Reclamo de la factura",
    "032": "Recibo del bien o prestación del servicio",
    "033": "Aceptación expresa",
    "034": "Aceptación tácita",
}

INCOTERMS = {
    "CFR": "Costo y flete",
    "CIF": "Costo, flete y seguro",
    "CIP": "Transporte y seguro pagados hasta",
    "CPT": "Transporte pagado hasta",
    "DAP": "Entregado en un lugar",
    "DDP": "Entregado con pago de derechos",
    "DPU": "Entregada en lugar descargada",
    "EXW": "En fábrica",
    "FAS": "Franco al costado del buque",
    "FCA": "Franco transportista",
    "FOB": "Franco a bordo",
}

REFERENCE_PRICES = {"01": "Valor comercial", "02": "Valor en inventarios", "03": "Otro valor"}

PURCHASE_FORMS = {"1": "Por operación", "2": "Acumulado semanal"}


@cache
def _table(name: str, digits: int | None = None) -> dict[str, str]:
    """A file of ``data``, or its codes of so many digits: on each line a code, a tab and its name; the first line is
    its source."""
    text = (Path(__file__).parent / "data" / f"{name}.txt").read_text("utf-8")
    rows = (line.split("\t", 1) for line in text.splitlines()[1:])
    return {code: called for code, called in rows if digits is None or digits == len(code)}


departments = partial(_table, "divipola", 2)
"""By DIVIPOLA code."""
municipalities = partial(_table, "divipola", 5)
"""By DIVIPOLA code, whose first two digits are the department's."""
countries = partial(_table, "countries")
"""By ISO 3166-1 alpha-2 code."""
currencies = partial(_table, "currencies")
"""By ISO 4217 code."""
units = partial(_table, "units")
"""Units of measure by UN/ECE Recommendation 20 code."""
payment_means = partial(_table, "payment_means")
"""By UN/EDIFACT 4461 code."""
