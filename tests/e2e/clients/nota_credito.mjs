// Credits the whole of an invoice: its number, CUFE and day are in the invoice's own detail.
const { BASE_URL, TOKEN } = process.env;
const [id] = process.argv.slice(2);
const headers = { Authorization: `Bearer ${TOKEN}`, "Content-Type": "application/json" };

const invoice = await (await fetch(`${BASE_URL}/documentos/${id}`, { headers })).json();
const nota = {
  factura_referencia: {
    numero: invoice.numero_completo,
    cufe: invoice.cufe,
    fecha: invoice.fecha_emision.slice(0, 10),
  },
  motivo: { codigo: "2", descripcion: "Anulación" },
  adquiriente: {
    tipo_persona: "2",
    tipo_documento: "13",
    numero_documento: "52123987",
    razon_social: "Lucía Ramírez",
    responsabilidad_fiscal: "R-99-PN",
  },
  lineas: [{ codigo: "CAF-500", descripcion: "Café molido 500 g", cantidad: 2, precio: 18500, iva_pct: 5 }],
};

const answer = await fetch(`${BASE_URL}/notas-credito`, { method: "POST", headers, body: JSON.stringify(nota) });
const said = await answer.json();
console.log(answer.ok ? `Estado: ${said.data.estado}` : `Error: ${said.error}`);
