#!/bin/sh
# The same seven calls with curl, which shows the JSON as it comes.
set -eu
auth="Authorization: Bearer $TOKEN"
json="Content-Type: application/json"

case $1 in
    me) curl -sS -H "$auth" "$BASE_URL/me" ;;
    emitir)
        curl -sS -X POST -H "$auth" -H "$json" "$BASE_URL/documentos" -d '{
            "adquiriente": {
                "tipo_persona": "2", "tipo_documento": "13", "numero_documento": "52123987",
                "razon_social": "Lucía Ramírez", "responsabilidad_fiscal": "R-99-PN"
            },
            "lineas": [
                { "codigo": "CAF-500", "descripcion": "Café molido 500 g", "cantidad": 2, "precio": 18500, "iva_pct": 5 }
            ]
        }' ;;
    listar) curl -sS -H "$auth" "$BASE_URL/documentos?estado=aceptado&desde=$2&per_page=50" ;;
    detalle) curl -sS -H "$auth" "$BASE_URL/documentos/$2" ;;
    consultar) curl -sS -H "$auth" "$BASE_URL/documentos/$2/consultar" ;;
    xml) curl -sS -H "$auth" "$BASE_URL/documentos/$2/xml" ;;
    nota_credito)
        curl -sS -X POST -H "$auth" -H "$json" "$BASE_URL/notas-credito" -d '{
            "factura_referencia": { "numero": "'"$3"'", "cufe": "'"$4"'", "fecha": "'"$5"'" },
            "motivo": { "codigo": "2", "descripcion": "Anulación" },
            "adquiriente": {
                "tipo_persona": "2", "tipo_documento": "13", "numero_documento": "52123987",
                "razon_social": "Lucía Ramírez", "responsabilidad_fiscal": "R-99-PN"
            },
            "lineas": [
                { "codigo": "CAF-500", "descripcion": "Café molido 500 g", "cantidad": 2, "precio": 18500, "iva_pct": 5 }
            ]
        }' ;;
esac
