// One document: how it stands, what happened to it, what DIAN said, and its files.

import { KINDS, Problem, ask, back, docs, facts, h, moment, money, provider, read, save, say, state, trouble } from "./util.js";

const MAILS = {
  por_enviar: "Por enviar", enviandose: "Enviándose", enviado: "Enviado", no_enviado: "No se envió",
  en_duda: "No se sabe si salió", devuelto: "Devuelto: no llegó", queja: "Marcado como no deseado",
};
const WHOSE = { dian: "la DIAN", proveedor: "el proveedor", cauce: "Cauce" };

export async function show({ id, signal }) {
  return draw(await read(`documentos/${encodeURIComponent(id)}`, { signal }), signal);
}

function draw(found, signal) {
  const name = `${KINDS[found.tipo_documento]} ${found.numero_completo || "sin número"}`;
  return [
    name,
    back("#/documentos", "Documentos"),
    h("p", { class: "resumen" }, state(found.estado), " ", found.estado_detalle),
    found.ultimo_error && h("p", { class: "nota" }, found.ultimo_error),
    contingency(found.contingencia),
    files(found, name, signal),
    messages("Por qué fue rechazado", found.rechazos, "rechazo"),
    messages("Notificaciones", found.notificaciones, "notificacion"),
    h("div", { class: "dos" },
      h("section", {}, h("h2", {}, "Datos"), about(found)),
      found.tipo_documento !== "evento" && h("section", {}, h("h2", {}, "Totales"), totals(found.totales, found.moneda))),
    story(found.historia),
  ];
}

function about(found) {
  const party = found.adquirente;
  const bought = ["documento_soporte", "nota_ajuste"].includes(found.tipo_documento);
  return facts([
    ["Fecha de emisión", moment(found.fecha_emision)],
    [bought ? "Vendedor" : "Adquiriente", party && `${party.razon_social || "—"} · ${party.documento || ""}`],
    ["Referencia", found.referencia],
    ["Emitido por", provider(found.proveedor)],
    ["Correo al adquiriente", mail(found.correo)],
    [found.tipo_codigo, found.cufe && h("code", {}, found.cufe)],
    ["Evento", found.evento && found.evento.codigo],
    ["CUFE de la factura", found.evento && h("code", {}, found.evento.cufe_factura)],
    ["Respuesta de la DIAN", [found.estado_dian_codigo, found.estado_dian_mensaje].filter(Boolean).join(" · ")],
    ["Identificador", h("code", {}, found.tracking_id)],
  ]);
}

function mail(found) {
  if (!found) return null;
  return [MAILS[found.estado] || found.estado, ", ", moment(found.fecha), found.motivo && h("span", { class: "menor" }, ` ${found.motivo}`)];
}

function totals(found, currency) {
  const row = (name, amount, strong) =>
    h("tr", { class: strong && "total" }, h("th", { scope: "row" }, name), h("td", { class: "cifra" }, money(amount, currency)));
  return h("table", { class: "sumas" }, h("tbody", {},
    row("Subtotal", found.subtotal),
    Number(found.descuentos) ? row("Descuentos", -found.descuentos) : null,
    Number(found.cargos) ? row("Cargos", found.cargos) : null,
    row("IVA", found.iva),
    Number(found.impuestos) !== Number(found.iva) ? row("Otros impuestos", found.impuestos - found.iva) : null,
    row("Total", found.total, true)));
}

function contingency(found) {
  if (!found) return null;
  return h("section", { class: "nota" },
    h("h2", {}, "Contingencia de la DIAN"),
    h("p", {}, found.vigente
      ? "Se emitió como tipo 04 porque la DIAN no respondía: puede entregarse al adquiriente."
      : "La factura de tipo 04 que se emitió en contingencia no tiene efecto."),
    facts([["Emitida", moment(found.desde)], ["Transmitir antes de", found.limite ? moment(found.limite) : "48 horas después de que la DIAN vuelva"]]));
}

function messages(title, list, kind) {
  if (!list || !list.length) return null;
  return h("section", {}, h("h2", {}, title), h("ul", { class: `mensajes ${kind}` }, list.map((each) =>
    h("li", {},
      each.regla && [docs(`reglas/${encodeURIComponent(each.regla)}`, each.regla), " "],
      each.mensaje,
      each.campo && [" Campo: ", h("code", {}, each.campo), "."],
      h("span", { class: "menor" }, ` Lo dice ${WHOSE[each.origen] || each.origen}.`)))));
}

function story(steps) {
  if (!steps || !steps.length) return null;
  return h("section", {}, h("h2", {}, "Qué pasó"), h("ol", { class: "historia" }, steps.map((each) =>
    h("li", {}, moment(each.fecha), h("div", {}, h("strong", {}, each.hecho),
      each.detalle && h("span", {}, each.detalle), each.por && h("span", { class: "menor" }, by(each.por)))))));
}

// Who asked for it: a token by its number, or the operator by name.
const by = (who) => (/^token \d+$/.test(who) ? `Con el ${who}` : `Lo pidió ${who}`);

function files(found, name, signal) {
  const said = h("div", { "aria-live": "polite" });
  const shown = h("div", {});
  // What may be given to the buyer.
  const given = found.estado === "aceptado" || found.contingencia?.vigente;
  const own = `documentos/${encodeURIComponent(found.tracking_id)}`;
  const file = found.numero_completo || found.tracking_id;
  const busy = (work) => async (event) => {
    const button = event.currentTarget;
    button.disabled = true;
    said.replaceChildren();
    try {
      await work();
    } catch (error) {
      if (signal.aborted) return;
      said.replaceChildren(trouble(error instanceof Problem ? error : new Problem(-1, {})));
    } finally {
      button.disabled = false;
    }
  };
  const blob = async (path, accept) => (await ask(`${own}/${path}`, { accept, signal })).blob();
  const see = busy(async () => {
    const address = URL.createObjectURL(await blob("pdf", "application/pdf"));
    signal.addEventListener("abort", () => URL.revokeObjectURL(address));
    shown.replaceChildren(h("iframe", { class: "pdf", title: `Representación gráfica: ${name}`, src: address }));
    say("La representación gráfica está debajo de los botones.");
  });
  const button = (text, work) => h("button", { type: "button", onclick: work }, text);
  const again = busy(async () => {
    await ask(`${own}/consultar`, { signal });
    window.dispatchEvent(new HashChangeEvent("hashchange"));
  });
  return h("section", { "aria-label": "Archivos" },
    h("div", { class: "acciones" },
      found.links.pdf && h("button", { type: "button", class: "principal", onclick: see }, "Ver PDF"),
      found.links.pdf && button("Descargar PDF", busy(async () => save(await blob("pdf", "application/pdf"), `${file}.pdf`))),
      given && button("Descargar XML", busy(async () => save(await blob("xml", "application/xml"), `${file}.xml`))),
      found.links.paquete && button("Descargar paquete", busy(async () => save(await blob("paquete", "application/zip"), `${file}.zip`))),
      found.links.evidencia && button("Descargar evidencia", busy(async () => save(await blob("evidencia", "application/zip"), `${file}-evidencia.zip`))),
      found.estado === "pendiente" && button("Preguntar al proveedor ahora", again)),
    said, shown);
}
