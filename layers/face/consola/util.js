// What every page of the console uses: the API, elements, figures, dates and words.

// This file is served at …/v1/consola/util.js; the API begins two folders above it.
export const API = new URL("../", import.meta.url);

// The API's answer to a request that it did not carry out, or that there was none.
export class Problem extends Error {
  constructor(status, said = {}, wait = null) {
    super(said.detail || said.error || "Cauce no respondió como se esperaba. Intente de nuevo en un momento.");
    this.status = status;
    this.code = said.codigo;
    this.scope = said.alcance;
    this.fields = said.errors || {};
    this.request = said.request_id;
    this.wait = wait;
  }
}

export const NO_CONNECTION = "No hay conexión con Cauce. Revise su red e intente de nuevo.";

// The token is here and nowhere else: a reload forgets it.
let token = null;
let expired = () => {};

export function use(given, onExpired) {
  token = given;
  expired = onExpired || expired;
}

// One GET of the API, whatever it answers.
export async function ask(path, { accept = "application/json", signal } = {}) {
  let answer;
  const headers = { Accept: accept, Authorization: `Bearer ${token}` };
  try {
    answer = await fetch(new URL(path, API), { headers, signal, cache: "no-store" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, { detail: NO_CONNECTION });
  }
  if (answer.ok) return answer;
  const said = await answer.json().catch(() => ({}));
  if (answer.status === 401) expired(said.detail);
  throw new Problem(answer.status, said, answer.headers.get("Retry-After"));
}

export async function read(path, options) {
  return (await ask(path, options)).json();
}

export function query(values) {
  const found = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value) found.set(name, value);
  const text = found.toString();
  return text ? `?${text}` : "";
}

// An element. Text is always text: nothing that a buyer is called becomes markup.
export function h(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "value") made.value = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((each) => each !== null && each !== undefined && each !== false));
  return made;
}

// A table that keeps its meaning where the narrow screen lays it out as cards. `columns`: {title, cell, figure, main}.
// `look`: a class of its own; `sums`: rows at its foot.
export function table(caption, columns, rows, empty, { look = null, sums = [] } = {}) {
  if (!rows.length) return h("p", { class: "vacio" }, empty);
  const cells = (row) =>
    columns.map(({ title, cell, figure, main }) =>
      h(
        main ? "th" : "td",
        { role: main ? "rowheader" : "cell", scope: main && "row", class: figure && "cifra", "data-titulo": title },
        cell(row),
      ),
    );
  const heads = columns.map(({ title, figure }) =>
    h("th", { scope: "col", role: "columnheader", class: figure && "cifra" }, title),
  );
  return h(
    "table",
    { role: "table", class: look },
    h("caption", {}, caption),
    h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, heads)),
    h("tbody", { role: "rowgroup" }, rows.map((row) => h("tr", { role: "row" }, cells(row)))),
    sums.length > 0 && h("tfoot", { role: "rowgroup" }, sums.map((row) => h("tr", { role: "row" }, cells(row)))),
  );
}

