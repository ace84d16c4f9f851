// The issuer's lots, the latest first.

import { count, field, h, query, read, table } from "./util.js";
import { name, said } from "./lote.js";

export async function show({ asked, signal }) {
  const cursor = asked.get("cursor");
  const found = await read(`lotes${query({ cursor })}`, { signal });
  const next = found.meta.cursor_siguiente;
  const input = h("input", { name: "lote", required: true, autocomplete: "off", spellcheck: "false" });
  const go = (event) => {
    event.preventDefault();
    location.hash = `#/lotes/${encodeURIComponent(input.value.trim())}`;
  };
  return [
    "Lotes",
    h("form", { class: "filtros corto", onsubmit: go },
      field("Identificador de un lote", input, "También cola-AAAA-MM-DD: los documentos que llegaron por la cola ese día"),
      h("div", { class: "acciones" }, h("button", { type: "submit", class: "principal" }, "Ver el lote"))),
    table("Los más recientes primero", [
      { title: "Lote", main: true, cell: (row) => h("a", { href: `#/lotes/${encodeURIComponent(row.lote_id)}` }, name(row)) },
      { title: "Identificador", cell: (row) => h("code", {}, row.lote_id) },
      { title: "Estado", cell: (row) => said(row.estado) },
      { title: "Leídos", figure: true, cell: (row) => count(row.leidos) },
      { title: "Documentos", figure: true, cell: (row) => (row.documentos === null ? "—" : count(row.documentos)) },
    ], found.data, "Todavía no hay lotes."),
    h("nav", { class: "hojas", "aria-label": "Hojas de la lista" },
      cursor && h("a", { href: "#/lotes" }, "Primera hoja"),
      next && h("a", { href: `#/lotes${query({ cursor: next })}` }, "Hoja siguiente")),
  ];
}
