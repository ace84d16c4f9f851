#!/bin/sh
# sh emitir.sh · con URL y TOKEN en el entorno
set -eu

# Repite lo que no llegó, 429 y 5xx, y espera lo que diga «Retry-After».
llamar() {
  curl -sS --retry 5 --retry-all-errors --retry-max-time 120 --max-time 60 \
    -H "Authorization: Bearer $TOKEN" -o respuesta.json -w '%{http_code}' "$@"
}

campo() { sed -n 's/.*"'"$1"'": *"\([^"]*\)".*/\1/p' respuesta.json | head -n 1; }

# «referencia» es su propio número: con ella, repetir no emite dos veces.
estado_http=$(llamar "$URL/documentos" -H 'Content-Type: application/json' -d '{
  "referencia": "VENTA-0001",
  "adquiriente": {
    "tipo_persona": "2", "tipo_documento": "13", "numero_documento": "71234567",
    "razon_social": "JUAN PEREZ", "responsabilidad_fiscal": "R-99-PN"
  },
  "lineas": [
    {"codigo": "P1", "descripcion": "Producto 1", "cantidad": 2, "precio": 50000, "iva_pct": 19}
  ]
}')

# Aún sin respuesta de la DIAN: se pregunta hasta que la haya.
for vez in 1 2 3 4 5 6 7 8 9 10 11 12; do
  [ "$estado_http" -lt 400 ] && grep -q '"estado": *"pendiente"' respuesta.json || break
  sleep 5
  estado_http=$(llamar "$URL/documentos/por-referencia/VENTA-0001")
done

if [ "$estado_http" -ge 400 ] || ! grep -q '"estado": *"aceptado"' respuesta.json; then
  cat respuesta.json >&2 # «codigo» dice qué pasó, y «errors» qué campo corregir
  exit 1
fi

echo "Factura $(campo numero_completo): aceptado"
echo "CUFE: $(campo cufe)"
curl -sSf -H "Authorization: Bearer $TOKEN" -o factura.pdf "$(campo pdf)"
echo "PDF: factura.pdf"
