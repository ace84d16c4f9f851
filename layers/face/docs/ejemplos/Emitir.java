// java Emitir.java · con URL y TOKEN en el entorno; JDK 17 o posterior
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.regex.Pattern;

public class Emitir {
    static final String API = System.getenv("URL"), TOKEN = System.getenv("TOKEN");
    static final Set<Integer> SE_REPITEN = Set.of(429, 500, 502, 503, 504);
    static final HttpClient CLIENTE =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    // «referencia» es su propio número: con ella, repetir no emite dos veces.
    static final String VENTA = """
        {
          "referencia": "VENTA-0001",
          "adquiriente": {
            "tipo_persona": "2", "tipo_documento": "13", "numero_documento": "71234567",
            "razon_social": "JUAN PEREZ", "responsabilidad_fiscal": "R-99-PN"
          },
          "lineas": [
            {"codigo": "P1", "descripcion": "Producto 1", "cantidad": 2, "precio": 50000, "iva_pct": 19}
          ]
        }""";

    public static void main(String[] args) throws Exception {
        var respuesta = llamar(API + "/documentos", VENTA);
        for (int vez = 0; campo(respuesta, "estado").equals("pendiente") && vez < 12; vez++) {
            Thread.sleep(segundos(respuesta) * 1000); // aún sin respuesta de la DIAN
            respuesta = llamar(API + "/documentos/" + campo(respuesta, "tracking_id"), null);
        }
        if (!campo(respuesta, "estado").equals("aceptado")) {
            terminar("No quedó aceptado: " + texto(respuesta));
        }
        System.out.println("Factura " + campo(respuesta, "numero_completo") + ": aceptado");
        System.out.println("CUFE: " + campo(respuesta, "cufe"));
        Files.write(Path.of("factura.pdf"), llamar(campo(respuesta, "pdf"), null).body());
        System.out.println("PDF: factura.pdf");
    }

    static HttpResponse<byte[]> llamar(String direccion, String cuerpo) throws InterruptedException {
        var solicitud = HttpRequest.newBuilder(URI.create(direccion))
            .timeout(Duration.ofSeconds(60))
            .header("Authorization", "Bearer " + TOKEN)
            .header("Content-Type", "application/json")
            .header("Accept", "*/*");
        if (cuerpo != null) {
            solicitud.POST(BodyPublishers.ofString(cuerpo));
        }
        for (int vez = 0; vez < 5; vez++) {
            HttpResponse<byte[]> respuesta;
            try {
                respuesta = CLIENTE.send(solicitud.build(), BodyHandlers.ofByteArray());
            } catch (IOException perdida) {
                Thread.sleep(2000); // no llegó, o se perdió la respuesta
                continue;
            }
            if (respuesta.statusCode() < 400) {
                return respuesta;
            }
            if (!SE_REPITEN.contains(respuesta.statusCode()) || segundos(respuesta) > 60) {
                terminar(texto(respuesta)); // «codigo» dice qué pasó, y «errors» qué campo corregir
            }
            Thread.sleep(segundos(respuesta) * 1000);
        }
        terminar("No hubo respuesta: ejecútelo de nuevo más tarde, con la misma referencia.");
        throw new AssertionError();
    }

    static long segundos(HttpResponse<byte[]> respuesta) {
        return respuesta.headers().firstValueAsLong("Retry-After").orElse(5);
    }

    static String texto(HttpResponse<byte[]> respuesta) {
        return new String(respuesta.body(), StandardCharsets.UTF_8);
    }

    // El JDK no trae un lector de JSON: en su sistema use el que ya tenga, como Jackson o Gson.
    static String campo(HttpResponse<byte[]> respuesta, String nombre) {
        var hallado = Pattern.compile('"' + nombre + "\"\\s*:\\s*\"([^\"]*)\"").matcher(texto(respuesta));
        return hallado.find() ? hallado.group(1) : "";
    }

    static void terminar(String mensaje) {
        System.err.println(mensaje);
        System.exit(1);
    }
}
