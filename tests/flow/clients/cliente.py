"""What an integrator writes with the client that openapi-python-client made: one emission, one refusal, one lot."""

import os
import time
from http import HTTPStatus

from cauce_cliente import AuthenticatedClient
from cauce_cliente.api.consultar_un_documento import ver_documento
from cauce_cliente.api.emitir import emitir_factura
from cauce_cliente.api.muchos_a_la_vez import enviar_lote, ver_lote
from cauce_cliente.models import (
    Adquiriente,
    DocumentoConHistoria,
    DocumentoRecibido,
    Factura,
    FacturaDeLote,
    Linea,
    Lote,
    LoteRecibido,
    Problema,
)

comprador = Adquiriente(
    tipo_persona="2",
    tipo_documento="13",
    numero_documento="52123987",
    razon_social="Lucía Ramírez",
    responsabilidad_fiscal="R-99-PN",
)
cafe = Linea(codigo="CAF-500", descripcion="Café molido 500 g", cantidad=2, precio=18500, iva_pct=5)

cliente = AuthenticatedClient(os.environ["BASE_URL"], os.environ["TOKEN"])

emitida = emitir_factura.sync(
    client=cliente, body=Factura(adquiriente=comprador, lineas=[cafe], referencia="PEDIDO-1")
)
assert isinstance(emitida, DocumentoRecibido), emitida
for _ in range(20):
    vista = ver_documento.sync(emitida.data.tracking_id, client=cliente)
    assert isinstance(vista, DocumentoConHistoria), vista
    if vista.estado == "aceptado":
        break
    time.sleep(0.1)
print(vista.estado, vista.totales.total, bool(vista.links.pdf))

rechazada = emitir_factura.sync_detailed(client=cliente, body=Factura(adquiriente=comprador, lineas=[]))
problema = rechazada.parsed
assert isinstance(problema, Problema), problema
print(int(rechazada.status_code), problema.codigo, problema.errors["lineas"][0] if problema.errors else None)

lote = enviar_lote.sync_detailed(
    client=cliente,
    body=[
        FacturaDeLote(adquiriente=comprador, lineas=[cafe], tipo="factura", referencia="PEDIDO-2"),
        FacturaDeLote(adquiriente=comprador, lineas=[], tipo="factura", referencia="PEDIDO-3"),
    ],
    idempotency_key="LOTE-1",
)
assert lote.status_code == HTTPStatus.ACCEPTED, lote
assert isinstance(lote.parsed, LoteRecibido), lote
for _ in range(20):
    visto = ver_lote.sync(lote.parsed.data.lote_id, client=cliente)
    assert isinstance(visto, Lote), visto
    if visto.data.estado == "terminado":
        break
    time.sleep(0.1)
print(visto.data.estado, lote.parsed.data.aceptados, lote.parsed.data.invalidos)
