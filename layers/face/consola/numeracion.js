// The numbering ranges: how many numbers and days each has left.

import { KINDS, count, day, daysUntil, h, plural, provider, read, table } from "./util.js";

export async function show({ signal }) {
  const { data } = await read("numeraciones", { signal });
  const rank = (row) => (row.aviso ? 0 : 1);
  const rows = [...data].sort((a, b) => rank(a) - rank(b) || a.prefijo.localeCompare(b.prefijo));
  return [
    "Numeración",
    h("p", { class: "guia" }, "Los rangos con los que se numera, y cuánto le queda a cada uno."),
    table("Rangos de numeración", [
      { title: "Prefijo", main: true, cell: (row) => row.prefijo || "Sin prefijo" },
      { title: "Para", cell: (row) => KINDS[row.tipo_documento] || row.tipo_proveedor || "Sin asignar" },
      { title: "Resolución", cell: (row) => [row.resolucion || "—", row.proveedor && h("span", { class: "menor" }, ` ${provider(row.proveedor)}`)] },
      { title: "Del", figure: true, cell: (row) => row.desde },
      { title: "Al", figure: true, cell: (row) => (isOpen(row) ? "Sin límite" : row.hasta) },
      { title: "Siguiente", figure: true, cell: (row) => row.siguiente ?? "—" },
      { title: "Quedan", figure: true, cell: left },
      { title: "Vence", cell: ends },
      { title: "Estado", cell: (row) => [row.aviso ? h("span", { class: "estado pendiente" }, h("span", { "aria-hidden": "true" }, "!"), ` ${row.aviso}`)
        : h("span", { class: "estado aceptado" }, h("span", { "aria-hidden": "true" }, "✓"), ` ${word(row.estado)}`)] },
    ], rows, "No hay rangos. Sincronice la numeración con su proveedor."),
  ];
}

const word = (name) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");

// Notes have numbers of their own, without an authorisation of DIAN's that would end.
const isOpen = (row) => !row.resolucion && row.hasta >= 999_999_999;

function left(row) {
  if (row.disponibles === null || isOpen(row)) return "—";
  const all = row.hasta - row.desde + 1;
  return [count(row.disponibles), " ", h("meter", { min: 0, max: all, low: all / 10, optimum: all, value: row.disponibles,
    "aria-label": `Quedan ${row.disponibles} de ${all}` })];
}

function ends(row) {
  if (!row.vigente_hasta) return "—";
  const days = daysUntil(row.vigente_hasta);
  const told = days < 0 ? `hace ${plural(-days, "día", "días")}` : days === 0 ? "hoy" : `en ${plural(days, "día", "días")}`;
  return [day(row.vigente_hasta), " ", h("span", { class: "menor" }, told)];
}
