"""What each rule of DIAN's is about, for who met its code in an answer and has no annex at hand; and, where the rule depends
on the request, what to send: changes to the sale of the first page.

By the rule's first code. ``ubl.preflight.rules`` says how to mend it, and where it is checked. Emissions need none of this,
and so it is not in ``rules.json``.
"""

from typing import NamedTuple

from cauce.contracts.v1.bodies import JsonObject


class Meaning(NamedTuple):
    """``example``: fields of a request that the rule takes."""

    text: str
    example: JsonObject = {}


_COMPANY: JsonObject = {
    "tipo_persona": "1",
    "tipo_documento": "31",
    "numero_documento": "900123456",
    "dv": "8",
    "razon_social": "COMPRADORA SAS",
    "responsabilidad_fiscal": "R-99-PN",
}


_LINE: JsonObject = {"codigo": "P1", "descripcion": "Producto 1", "cantidad": 2, "precio": 50000}


def _line(**changes: object) -> JsonObject:
    return {"lineas": [{**_LINE, "iva_pct": 19, **changes}]}


_NOTE: JsonObject = {
    "factura_referencia": {"numero": "SETP990000001", "fecha": "2026-05-10", "cufe": "0a" * 48},
    "motivo": {"codigo": "2", "descripcion": "Anulación de la factura SETP990000001"},
}

