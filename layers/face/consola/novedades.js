// What happened to the issuer's documents, the newest first.

import { KINDS, choice, documentLink, field, h, moment, plural, query, read, state } from "./util.js";

const TYPES = {
  aceptado: "Documento aceptado",
  rechazo: "Documento rechazado",
  fallido: "Documento que no se emitió",
  requiere_atencion: "Documento que necesita a una persona",
  "contingencia.emitida": "Factura emitida en contingencia",
  "contingencia.plazo": "Plazo para transmitir una contingencia",
  "contingencia.sin_efecto": "Contingencia sin efecto",
  "correo.fallido": "Correo que no se envió",
  "correo.devuelto": "Correo devuelto",
  "correo.queja": "Correo marcado como no deseado",
  "numeracion.por_agotarse": "Numeración por agotarse",
  "numeracion.por_vencer": "Numeración por vencer",
  "numeracion.cambio": "Cambio en la numeración",
  "certificado.por_vencer": "Certificado por vencer",
  "cuota.80": "Cuota al 80 %",
  "cuota.100": "Cuota agotada",
  "ley.faltan_valores": "Faltan valores del año",
  "evento.recibido": "Evento sobre una factura",
  "lote.terminado": "Lote terminado",
  "webhook.desactivado": "Aviso automático desactivado",
};

export async function show({ asked, signal }) {
  const [tipos, cursor] = [asked.get("tipos"), asked.get("cursor")];
  const found = await read(`novedades${query({ tipos, cursor, orden: "recientes", per_page: "40" })}`, { signal });
  const go = (event) => {
    event.preventDefault();
    location.hash = `#/novedades${query({ tipos: new FormData(event.target).get("tipos") })}`;
  };
  return [
    "Novedades",
    h("form", { class: "filtros corto", onsubmit: go },
      field("Mostrar", choice("tipos", [["", "Todas"], ...Object.entries(TYPES)], tipos)),
      h("div", { class: "acciones" }, h("button", { type: "submit", class: "principal" }, "Filtrar"))),
    found.data.length
      ? h("ol", { class: "novedades" }, found.data.map(one))
      : h("p", { class: "vacio" }, cursor ? "No hay más novedades." : "Todavía no hay novedades."),
    h("nav", { class: "hojas", "aria-label": "Hojas de la lista" },
      cursor && h("a", { href: `#/novedades${query({ tipos })}` }, "Las más recientes"),
      found.hay_mas && h("a", { href: `#/novedades${query({ tipos, cursor: found.cursor })}` }, "Anteriores")),
  ];
}

function one(news) {
  return h("li", {}, moment(news.fecha), h("div", {}, h("strong", {}, TYPES[news.tipo] || news.tipo), " ", about(news),
    news.motivo && h("p", {}, news.motivo)));
}

function about(news) {
  const { documento, evento, numeracion, cuota, lote, certificado } = news;
  if (documento) {
    const name = `${KINDS[documento.tipo_documento]} ${documento.numero_completo || documento.referencia || "sin número"}`;
    const what = evento ? `${evento.codigo} ${evento.nombre || ""}`.trim() : state(documento.estado);
    return [documentLink(documento.tracking_id, name), " ", what];
  }
  if (numeracion) return h("span", {}, `Prefijo ${numeracion.prefijo || "vacío"}`);
  if (cuota) return `${plural(cuota.consumidos, "documento", "documentos")} de ${cuota.limite}`;
  if (lote) {
    const link = h("a", { href: `#/lotes/${encodeURIComponent(lote.lote_id)}` }, plural(lote.documentos, "documento", "documentos"));
    return [link, `: ${plural(lote.conteo.aceptado, "aceptado", "aceptados")}`];
  }
  if (certificado) return ["Vence ", moment(certificado.vence)];
  return null;
}
