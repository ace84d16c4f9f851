// The issuer's documents: a search, and a page of what it finds.

import { KINDS, choice, day, documentLink, field, h, money, providers, query, read, state, table } from "./util.js";

const FIELDS = ["q", "estado", "tipo_documento", "desde", "hasta", "referencia", "proveedor", "cufe"];
const ROWS = "25";

export async function show({ asked, signal }) {
  const filters = Object.fromEntries(FIELDS.map((name) => [name, asked.get(name)]).filter(([, value]) => value));
  const cursor = asked.get("cursor");
  const found = await read(`documentos${query({ ...filters, per_page: ROWS, cursor })}`, { signal });
  const next = found.meta.cursor_siguiente;
  const here = (more) => `#/documentos${query({ ...filters, ...more })}`;
  return [
    "Documentos",
    search(filters),
    table(
      Object.keys(filters).length ? "Documentos que coinciden, los más recientes primero" : "Los más recientes primero",
      [
        { title: "Número", main: true, cell: (row) => documentLink(row.tracking_id, row.numero_completo || "Sin número") },
        { title: "Tipo", cell: (row) => KINDS[row.tipo_documento] },
        { title: "Fecha", cell: (row) => day(row.fecha_emision) },
        { title: "Para", cell: (row) => party(row.adquirente) },
        { title: "Total", figure: true, cell: (row) => (row.tipo_documento === "evento" ? "—" : money(row.totales.total, row.moneda)) },
        { title: "Estado", cell: (row) => state(row.estado) },
      ],
      found.data,
      none(filters, cursor, next),
      { look: "lista" },
    ),
    h(
      "nav",
      { class: "hojas", "aria-label": "Hojas de la lista" },
      cursor && h("a", { href: here({}) }, "Primera hoja"),
      next && h("a", { href: here({ cursor: next }) }, "Hoja siguiente"),
    ),
  ];
}

function none(filters, cursor, next) {
  if (next) return "En esta hoja no hay ninguno; la búsqueda sigue en la siguiente.";
  if (cursor) return "No hay más documentos.";
  if (Object.keys(filters).length) return "Ningún documento coincide. Pruebe con menos filtros.";
  return "Todavía no hay documentos. El primero que se emita aparecerá aquí.";
}

const party = (found) =>
  found ? [h("span", {}, found.razon_social || "—"), " ", h("span", { class: "menor" }, found.documento || "")] : "—";

function search(filters) {
  const text = (name, type = "text") => h("input", { name, type, value: filters[name] || "", autocomplete: "off" });
  const kinds = [["", "Todos"], ...Object.entries(KINDS)];
  const states = [["", "Todos"], ["aceptado", "Aceptado"], ["rechazado", "Rechazado"], ["pendiente", "Pendiente"], ["fallido", "Fallido"]];
  const more = ["referencia", "proveedor", "cufe"];
  return h(
    "form",
    { class: "filtros", role: "search", onsubmit: go },
    field("Buscar", text("q", "search"), "El comienzo de un número o de una identificación"),
    field("Estado", choice("estado", states, filters.estado)),
    field("Tipo", choice("tipo_documento", kinds, filters.tipo_documento)),
    field("Desde", text("desde", "date")),
    field("Hasta", text("hasta", "date")),
    h(
      "details",
      { open: more.some((name) => filters[name]) },
      h("summary", {}, "Más filtros"),
      field("Referencia", text("referencia")),
      field("Proveedor", choice("proveedor", [["", "Todos"], ...providers], filters.proveedor)),
      field("CUFE, CUDE o CUDS", text("cufe")),
    ),
    h("div", { class: "acciones" },
      h("button", { type: "submit", class: "principal" }, "Buscar"),
      Object.keys(filters).length > 0 && h("a", { href: "#/documentos" }, "Quitar filtros")),
  );
}

function go(event) {
  event.preventDefault();
  const asked = Object.fromEntries([...new FormData(event.target)].map(([name, value]) => [name, value.trim()]));
  const hash = `#/documentos${query(asked)}`;
  if (location.hash === hash) window.dispatchEvent(new HashChangeEvent("hashchange"));
  else location.hash = hash;
}
