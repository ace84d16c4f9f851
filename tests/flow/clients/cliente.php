<?php
// What an integrator writes with the client that openapi-generator made: one emission, one refusal, one lot. Composer's
// autoload would do what the first lines do.
require 'GuzzleHttp/autoload.php';
spl_autoload_register(function (string $clase): void {
    require __DIR__ . '/cliente/lib/' . strtr(substr($clase, strlen('Cauce\\')), '\\', '/') . '.php';
});

use Cauce\Api\ConsultarUnDocumentoApi;
use Cauce\Api\EmitirApi;
use Cauce\Api\MuchosALaVezApi;
use Cauce\ApiException;
use Cauce\Configuration;
use Cauce\Model\Adquiriente;
use Cauce\Model\Factura;
use Cauce\Model\FacturaDeLote;
use Cauce\Model\Linea;
use GuzzleHttp\Client;

$configuracion = (new Configuration())->setHost(getenv('BASE_URL'))->setAccessToken(getenv('TOKEN'));
$http = new Client();
$emitir = new EmitirApi($http, $configuracion);
$consultar = new ConsultarUnDocumentoApi($http, $configuracion);
$lotes = new MuchosALaVezApi($http, $configuracion);

$comprador = new Adquiriente([
    'tipo_persona' => '2',
    'tipo_documento' => '13',
    'numero_documento' => '52123987',
    'razon_social' => 'Lucía Ramírez',
    'responsabilidad_fiscal' => 'R-99-PN',
]);
$cafe = new Linea([
    'codigo' => 'CAF-500',
    'descripcion' => 'Café molido 500 g',
    'cantidad' => 2,
    'precio' => 18500,
    'iva_pct' => 5,
]);

/** Pregunta hasta que $termino lo diga. */
function hasta(callable $pregunta, callable $termino): mixed
{
    for ($vez = 0; $vez < 20; $vez++) {
        $visto = $pregunta();
        if ($termino($visto)) {
            return $visto;
        }
        usleep(100_000);
    }
    throw new RuntimeException('No terminó.');
}

$factura = new Factura(['adquiriente' => $comprador, 'lineas' => [$cafe], 'referencia' => 'PEDIDO-1']);
$id = $emitir->emitirFactura($factura)->getData()->getTrackingId();
$visto = hasta(
    fn () => $consultar->verDocumento($id),
    fn ($documento) => $documento->getEstado() === 'aceptado',
);
echo $visto->getEstado(), ' ', $visto->getTotales()->getTotal(), ' ', json_encode((bool) $visto->getLinks()->getPdf()), "\n";

try {
    $emitir->emitirFactura(new Factura(['adquiriente' => $comprador, 'lineas' => []]));
} catch (ApiException $rechazo) {
    $problema = $rechazo->getResponseObject();
    echo $rechazo->getCode(), ' ', $problema->getCodigo(), ' ', $problema->getErrors()['lineas'][0], "\n";
}

$recibido = $lotes->enviarLote([
    new FacturaDeLote(['tipo' => 'factura', 'adquiriente' => $comprador, 'lineas' => [$cafe], 'referencia' => 'PEDIDO-2']),
    new FacturaDeLote(['tipo' => 'factura', 'adquiriente' => $comprador, 'lineas' => [], 'referencia' => 'PEDIDO-3']),
])->getData();
$lote = hasta(
    fn () => $lotes->verLote($recibido->getLoteId())->getData(),
    fn ($lote) => $lote->getEstado() === 'terminado',
);
echo $lote->getEstado(), ' ', $lote->getConteo()->getAceptado(), ' ', $lote->getConteo()->getInvalido(), "\n";
