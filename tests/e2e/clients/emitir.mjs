// Emits an invoice of one line to a buyer of whom only what is required is known.
const { BASE_URL, TOKEN } = process.env;

const factura = {
  adquiriente: {
    tipo_persona: "2",
    tipo_documento: "13",
    numero_documento: "52123987",
    razon_social: "Lucía Ramírez",
    responsabilidad_fiscal: "R-99-PN",
  },
  lineas: [{ codigo: "CAF-500", descripcion: "Café molido 500 g", cantidad: 2, precio: 18500, iva_pct: 5 }],
};

const answer = await fetch(`${BASE_URL}/documentos`, {
  method: "POST",
  headers: { Authorization: `Bearer ${TOKEN}`, "Content-Type": "application/json", Accept: "application/json" },
  body: JSON.stringify(factura),
});
const said = await answer.json();
if (answer.ok) {
  console.log(`CUFE: ${said.data.cufe}`);
  console.log(`Estado: ${said.data.estado}`);
  console.log(said.data.tracking_id);
} else {
  console.log(`Error: ${said.error}`);
}
