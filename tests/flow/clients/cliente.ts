// What an integrator writes with openapi-fetch and the types that openapi-typescript made: one emission, one refusal,
// one lot.
import createClient from "openapi-fetch";
import type { components, paths } from "./cauce.js";

type Tipos = components["schemas"];

const { BASE_URL, TOKEN } = process.env;
const cliente = createClient<paths>({ baseUrl: BASE_URL, headers: { Authorization: `Bearer ${TOKEN}` } });
const espera = () => new Promise((sigue) => setTimeout(sigue, 100));

const adquiriente: Tipos["Adquiriente"] = {
  tipo_persona: "2",
  tipo_documento: "13",
  numero_documento: "52123987",
  razon_social: "Lucía Ramírez",
  responsabilidad_fiscal: "R-99-PN",
};
const cafe: Tipos["Linea"] = {
  codigo: "CAF-500",
  descripcion: "Café molido 500 g",
  cantidad: 2,
  precio: 18500,
  iva_pct: 5,
};

const emitida = await cliente.POST("/documentos", {
  body: { adquiriente, lineas: [cafe], referencia: "PEDIDO-1" },
});
if (!emitida.data || !("tracking_id" in emitida.data.data)) throw new Error(JSON.stringify(emitida.error));
const id = emitida.data.data.tracking_id;
for (let vez = 0; vez < 20; vez++) {
  const { data, error } = await cliente.GET("/documentos/{id}", { params: { path: { id } } });
  if (!data) throw new Error(error.codigo);
  if (data.estado !== "aceptado") {
    await espera();
    continue;
  }
  console.log(data.estado, data.totales.total, Boolean(data.links.pdf));
  break;
}

const rechazada = await cliente.POST("/documentos", { body: { adquiriente, lineas: [] } });
console.log(rechazada.response.status, rechazada.error?.codigo, rechazada.error?.errors?.lineas[0]);

const lote = await cliente.POST("/lotes", {
  params: { header: { "Idempotency-Key": "LOTE-1" } },
  body: [
    { tipo: "factura", adquiriente, lineas: [cafe], referencia: "PEDIDO-2" },
    { tipo: "factura", adquiriente, lineas: [], referencia: "PEDIDO-3" },
  ],
});
if (!lote.data || !("recibidos" in lote.data.data)) throw new Error(JSON.stringify(lote.error));
const { lote_id, aceptados, invalidos } = lote.data.data;
for (let vez = 0; vez < 20; vez++) {
  const { data, error } = await cliente.GET("/lotes/{id}", { params: { path: { id: lote_id } } });
  if (!data) throw new Error(error.codigo);
  if (data.data.estado !== "terminado") {
    await espera();
    continue;
  }
  console.log(data.data.estado, aceptados, invalidos);
  break;
}