MEANINGS: dict[str, Meaning] = {
    # The file, its signature and its certificate
    "ZB01": Meaning(
        "El XML no tiene la forma que el estándar UBL manda: le sobra o le falta un elemento, o está en otro orden."
    ),
    "90": Meaning(
        "La DIAN ya tiene un documento con ese número. Casi siempre es el mismo, enviado otra vez porque la primera "
        "respuesta se perdió."
    ),
    "ZE02": Meaning(
        "La firma no corresponde a lo que llegó: algo cambió después de firmar, aunque sea un espacio."
    ),
    "ZD04": Meaning("Quien expidió el certificado lo anuló antes de su vencimiento."),
    "ZD05": Meaning("El certificado lo expidió una entidad que la DIAN no reconoce."),
    "ZD06": Meaning("La firma no trae el certificado con que se hizo, y sin él no se puede comprobar."),
    "ZD07": Meaning("El día de la firma el certificado ya había vencido, o todavía no empezaba a valer."),
    "SIGNPLGNS": Meaning("La DIAN tuvo una falla suya al revisar la firma; no dice que la firma esté mal."),
    "DC24": Meaning(
        "La hora de la firma no es la del momento en que se envía, o no está escrita en hora de Colombia."
    ),
    # When it may be sent
    "CTG01": Meaning(
        "El tipo 04 es para cuando la DIAN misma declara que su servicio no funciona, y no hay tal declaración.",
        {"factura": {"tipo": "01"}},
    ),
    "RUT01": Meaning("La DIAN avisa algo del estado del RUT. Por ahora es solo un aviso."),
    "VLR01": Meaning(
        "Un valor quedó por debajo de cero, por ejemplo porque el descuento es mayor que lo que se vende. Lo que se "
        "devuelve a quien compró no va en negativo, sino en una nota crédito.",
        _line(descuento_pct=10),
    ),
    # What DIAN wants around the document
    "FAA02": Meaning("Falta en el XML el lugar donde van la numeración y la firma."),
    "FAB03": Meaning(
        "El XML trae ninguno, o más de uno, de los bloques con los datos que la DIAN pide de la numeración."
    ),
    "FAC03": Meaning("El XML trae ninguna firma, o más de una."),
    # The numbering range
    "FAB05a": Meaning(
        "El documento no dice con qué resolución de numeración se hizo, o la que dice no sirve."
    ),
    "FAB05b": Meaning("La resolución existe, pero la DIAN se la dio a otra empresa."),
    "FAB05c": Meaning("El prefijo existe, pero en el portal de la DIAN no se asoció al software que emite."),
    "FAB07a": Meaning(
        "La fecha desde la que vale la resolución falta, no es la verdadera, o es posterior al documento."
    ),
    "FAB08a": Meaning("La fecha hasta la que vale la resolución falta, no es la verdadera, o ya pasó."),
    "FAB10a": Meaning("El prefijo del número no aparece igual en el otro lugar del XML que lo repite."),
    "FAB10b": Meaning("El número del documento empieza por un prefijo que no es el de su resolución."),
    "FAB11a": Meaning("El primer número del rango falta, o no es el que dice la resolución."),
    "FAB12a": Meaning("El último número del rango falta, o no es el que dice la resolución."),
    "FAD05a": Meaning("El número del documento tiene guiones, espacios u otro signo, o es demasiado largo."),
    "FAD05b": Meaning(
        "El número está fuera de los que la resolución autoriza: antes del primero o después del último."
    ),
    "FAD05d": Meaning("El número no está entre los que la DIAN tiene autorizados a esta empresa."),
    "FAD05e": Meaning("La DIAN no encuentra ese número en la resolución que el documento dice."),
    # Who made the software
    "FAB19a": Meaning("No dice, o no es correcto, el NIT de quien es dueño del software que emite."),
    "FAB22a": Meaning("El dígito de verificación del NIT del dueño del software falta o no es el suyo."),
    "FAB23": Meaning("El dueño del software se debe identificar con NIT, y el XML dice otro tipo."),
    "FAB24a": Meaning("Falta el identificador que la DIAN le dio al software al registrarlo."),
    "FAB24b": Meaning("La DIAN no conoce el identificador de software que llegó."),
    "FAB24c": Meaning("El software está registrado, pero no activo."),
    "FAB27a": Meaning("Falta la huella con que la DIAN reconoce al software."),
    "FAB27b": Meaning(
        "La huella del software no es la que se obtiene de su identificador, su PIN y el número del documento. Casi "
        "siempre el PIN guardado no es el del software."
    ),
    "FAB31": Meaning("El XML debe nombrar a la DIAN como autoridad, y nombra a otra o la escribe mal."),
    "FAB36": Meaning(
        "Falta la dirección que lleva el código QR, con la que cualquiera consulta el documento."
    ),
    # What the document says of itself
    "FAD01": Meaning("El XML dice otra versión del estándar UBL."),
    "FAD02": Meaning(
        "El tipo de operación no existe para este documento. Una venta común es 10.",
        {"factura": {"operacion": "10"}},
    ),
    "CAD02a": Meaning(
        "Una nota que anula dice que no se refiere a ninguna factura, y no hay qué anular.", _NOTE
    ),
    "FAD03": Meaning(
        "La frase fija con que el XML dice qué clase de documento es no está escrita como la DIAN la espera."
    ),
    "FAD04": Meaning("Un documento de pruebas llegó a producción, o al contrario."),
    "FAD06": Meaning(
        "El CUFE, que es la huella de todo el documento, no es el que resulta de sus propios datos. Basta con que la "
        "clave técnica del rango, o el PIN, no sea el vigente."
    ),
    "FAD07": Meaning("El ambiente que acompaña al CUFE no es el del documento."),
    "FAD08": Meaning("El nombre con que se dice cómo se calculó el CUFE no es el de este tipo de documento."),
    "FAD09a": Meaning("El documento es de antes de que empezara a valer su resolución de numeración."),
    "FAD09b": Meaning("El documento es de después de que venció su resolución de numeración."),
    "FAD09c": Meaning("La fecha del documento es de hace más días de los que la DIAN admite."),
    "FAD09d": Meaning("La fecha del documento es más adelante de lo que la DIAN admite."),
    "FAD09e": Meaning(
        "La fecha de emisión y la de la firma no son la misma. Si omite `factura.fecha`, Cauce pone la de hoy."
    ),
    "FAD10": Meaning("La hora no está escrita con segundos y con la diferencia horaria de Colombia."),
    "FAD12": Meaning(
        "El tipo de factura no existe: 01 es venta; 02, exportación; 03, de papel; 04, contingencia de la DIAN.",
        {"factura": {"tipo": "01"}},
    ),
    "FAD15a": Meaning("La moneda no es un código de tres letras de los que existen.", {"moneda": "COP"}),
    "FAD16": Meaning("El documento dice tener más líneas, o menos, de las que trae."),
    "AAD05": Meaning("El evento no tiene un número propio, o ya se usó en otro."),
    # What a note corrects
    "CBF01": Meaning("La nota no dice por qué se hace.", _NOTE),
    "CBF02": Meaning("El motivo de la nota no repite el número de la factura que corrige."),
    "CAE03": Meaning(
        "El código del motivo no existe para esta clase de nota. En una nota crédito 1 es devolución parcial y 2 "
        "anulación.",
        _NOTE,
    ),
    "CBF03a": Meaning("La DIAN no admite ese motivo en una nota que no nombra factura."),
    "FBG01": Meaning(
        "Una factura de tipo 03 copia una que se hizo en papel, y no dice cuál.",
        {"factura": {"tipo": "03"}, "factura_papel": {"numero": "TAL1520", "fecha": "2026-05-10"}},
    ),
    "CBG02": Meaning("Lo que la nota dice de la factura que corrige no coincide con la que tiene la DIAN."),
    "CBG03": Meaning("La nota no dice qué factura corrige, y su tipo de operación obliga a decirlo.", _NOTE),
    "CBG04a": Meaning("La DIAN no tiene una factura con el CUFE que la nota dice."),
    "CBG04b": Meaning("El CUFE que la nota dice es de una factura de otra empresa."),
    "CBG06": Meaning("La nota dice ser anterior a la factura que corrige.", _NOTE),
    # Who sells and who buys
    "FAJ02": Meaning(
        "No dice si quien vende o compra es una empresa (1) o una persona (2).",
        {"adquiriente": {"tipo_persona": "2"}},
    ),
    "FAJ09": Meaning(
        "La dirección de quien vende está incompleta, o el municipio no es del departamento que dice."
    ),
    "FAJ16": Meaning("Quien vende debe tener su dirección en Colombia."),
    "FAJ73": Meaning(
        "El código postal no existe. Como es opcional, es mejor omitirlo que inventarlo.",
        {"adquiriente": {"codigo_postal": "050010"}},
    ),
    "FAJ21": Meaning(
        "El dígito de verificación, el que va después del guion del NIT, no es el que corresponde al NIT de quien vende. "
        "Los datos de su empresa los tiene el operador; en un documento soporte quien vende es `vendedor`."
    ),
    "FAK21": Meaning(
        "El dígito de verificación es el que va después del guion del NIT, y resulta de los demás números: si no "
        "concuerda, el NIT o el dígito está mal copiado. En «900123456-8» el NIT es 900123456 y el dígito 8. Si omite "
        "`dv`, Cauce lo calcula; si aun así la DIAN lo rechaza, el NIT es de otro o no existe.",
        {"adquiriente": _COMPANY},
    ),
    "FAJ25": Meaning(
        "El tipo de identificación no existe. Los más usados son 13, cédula; 31, NIT; 22, cédula de extranjería.",
        {"adquiriente": {"tipo_documento": "13"}},
    ),
    "FAJ26": Meaning(
        "La responsabilidad fiscal de la casilla 53 del RUT no está escrita con uno de los códigos que valen en una "
        "factura. Quien no tiene ninguna de ellas es R-99-PN; varias se separan con punto y coma.",
        {"adquiriente": {"responsabilidad_fiscal": "R-99-PN"}},
    ),
    "FAJ27": Meaning("La DIAN avisa de un dato que su propio anexo no pide."),
    "FAJ40": Meaning(
        "El tributo del que es responsable quien vende o compra no existe, o su nombre no es el de su código. Quien no "
        "es responsable de ninguno es ZZ.",
        {"adquiriente": {"tributo": "ZZ"}},
    ),
    "FAJ43a": Meaning("El nombre de la empresa que emite no es el que tiene en el RUT."),
    "FAJ43b": Meaning("El nombre de quien compra no es el que tiene en el RUT."),
    "FAJ44a": Meaning("La DIAN no encuentra en el RUT a la empresa que emite."),
    "FAJ44b": Meaning("La DIAN no encuentra en el RUT a quien compra. El documento vale de todos modos."),
    "FAJ57": Meaning(
        "Quienes forman el consorcio o la unión temporal faltan, o sus partes no suman el todo."
    ),
    "FAJ71": Meaning("El correo de la empresa no es el que registró en la DIAN para recibir facturas."),
    "FAK61": Meaning(
        "Quien compra es una persona, y el XML no repite su identificación donde se pide a las personas."
    ),
    # How it is paid
    "FAN02": Meaning(
        "La forma de pago no dice si es de contado (1) o a crédito (2).", {"pago": {"forma": "1"}}
    ),
    "FAN03": Meaning(
        "El medio de pago no existe. 10 es efectivo; 47, transferencia; 48 y 49, tarjetas; los demás están en `GET "
        "/catalogos/medios-pago`.",
        {"pago": {"forma": "1", "medio": "10"}},
    ),
    "FAN04": Meaning(
        "La venta es a crédito y no dice hasta cuándo hay para pagarla.",
        {"pago": {"forma": "2", "medio": "47", "vencimiento": "2030-12-31"}},
    ),
    "CAN01": Meaning("La nota no dice cómo se paga."),
    # Discounts and charges
    "FAQ03": Meaning("El XML no dice si el valor es un cargo, que suma, o un descuento, que resta."),
    "FAQ04": Meaning(
        "El código dice un descuento donde hay un cargo, o al contrario.",
        {"descuentos": [{"codigo": "01", "descripcion": "Cliente frecuente", "porcentaje": 5}]},
    ),
    "FAQ06": Meaning(
        "El descuento o cargo no dice qué porcentaje es, ni de qué valor.",
        {"descuentos": [{"codigo": "01", "descripcion": "Cliente frecuente", "porcentaje": 5}]},
    ),
    "FAQ09": Meaning(
        "Se descuenta más de lo que vale aquello a que se aplica el descuento.", _line(descuento_valor=5000)
    ),
    "DSAQ02": Meaning("Los descuentos y cargos del documento no van contados 1, 2, 3…"),
    "DSBE02": Meaning("Los descuentos y cargos de una línea no van contados 1, 2, 3…"),
    # Another currency
    "FAR02": Meaning(
        "La tasa de cambio es de una moneda y el documento está en otra.",
        {"moneda": "USD", "tasa_cambio": {"valor": 4000, "fecha": "2026-05-10"}},
    ),
    "FAR03": Meaning(
        "La tasa dice cuántos pesos vale una unidad de la moneda, y el XML parte de otra cantidad."
    ),
    "FAR04": Meaning(
        "Lo que se vende en otra moneda se debe convertir a pesos, y el XML lo convierte a otra."
    ),
    "FAR05": Meaning("La tasa se debe expresar por un peso, y el XML dice otra base."),
    "FAR06": Meaning(
        "El documento está en otra moneda y no dice a cuántos pesos.",
        {"moneda": "USD", "tasa_cambio": {"valor": 4000, "fecha": "2026-05-10"}},
    ),
    "FAR07": Meaning(
        "La tasa de cambio no dice de qué día es.",
        {"moneda": "USD", "tasa_cambio": {"valor": 4000, "fecha": "2026-05-10"}},
    ),
    # Taxes and withholdings
    "FAS01a": Meaning(
        "Los impuestos del documento no son los de sus líneas. Si hay líneas con IVA del 19 y del 5, el documento debe "
        "traer esas dos tarifas, ni una más ni una menos."
    ),
    "FAS02": Meaning(
        "El total de un impuesto no es la suma de sus tarifas: con 19000 del 19 % y 2500 del 5 % debe ser 21500."
    ),
    "FAS04": Meaning("Una misma tarifa aparece dos veces en el mismo impuesto."),
    "FAS07": Meaning(
        "El valor de un impuesto no es el que resulta de su base: el 19 % de 100000 es 19000.",
        _line(iva_pct=19),
    ),
    "FAS14": Meaning("El impuesto no lleva el nombre que la DIAN le da a su código."),
    "FAS16": Meaning(
        "El código del impuesto no existe: 01 es IVA; 03, ICA; 04, impuesto al consumo; los demás están en `GET "
        "/catalogos/tributos`.",
        {"lineas": [{**_LINE, "impuestos": [{"codigo": "04", "porcentaje": 8}]}]},
    ),
    "FAT02": Meaning(
        "El total de una retención no es la suma de sus tarifas, o una no es la parte de su base que dice."
    ),
    "FAX01": Meaning("La línea repite un impuesto, o una tarifa de él, que debe ir una sola vez."),
    "FAX02": Meaning(
        "El impuesto de una línea no es el que resulta de su valor: 2 unidades a 50000 son 100000, y su IVA del 19 % es "
        "19000."
    ),
    "FAX09": Meaning(
        "Un impuesto que se cobra por unidad, como el de las bolsas, no dice cuánto es por unidad, cuántas son o en qué "
        "se miden."
    ),
    "FAY02": Meaning(
        "La retención de una línea no es la parte de su base que dice, o no suma lo que sus tarifas."
    ),
    "FAX14": Meaning(
        "El impuesto o la retención no tiene esa tarifa. El IVA es 0, 5 o 19.", _line(iva_pct=19)
    ),
    "DSAX14": Meaning("En un documento soporte el IVA solo tiene las tarifas de la tabla de la DIAN."),
    "DSAY01": Meaning("Una línea del documento soporte repite una retención."),
    "DSAT10": Meaning("La tarifa de la retención en la fuente no está en la tabla de la DIAN."),
    "DSAY13": Meaning("El documento soporte trae un impuesto que en él no va."),
    # Totals
    "FAU02": Meaning(
        "El subtotal no es la suma de los valores de las líneas. Con líneas de 100000 y 22500 debe ser 122500."
    ),
    "FAU04": Meaning(
        "El total de lo gravado no es la suma de las bases sobre las que se calculó el impuesto."
    ),
    "FAU06": Meaning(
        "El total con impuestos no es el subtotal más los impuestos: con líneas por 100000 e IVA de 19000 debe ser "
        "119000. Las retenciones no cuentan. Cauce calcula los totales de lo que usted envía en «lineas»; si este "
        "código llega del proveedor, el descuadre está en lo que él sumó o redondeó, y se le debe mostrar.",
        {"totales_esperados": {"subtotal": 100000, "iva": 19000, "total": 119000}},
    ),
    "FAU08": Meaning("El total de descuentos no es la suma de los que se hicieron sobre todo el documento."),
    "FAU10": Meaning("El total de cargos no es la suma de los que se hicieron sobre todo el documento."),
    "FAU12": Meaning("El total de anticipos no es la suma de los que el documento trae."),
    "FAU14": Meaning(
        "El total a pagar no resulta de los demás: con 119000, un descuento de 9000 y un cargo de 5000 debe ser 115000."
    ),
    "FBD03": Meaning("Lo pagado por adelantado es más que lo que se vende."),
    # Lines
    "FAV01": Meaning("El documento no vende nada: no trae ninguna línea.", _line()),
    "FAV02a": Meaning("Las líneas no van contadas 1, 2, 3…"),
    "FAV03": Meaning(
        "En un contrato de AIU falta decir, en la línea de la administración, cuál es su objeto."
    ),
    "FAV04a": Meaning("La cantidad de una línea falta, o es negativa."),
    "FAV05": Meaning(
        "La unidad de medida no existe. 94 es unidad; KGM, kilogramo; LTR, litro; las demás están en `GET "
        "/catalogos/unidades`.",
        _line(unidad="94"),
    ),
    "FAV06": Meaning(
        "El valor de una línea no es su precio por su cantidad: 2 a 50000, con el 10 % menos, son 90000."
    ),
    "FAW05": Meaning(
        "Una línea vale 0 y no dice cuánto costaría lo que se regala.",
        _line(precio=0, precio_referencia={"valor": 50000, "tipo": "01"}),
    ),
    "FAZ02": Meaning("Una línea no dice qué se vende.", _line(descripcion="Café molido de 500 g")),
    "FAZ04": Meaning(
        "En una exportación una línea no dice la marca y el modelo.", _line(marca="ACME", modelo="X1")
    ),
    "FAZ09": Meaning("Una línea no trae el código con que se conoce lo que se vende.", _line(codigo="P1")),
    "FAZ10": Meaning(
        "El código dice ser de la clasificación UNSPSC y no tiene su forma.",
        _line(codigo="50201706", estandar="001"),
    ),
    "FAZ12": Meaning(
        "No existe el estándar del código: 999 es el suyo propio; 001, UNSPSC; 010, código de barras; 020, arancel.",
        _line(estandar="999"),
    ),
    "FBB02": Meaning("Una línea no dice su precio, o de cuántas unidades es ese precio."),
    "FBC04": Meaning(
        "Las condiciones de entrega de la exportación no son un Incoterm.", {"entrega": {"incoterm": "FOB"}}
    ),
    # RADIAN's events
    "AAF01": Meaning("El evento lo declara quien no debe, o a quien no debe."),
    "AAH03": Meaning("Ese evento no existe: van del acuse de recibo (030) a la aceptación tácita (034)."),
    "AAH06": Meaning("El número de factura del evento no es el de la factura que tiene ese CUFE."),
    "AAH07": Meaning("El CUFE del evento no es de ninguna factura que la DIAN tenga."),
    "AAH09": Meaning("El evento dice que la factura es de un tipo, y es de otro."),
    "AAH11": Meaning("El evento no dice qué persona recibió la factura o la mercancía."),
    "AAD11a": Meaning("Al evento le falta la declaración que la ley pide para que valga."),
    "LGC01": Meaning("Ese evento ya estaba en la DIAN para esa factura."),
    "LGC02": Meaning("Se reclama una factura que ya se había aceptado."),
    "LGC03": Meaning("Se acepta o reclama sin haber dicho antes que se recibió lo comprado."),
    "LGC04": Meaning("Se acepta una factura que ya se había reclamado."),
    "LGC05": Meaning("La factura ya se había aceptado."),
    "LGC07": Meaning("La factura ya quedó aceptada, porque pasó el plazo sin reclamo."),
    "LGC09": Meaning("Falta el acuse de recibo, que es el primero de los eventos."),
    "LGC12": Meaning("Falta decir que se recibió lo comprado, y después se puede seguir."),
    "LGC13": Meaning("Falta el acuse de recibo, y después se puede seguir."),
    "LGC14": Meaning("Todavía no ha pasado el plazo para que una factura quede aceptada sin decirlo."),
    "DC24z": Meaning("El reclamo llegó después de su plazo."),
    "LGC62": Meaning("La factura es de contado, y los eventos son solo de las que se venden a crédito."),
    "LGC64": Meaning("Quien declara el evento no es ni quien compró ni quien vendió."),
}
