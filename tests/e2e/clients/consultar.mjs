// What DIAN says of a document now.
const { BASE_URL, TOKEN } = process.env;
const [id] = process.argv.slice(2);

const answer = await fetch(`${BASE_URL}/documentos/${id}/consultar`, {
  headers: { Authorization: `Bearer ${TOKEN}` },
});
const said = await answer.json();
console.log(`${said.dian.is_valid} ${said.dian.status_code} ${said.documento.estado}`);
