// One document, by its tracking_id: its fields are at the root of the answer.
const { BASE_URL, TOKEN } = process.env;
const [id] = process.argv.slice(2);

const answer = await fetch(`${BASE_URL}/documentos/${id}`, { headers: { Authorization: `Bearer ${TOKEN}` } });
const found = await answer.json();
console.log(`Estado: ${found.estado}`);
