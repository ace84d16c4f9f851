<?php
// php emitir.php · con URL y TOKEN en el entorno; PHP 8, sin extensiones aparte

$url = getenv('URL');

$venta = [
    'referencia' => 'VENTA-0001', // su propio número: con él, repetir no emite dos veces
    'adquiriente' => [
        'tipo_persona' => '2',
        'tipo_documento' => '13',
        'numero_documento' => '71234567',
        'razon_social' => 'JUAN PEREZ',
        'responsabilidad_fiscal' => 'R-99-PN',
    ],
    'lineas' => [
        ['codigo' => 'P1', 'descripcion' => 'Producto 1', 'cantidad' => 2, 'precio' => 50000, 'iva_pct' => 19],
    ],
];

function terminar(string $mensaje): never
{
    fwrite(STDERR, "$mensaje\n");
    exit(1);
}

/** El contenido de la respuesta, y los segundos que pide esperar. */
function llamar(string $direccion, ?array $cuerpo = null): array
{
    $contexto = stream_context_create(['http' => [
        'method' => $cuerpo === null ? 'GET' : 'POST',
        'header' => [
            'Authorization: Bearer ' . getenv('TOKEN'),
            'Content-Type: application/json',
            'Accept: */*',
        ],
        'content' => $cuerpo === null ? '' : json_encode($cuerpo),
        'timeout' => 60,
        'ignore_errors' => true, // que un error también se pueda leer
    ]]);
    for ($vez = 0; $vez < 5; $vez++) {
        $respuesta = @fopen($direccion, 'r', false, $contexto);
        if ($respuesta === false) {
            sleep(2); // no llegó, o se perdió la respuesta
            continue;
        }
        $encabezados = implode("\n", stream_get_meta_data($respuesta)['wrapper_data']);
        $contenido = stream_get_contents($respuesta);
        $estado = (int) explode(' ', $encabezados)[1];
        $espera = preg_match('/^Retry-After: *(\d+)/mi', $encabezados, $hallado) ? (int) $hallado[1] : 5;
        if ($estado < 400) {
            return [$contenido, $espera];
        }
        if (!in_array($estado, [429, 500, 502, 503, 504]) || $espera > 60) {
            $problema = json_decode($contenido, true); // «codigo» dice qué pasó, y «errors» qué campo corregir
            $campos = json_encode($problema['errors'] ?? '', JSON_UNESCAPED_UNICODE);
            terminar("{$problema['codigo']}: {$problema['detail']} $campos");
        }
        sleep($espera);
    }
    terminar('No hubo respuesta: ejecútelo de nuevo más tarde, con la misma referencia.');
}

[$contenido, $espera] = llamar("$url/documentos", $venta);
$documento = json_decode($contenido, true)['data'];
for ($vez = 0; $documento['estado'] === 'pendiente' && $vez < 12; $vez++) {
    sleep($espera); // aún sin respuesta de la DIAN
    [$contenido, $espera] = llamar("$url/documentos/{$documento['tracking_id']}");
    $documento = json_decode($contenido, true);
}

if ($documento['estado'] !== 'aceptado') {
    terminar("Quedó {$documento['estado']}: " . json_encode($documento['rechazos'] ?? [], JSON_UNESCAPED_UNICODE));
}

echo "Factura {$documento['numero_completo']}: aceptado\n";
echo "CUFE: {$documento['cufe']}\n";
file_put_contents('factura.pdf', llamar($documento['links']['pdf'])[0]);
echo "PDF: factura.pdf\n";
