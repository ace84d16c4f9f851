// dotnet run Emitir.cs · con URL y TOKEN en el entorno; .NET 10 o posterior
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

string url = Environment.GetEnvironmentVariable("URL")!;
int[] seRepiten = [429, 500, 502, 503, 504];

// «referencia» es su propio número: con ella, repetir no emite dos veces.
const string venta = """
    {
      "referencia": "VENTA-0001",
      "adquiriente": {
        "tipo_persona": "2", "tipo_documento": "13", "numero_documento": "71234567",
        "razon_social": "JUAN PEREZ", "responsabilidad_fiscal": "R-99-PN"
      },
      "lineas": [
        {"codigo": "P1", "descripcion": "Producto 1", "cantidad": 2, "precio": 50000, "iva_pct": 19}
      ]
    }
    """;

using var cliente = new HttpClient { Timeout = TimeSpan.FromSeconds(60) };
cliente.DefaultRequestHeaders.Authorization =
    new AuthenticationHeaderValue("Bearer", Environment.GetEnvironmentVariable("TOKEN"));
cliente.DefaultRequestHeaders.Accept.ParseAdd("*/*");

var (contenido, espera) = await Llamar($"{url}/documentos", venta);
var documento = JsonDocument.Parse(contenido).RootElement.GetProperty("data");
for (int vez = 0; Texto(documento, "estado") == "pendiente" && vez < 12; vez++)
{
    await Task.Delay(espera); // aún sin respuesta de la DIAN
    (contenido, espera) = await Llamar($"{url}/documentos/{Texto(documento, "tracking_id")}");
    documento = JsonDocument.Parse(contenido).RootElement;
}

if (Texto(documento, "estado") != "aceptado")
    Terminar($"No quedó aceptado: {documento}");

Console.WriteLine($"Factura {Texto(documento, "numero_completo")}: aceptado");
Console.WriteLine($"CUFE: {Texto(documento, "cufe")}");
var (pdf, _) = await Llamar(Texto(documento.GetProperty("links"), "pdf"));
File.WriteAllBytes("factura.pdf", pdf);
Console.WriteLine("PDF: factura.pdf");

string Texto(JsonElement objeto, string nombre) => objeto.GetProperty(nombre).GetString() ?? "";

void Terminar(string mensaje)
{
    Console.Error.WriteLine(mensaje);
    Environment.Exit(1);
}

async Task<(byte[] Contenido, TimeSpan Espera)> Llamar(string direccion, string? cuerpo = null)
{
    for (int vez = 0; vez < 5; vez++)
    {
        var pausa = TimeSpan.FromSeconds(2);
        try
        {
            using var respuesta = cuerpo is null
                ? await cliente.GetAsync(direccion)
                : await cliente.PostAsync(direccion, new StringContent(cuerpo, Encoding.UTF8, "application/json"));
            byte[] leido = await respuesta.Content.ReadAsByteArrayAsync();
            pausa = respuesta.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(5);
            if (respuesta.IsSuccessStatusCode)
                return (leido, pausa);
            if (!seRepiten.Contains((int)respuesta.StatusCode) || pausa > TimeSpan.FromSeconds(60))
                Terminar(Encoding.UTF8.GetString(leido)); // «codigo» dice qué pasó, y «errors» qué campo corregir
        }
        catch (Exception perdida) when (perdida is HttpRequestException or TaskCanceledException)
        {
            // no llegó, o se perdió la respuesta
        }
        await Task.Delay(pausa);
    }
    Terminar("No hubo respuesta: ejecútelo de nuevo más tarde, con la misma referencia.");
    return ([], TimeSpan.Zero);
}
