<?php
// The same seven calls in PHP: php cliente.php me | emitir | listar DESDE | detalle ID | consultar ID | xml ID | nota_credito ID

function llamar(string $metodo, string $ruta, ?array $cuerpo = null): array
{
    $ch = curl_init(getenv('BASE_URL') . $ruta);
    curl_setopt($ch, CURLOPT_RETURNTRANSFER, true);
    $encabezados = ['Authorization: Bearer ' . getenv('TOKEN'), 'Accept: application/json'];
    if ($metodo === 'POST') {
        curl_setopt($ch, CURLOPT_POST, true);
        curl_setopt($ch, CURLOPT_POSTFIELDS, json_encode($cuerpo));
        $encabezados[] = 'Content-Type: application/json';
    }
    curl_setopt($ch, CURLOPT_HTTPHEADER, $encabezados);
    $texto = curl_exec($ch);
    $estado = curl_getinfo($ch, CURLINFO_HTTP_CODE);

    return [$estado, $texto, json_decode($texto, true)];
}

$adquiriente = [
    'tipo_persona' => '2',
    'tipo_documento' => '13',
    'numero_documento' => '52123987',
    'razon_social' => 'Lucía Ramírez',
    'responsabilidad_fiscal' => 'R-99-PN',
];
$lineas = [
    ['codigo' => 'CAF-500', 'descripcion' => 'Café molido 500 g', 'cantidad' => 2, 'precio' => 18500, 'iva_pct' => 5],
];
$argumento = $argv[2] ?? '';

switch ($argv[1]) {
    case 'me':
        [, , $quien] = llamar('GET', '/me');
        echo ($quien['tenant']['razon_social'] ?? 'Error: ' . $quien['error']) . "\n";
        break;
    case 'emitir':
        [$estado, , $dicho] = llamar('POST', '/documentos', ['adquiriente' => $adquiriente, 'lineas' => $lineas]);
        if ($estado === 201) {
            echo 'CUFE: ' . $dicho['data']['cufe'] . "\n";
            echo 'Estado: ' . $dicho['data']['estado'] . "\n";
            echo $dicho['data']['tracking_id'] . "\n";
        } else {
            echo 'Error: ' . $dicho['error'] . "\n";
        }
        break;
    case 'listar':
        $busqueda = http_build_query(['estado' => 'aceptado', 'desde' => $argumento, 'per_page' => 50]);
        [, , $pagina] = llamar('GET', '/documentos?' . $busqueda);
        foreach ($pagina['data'] as $fila) {
            echo $fila['numero_completo'] . ' - ' . $fila['estado'] . "\n";
        }
        break;
    case 'detalle':
        [, , $documento] = llamar('GET', "/documentos/{$argumento}");
        echo 'Estado: ' . $documento['estado'] . "\n";
        break;
    case 'consultar':
        [, , $dicho] = llamar('GET', "/documentos/{$argumento}/consultar");
        $valido = $dicho['dian']['is_valid'] ? 'true' : 'false';
        echo "{$valido} {$dicho['dian']['status_code']} {$dicho['documento']['estado']}\n";
        break;
    case 'xml':
        [, $texto] = llamar('GET', "/documentos/{$argumento}/xml");
        echo $texto;
        break;
    case 'nota_credito':
        [, , $factura] = llamar('GET', "/documentos/{$argumento}");
        [$estado, , $dicho] = llamar('POST', '/notas-credito', [
            'factura_referencia' => [
                'numero' => $factura['numero_completo'],
                'cufe' => $factura['cufe'],
                'fecha' => substr($factura['fecha_emision'], 0, 10),
            ],
            'motivo' => ['codigo' => '2', 'descripcion' => 'Anulación'],
            'adquiriente' => $adquiriente,
            'lineas' => $lineas,
        ]);
        echo ($estado === 201 ? 'Estado: ' . $dicho['data']['estado'] : 'Error: ' . $dicho['error']) . "\n";
        break;
}
