// Lists what was accepted since a day.
const { BASE_URL, TOKEN } = process.env;
const [desde] = process.argv.slice(2);

const search = new URLSearchParams({ estado: "aceptado", desde, per_page: 50 });
const answer = await fetch(`${BASE_URL}/documentos?${search}`, { headers: { Authorization: `Bearer ${TOKEN}` } });
const page = await answer.json();
for (const row of page.data) {
  console.log(`${row.numero_completo} - ${row.estado}`);
}
