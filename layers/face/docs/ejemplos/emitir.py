# python3 emitir.py · con URL y TOKEN en el entorno; sin librerías aparte
import http.client
import json
import os
import sys
import time
import urllib.error
import urllib.request

URL, TOKEN = os.environ["URL"], os.environ["TOKEN"]

VENTA = {
    "referencia": "VENTA-0001",  # su propio número: con él, repetir no emite dos veces
    "adquiriente": {
        "tipo_persona": "2",
        "tipo_documento": "13",
        "numero_documento": "71234567",
        "razon_social": "JUAN PEREZ",
        "responsabilidad_fiscal": "R-99-PN",
    },
    "lineas": [{"codigo": "P1", "descripcion": "Producto 1", "cantidad": 2, "precio": 50000, "iva_pct": 19}],
}


def llamar(direccion, cuerpo=None):
    """El contenido de la respuesta, y los segundos que pide esperar."""
    for _ in range(5):
        solicitud = urllib.request.Request(
            direccion,
            data=None if cuerpo is None else json.dumps(cuerpo).encode(),
            headers={
                "Authorization": f"Bearer {TOKEN}",
                "Content-Type": "application/json",
                "Accept": "*/*",
            },
        )
        try:
            with urllib.request.urlopen(solicitud, timeout=60) as respuesta:
                return respuesta.read(), int(respuesta.headers.get("Retry-After", 5))
        except urllib.error.HTTPError as error:
            espera = int(error.headers.get("Retry-After", 5))
            if error.code not in (429, 500, 502, 503, 504) or espera > 60:
                problema = json.load(error)  # «codigo» dice qué pasó, y «errors» qué campo corregir
                sys.exit(f"{problema['codigo']}: {problema['detail']} {problema.get('errors', '')}")
        except (OSError, http.client.HTTPException):
            espera = 2  # no llegó, o se perdió la respuesta
        time.sleep(espera)
    sys.exit("No hubo respuesta: ejecútelo de nuevo más tarde, con la misma referencia.")


contenido, espera = llamar(f"{URL}/documentos", VENTA)
documento = json.loads(contenido)["data"]
for _ in range(12):
    if documento["estado"] != "pendiente":
        break
    time.sleep(espera)  # aún sin respuesta de la DIAN
    contenido, espera = llamar(f"{URL}/documentos/{documento['tracking_id']}")
    documento = json.loads(contenido)

if documento["estado"] != "aceptado":
    sys.exit(f"Quedó {documento['estado']}: {documento.get('rechazos')}")

print(f"Factura {documento['numero_completo']}: aceptado")
print(f"CUFE: {documento['cufe']}")
pdf, _ = llamar(documento["links"]["pdf"])
with open("factura.pdf", "wb") as archivo:
    archivo.write(pdf)
print("PDF: factura.pdf")
