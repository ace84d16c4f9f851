// What the issuer still needs to emit: what is missing first, with who must act and what to do.

import { KINDS, count, day, facts, h, plural, provider, read } from "./util.js";

const STANDING = {
  falta: ["✕", "Falta", "rechazado"],
  atencion: ["!", "Por atender", "pendiente"],
  listo: ["✓", "Listo", "aceptado"],
};
const POINTS = {
  ambiente: "Ambiente",
  token: "Token",
  cuota: "Cuota de documentos",
  tipos: "Tipos de documento",
  credenciales: "Credenciales",
  datos_emisor: "Datos del emisor",
  certificado: "Certificado",
  set_pruebas: "Set de pruebas",
  servicio: "Servicio",
  numeracion: "Numeración",
};
const WHO = {
  integrador: "quien integra el ERP",
  emisor: "la empresa",
  operador: "quien opera Cauce",
  dian: "la DIAN",
  proveedor: "el proveedor",
};
// A range with more numbers than this and no end is open: the notes' own, which no authorisation bounds.
const MOST = 100_000_000;
const ORDER = Object.keys(STANDING);

export async function show({ signal }) {
  const found = await read("preparacion", { signal });
  const points = [...found.puntos].sort((one, other) => ORDER.indexOf(one.estado) - ORDER.indexOf(other.estado));
  const kinds = Object.entries(found.emite);
  return [
    "Preparación",
    h("p", { class: "resumen" }, standing(found.estado), " ", found.resumen),
    h("section", {}, h("h2", {}, "Qué puede emitir hoy"),
      h("ul", { class: "conteo" }, kinds.map(([kind, can]) => h("li", {}, KINDS[kind] || kind, " ", standing(can ? "listo" : "falta"))))),
    h("section", {}, h("h2", {}, "Punto por punto"), h("ul", { class: "pasos" }, points.map(one))),
  ];
}

function standing(name) {
  const [sign, word, look] = STANDING[name];
  return h("span", { class: `estado ${look}` }, h("span", { "aria-hidden": "true" }, sign), ` ${word}`);
}

function one(point) {
  const about = [point.prefijo, KINDS[point.tipo_documento], point.proveedor && provider(point.proveedor)].filter(Boolean).join(" · ");
  const pace = point.por_dia && `unos ${String(point.por_dia).replace(".", ",")} al día`;
  return h("li", {},
    standing(point.estado), " ", h("strong", {}, POINTS[point.punto] || point.punto),
    about && h("span", { class: "menor" }, ` ${about}`),
    h("p", {}, point.mensaje),
    point.que_hacer && h("p", {}, h("strong", {}, "Qué hacer: "), point.que_hacer,
      point.responsable && h("span", { class: "menor" }, ` Le corresponde a ${WHO[point.responsable] || point.responsable}.`)),
    facts([
      ["Días que quedan", point.dias_restantes !== null && plural(point.dias_restantes, "día", "días")],
      ["Vence", day(point.vence)],
      ["Quedan", point.quedan !== null && !(point.punto === "numeracion" && point.vence === null && point.quedan > MOST) && [count(point.quedan), pace && h("span", { class: "menor" }, `, ${pace}`)]],
    ].filter(([, value]) => value)));
}
