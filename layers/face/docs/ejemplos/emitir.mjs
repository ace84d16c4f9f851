// node emitir.mjs · con URL y TOKEN en el entorno; Node 18 o posterior
import { writeFile } from "node:fs/promises";
import { setTimeout as esperar } from "node:timers/promises";

const { URL: api, TOKEN } = process.env;

const venta = {
  referencia: "VENTA-0001", // su propio número: con él, repetir no emite dos veces
  adquiriente: {
    tipo_persona: "2",
    tipo_documento: "13",
    numero_documento: "71234567",
    razon_social: "JUAN PEREZ",
    responsabilidad_fiscal: "R-99-PN",
  },
  lineas: [{ codigo: "P1", descripcion: "Producto 1", cantidad: 2, precio: 50000, iva_pct: 19 }],
};

function terminar(mensaje) {
  console.error(mensaje);
  process.exit(1);
}

const segundos = (respuesta) => Number(respuesta.headers.get("Retry-After") ?? 5);

async function llamar(direccion, cuerpo) {
  for (let vez = 0; vez < 5; vez++) {
    let respuesta;
    try {
      respuesta = await fetch(direccion, {
        method: cuerpo ? "POST" : "GET",
        headers: { Authorization: `Bearer ${TOKEN}`, "Content-Type": "application/json" },
        body: cuerpo && JSON.stringify(cuerpo),
        signal: AbortSignal.timeout(60_000),
      });
    } catch {
      await esperar(2_000); // no llegó, o se perdió la respuesta
      continue;
    }
    if (respuesta.ok) return respuesta;
    if (![429, 500, 502, 503, 504].includes(respuesta.status) || segundos(respuesta) > 60) {
      const problema = await respuesta.json(); // «codigo» dice qué pasó, y «errors» qué campo corregir
      terminar(`${problema.codigo}: ${problema.detail} ${JSON.stringify(problema.errors ?? "")}`);
    }
    await esperar(segundos(respuesta) * 1_000);
  }
  terminar("No hubo respuesta: ejecútelo de nuevo más tarde, con la misma referencia.");
}

let respuesta = await llamar(`${api}/documentos`, venta);
let { data: documento } = await respuesta.json();
for (let vez = 0; documento.estado === "pendiente" && vez < 12; vez++) {
  await esperar(segundos(respuesta) * 1_000); // aún sin respuesta de la DIAN
  respuesta = await llamar(`${api}/documentos/${documento.tracking_id}`);
  documento = await respuesta.json();
}

if (documento.estado !== "aceptado") {
  terminar(`Quedó ${documento.estado}: ${JSON.stringify(documento.rechazos)}`);
}

console.log(`Factura ${documento.numero_completo}: aceptado`);
console.log(`CUFE: ${documento.cufe}`);
const pdf = await llamar(documento.links.pdf);
await writeFile("factura.pdf", Buffer.from(await pdf.arrayBuffer()));
console.log("PDF: factura.pdf");