export function facts(pairs) {
  const known = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return h("dl", { class: "datos" }, known.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

// Money: whole cents, so that adding is exact. Nothing is rounded here: the API's amounts have two decimals.
export const cents = (amount) => BigInt(Math.round(Number(amount || 0) * 100));

export function money(amount, currency = "COP") {
  const all = typeof amount === "bigint" ? amount : cents(amount);
  const positive = all < 0n ? -all : all;
  const whole = (positive / 100n).toString().replace(/\B(?=(\d{3})+$)/g, ".");
  const rest = (positive % 100n).toString().padStart(2, "0");
  const sign = all < 0n ? "−" : "";
  return `${sign}${currency && currency !== "COP" ? `${currency} ` : "$ "}${whole},${rest}`;
}

export const count = (n) => Number(n).toLocaleString("es-CO");
export const plural = (n, one, many) => `${count(n)} ${Number(n) === 1 ? one : many}`;

const ZONE = { timeZone: "America/Bogota" };
const DAY = new Intl.DateTimeFormat("es-CO", { ...ZONE, day: "numeric", month: "short", year: "numeric" });
const MOMENT = new Intl.DateTimeFormat("es-CO", {
  ...ZONE, day: "numeric", month: "short", year: "numeric", hour: "numeric", minute: "2-digit", hour12: true,
});
const ISO_DAY = new Intl.DateTimeFormat("en-CA", ZONE);

export const today = () => ISO_DAY.format(new Date());

export function day(text) {
  if (!text) return null;
  const at = new Date(text.length === 10 ? `${text}T12:00:00-05:00` : text);
  return h("time", { datetime: text }, DAY.format(at));
}

export const moment = (text) => (text ? h("time", { datetime: text }, MOMENT.format(new Date(text))) : null);

export function daysUntil(text) {
  return Math.round((Date.parse(`${text}T00:00:00-05:00`) - Date.parse(`${today()}T00:00:00-05:00`)) / 86_400_000);
}

export const KINDS = {
  factura: "Factura",
  nota_credito: "Nota crédito",
  nota_debito: "Nota débito",
  documento_soporte: "Documento soporte",
  nota_ajuste: "Nota de ajuste",
  documento_equivalente: "Documento equivalente",
  nota_documento_equivalente: "Nota al documento equivalente",
  evento: "Evento RADIAN",
};
export const KINDS_MANY = {
  factura: "Facturas",
  nota_credito: "Notas crédito",
  nota_debito: "Notas débito",
  documento_soporte: "Documentos soporte",
  nota_ajuste: "Notas de ajuste",
  documento_equivalente: "Documentos equivalentes",
  nota_documento_equivalente: "Notas a documentos equivalentes",
  evento: "Eventos RADIAN",
};
const PROVIDERS = {
  dian: "DIAN (directo)",
  factus: "Factus",
  facepro: "FacEPro Cloud",
  afacturar: "Afacturar",
  facturatech: "Facturatech",
};
export const providers = Object.entries(PROVIDERS);
export const provider = (name) => PROVIDERS[name] || name;
// A state is told by its word and its sign; the colour only helps.
const STATES = {
  aceptado: ["✓", "Aceptado"],
  rechazado: ["✕", "Rechazado"],
  pendiente: ["…", "Pendiente"],
  fallido: ["!", "Fallido"],
  invalido: ["✕", "No admitido"],
  repetido: ["=", "Repetido"],
};

export function state(name) {
  const [sign, word] = STATES[name] || ["·", name];
  return h("span", { class: `estado ${name}` }, h("span", { "aria-hidden": "true" }, sign), ` ${word}`);
}

// The way back to the list that a page of one thing belongs to.
export const back = (href, text) => h("p", { class: "migas" }, h("a", { href }, h("span", { "aria-hidden": "true" }, "← "), text));

export const documentLink = (id, text) => h("a", { href: `#/documentos/${encodeURIComponent(id)}` }, text);

// The API's own pages leave this one open, since it would forget the token.
export function docs(path, text) {
  const href = new URL(`docs/${path}`, API).href;
  return h("a", { href, target: "_blank", rel: "noopener" }, text, h("span", { class: "oculto" }, " (se abre aparte)"));
}

export function field(label, input, hint = null) {
  input.id ||= `campo-${input.name}`;
  const note = hint && h("span", { class: "pista", id: `${input.id}-pista` }, hint);
  if (note) input.setAttribute("aria-describedby", note.id);
  return h("div", { class: "campo" }, h("label", { for: input.id }, label), input, note);
}

export function choice(name, options, chosen) {
  const made = h("select", { name });
  for (const [value, text] of options) made.append(h("option", { value, selected: value === chosen }, text));
  return made;
}

export function say(text) {
  document.getElementById("aviso").textContent = text;
}

// What went wrong, in the API's own words, and what can be done.
export function trouble(problem, again) {
  const wrong = Object.values(problem.fields || {}).flat();
  const list = wrong.length > 1 || (wrong.length === 1 && wrong[0] !== problem.message);
  // What was refused is refused again; what failed may go well.
  const button = again && !HOPELESS.has(problem.status) && h("button", { type: "button", onclick: again }, "Intentar de nuevo");
  return h(
    "div",
    { class: "problema", role: "alert" },
    h("p", {}, h("strong", {}, title(problem)), " ", problem.message),
    list && h("ul", {}, wrong.map((each) => h("li", {}, each))),
    problem.scope && h("p", {}, `Pida al operador un token con el alcance «${problem.scope}».`),
    problem.wait && h("p", {}, `Espere ${plural(problem.wait, "segundo", "segundos")}.`),
    problem.request && h("p", { class: "pista" }, `Solicitud ${problem.request}`),
    button,
  );
}

const HOPELESS = new Set([400, 403, 404, 409, 422]);

function title(problem) {
  if (problem.status === 0) return "Sin conexión.";
  if (problem.status === 403) return "Su token no alcanza.";
  if (problem.status === 404) return "No se encontró.";
  if (problem.status === 422) return "Hay algo que corregir.";
  if (problem.status === 429) return "Demasiadas solicitudes.";
  if (problem.status === 503) return "Ahora no se pudo.";
  return "Algo falló.";
}

// Give a file to the person, who decides where it is kept.
export function save(blob, name) {
  const link = h("a", { href: URL.createObjectURL(blob), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
