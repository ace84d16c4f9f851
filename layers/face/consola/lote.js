// One lot: how far it has got, and what became of its lines.

import { back, choice, count, day, documentLink, facts, field, h, moment, money, plural, query, read, state, table } from "./util.js";

const WORDS = {
  esperando_archivo: "Esperando su archivo",
  en_proceso: "En proceso",
  terminado: "Terminado",
  vencido: "Vencido: su archivo no llegó",
  leido: "Leído",
};
const STATES = ["aceptado", "pendiente", "rechazado", "fallido", "invalido", "repetido"];
const NAMES = { aceptado: "Aceptados", pendiente: "Pendientes", rechazado: "Rechazados", fallido: "Fallidos", invalido: "No admitidos", repetido: "Repetidos" };

export const said = (name) => WORDS[name] || name;

const QUEUED = /^cola-(\d{4}-\d{2}-\d{2})$/;

// A lot by its moment: a person knows when it was sent, and not its identifier.
export function name(data) {
  const queued = data.lote_id.match(QUEUED);
  if (queued) return ["Por la cola, el ", day(queued[1])];
  return data.fecha_recepcion ? ["Lote del ", moment(data.fecha_recepcion)] : `Lote ${data.lote_id}`;
}

export async function show({ id, asked, signal }) {
  const filters = { estado: asked.get("estado"), cursor: asked.get("cursor") };
  const own = `lotes/${encodeURIComponent(id)}`;
  const { data, documentos, meta } = await read(`${own}${query({ ...filters, per_page: "25" })}`, { signal });
  const here = (more) => `#/${own}${query({ estado: filters.estado, ...more })}`;
  return [
    name(data),
    back("#/lotes", "Lotes"),
    h("p", { class: "resumen" }, said(data.estado), ". ", left(data)),
    progress(data),
    data.ultimo_error && h("p", { class: "nota" }, data.ultimo_error),
    facts([
      ["Identificador", h("code", {}, data.lote_id)],
      ["Documentos", data.documentos === null ? null : count(data.documentos)],
      ["Leídos", count(data.leidos)],
      ["Con resultado", count(data.terminados)],
    ]),
    h("ul", { class: "conteo" }, STATES.filter((each) => data.conteo[each]).map((each) =>
      h("li", {}, state(each), " ", h("strong", { class: "cifra" }, count(data.conteo[each]))))),
    h("form", { class: "filtros corto", onsubmit: (event) => {
      event.preventDefault();
      location.hash = `#/${own}${query({ estado: new FormData(event.target).get("estado") })}`;
    } },
    field("Mostrar", choice("estado", [["", "Todas las líneas"], ...STATES.map((each) => [each, NAMES[each]])], filters.estado)),
    h("div", { class: "acciones" }, h("button", { type: "submit" }, "Filtrar"))),
    table("Líneas del lote", [
      { title: "Línea", main: true, cell: (row) => row.posicion ?? row.mensaje },
      { title: "Referencia", cell: (row) => row.referencia || "—" },
      { title: "Documento", cell: (row) => (row.tracking_id ? documentLink(row.tracking_id, row.numero_completo || "Sin número") : "—") },
      { title: "Total", figure: true, cell: (row) => (row.totales ? money(row.totales.total, row.moneda) : "—") },
      { title: "Estado", cell: (row) => state(row.estado) },
      { title: "Qué dice", cell: what },
    ], documentos, "No hay líneas que mostrar."),
    h("nav", { class: "hojas", "aria-label": "Hojas de la lista" },
      filters.cursor && h("a", { href: here({}) }, "Primera hoja"),
      meta.cursor_siguiente && h("a", { href: here({ cursor: meta.cursor_siguiente }) }, "Hoja siguiente")),
  ];
}

export function progress(data) {
  if (data.avance_pct === null || data.avance_pct === undefined) return null;
  return h("p", { class: "avance" },
    h("progress", { max: 100, value: data.avance_pct, "aria-label": "Avance del lote" }),
    h("span", { class: "cifra" }, ` ${String(data.avance_pct).replace(".", ",")} %`));
}

function left(data) {
  if (!data.segundos_restantes) return "";
  const minutes = Math.round(data.segundos_restantes / 60);
  if (minutes < 1) return "Falta menos de un minuto.";
  if (minutes < 90) return `A este paso termina en ${plural(minutes, "minuto", "minutos")}.`;
  return ["A este paso termina el ", moment(data.termina_aproximadamente)];
}

function what(row) {
  const wrong = Object.entries(row.errors || {});
  if (wrong.length) return h("ul", {}, wrong.map(([name, sentences]) => h("li", {}, h("code", {}, name), " ", sentences.join(" "))));
  return row.error || row.estado_detalle;
}
