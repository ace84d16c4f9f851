// Whose token is it? To be asked before the first document.
const { BASE_URL, TOKEN } = process.env;

const answer = await fetch(`${BASE_URL}/me`, { headers: { Authorization: `Bearer ${TOKEN}` } });
const who = await answer.json();
console.log(who.tenant ? who.tenant.razon_social : `Error: ${who.error}`);
