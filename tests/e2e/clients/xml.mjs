// The signed XML, as it is.
const { BASE_URL, TOKEN } = process.env;
const [id] = process.argv.slice(2);

const answer = await fetch(`${BASE_URL}/documentos/${id}/xml`, { headers: { Authorization: `Bearer ${TOKEN}` } });
process.stdout.write(await answer.text());
