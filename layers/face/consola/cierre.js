// The month's close: the parts of a month are read one after another and added up.

import {
  KINDS, KINDS_MANY, ask, cents, choice, count, day, documentLink, docs, field, h, money, plural, provider, query, read, save, say,
  state, table, today, trouble, Problem,
} from "./util.js";

const MONTHS = ["Enero", "Febrero", "Marzo", "Abril", "Mayo", "Junio", "Julio", "Agosto", "Septiembre", "Octubre", "Noviembre", "Diciembre"];
const FIRST_YEAR = 2019;
// What takes away from what it corrects.
const LESS = new Set(["nota_credito", "nota_ajuste", "nota_documento_equivalente"]);
const SALES = ["factura", "nota_debito", "nota_credito", "documento_equivalente", "nota_documento_equivalente"];
const PURCHASES = ["documento_soporte", "nota_ajuste"];
// More rows than these make a page slow to read; the CSV has them all.
const MOST_ROWS = 60;

export async function show({ asked, signal }) {
  const month = /^\d{4}-\d{2}$/.test(asked.get("mes") || "") ? asked.get("mes") : lastMonth();
  const [year, number] = month.split("-").map(Number);
  const title = `Cierre de ${MONTHS[number - 1]?.toLowerCase() || month} de ${year}`;
  const whole = await added(month, signal);
  return [title, pick(month), ...draw(whole, month, signal)];
}

function lastMonth() {
  const [year, month] = today().split("-").map(Number);
  return month === 1 ? `${year - 1}-12` : `${year}-${String(month - 1).padStart(2, "0")}`;
}

function lastDay(month) {
  const [year, number] = month.split("-").map(Number);
  return `${month}-${new Date(Date.UTC(year, number, 0)).getUTCDate()}`;
}

function pick(month) {
  const [year, number] = month.split("-");
  const now = Number(today().slice(0, 4));
  const years = Array.from({ length: now - FIRST_YEAR + 1 }, (_, n) => String(now - n)).map((each) => [each, each]);
  const months = MONTHS.map((name, n) => [String(n + 1).padStart(2, "0"), name]);
  const go = (event) => {
    event.preventDefault();
    const found = new FormData(event.target);
    location.hash = `#/cierre?mes=${found.get("ano")}-${found.get("mes")}`;
  };
  return h("form", { class: "filtros corto", onsubmit: go },
    field("Mes", choice("mes", months, number)),
    field("Año", choice("ano", years, year)),
    h("div", { class: "acciones" }, h("button", { type: "submit", class: "principal" }, "Ver el mes")));
}

// Every part of the month, added up in whole cents.
async function added(month, signal) {
  const sum = { documentos: 0, sin_leer: 0, sumas: new Map(), impuestos: new Map(), retenciones: new Map(), por_revisar: [], mas: 0, numeros: [], numeros_mas: 0 };
  for (let cursor = null, first = true; first || cursor; first = false) {
    const { data, meta } = await read(`cierre/${month}${query({ cursor })}`, { signal });
    sum.documentos += data.documentos;
    sum.sin_leer += data.sin_leer;
    for (const each of data.sumas)
      add(sum.sumas, each, ["tipo_documento", "estado", "moneda"], ["subtotal", "iva", "impuestos", "descuentos", "cargos", "total"]);
    for (const name of ["impuestos", "retenciones"])
      for (const each of data[name])
        add(sum[name], each, ["tipo_documento", "moneda", "codigo", "nombre", "porcentaje", "valor_unitario"], ["base", "valor"]);
    sum.por_revisar.push(...data.por_revisar);
    sum.mas += data.por_revisar_mas;
    sum.numeros.push(...data.numeros);
    sum.numeros_mas += data.numeros_mas;
    cursor = meta.cursor_siguiente;
    if (cursor) say(`Van ${count(sum.documentos)} documentos…`);
  }
  for (const name of ["sumas", "impuestos", "retenciones"]) sum[name] = [...sum[name].values()];
  return sum;
}

function add(into, row, by, amounts) {
  const key = JSON.stringify(by.map((name) => row[name]));
  const found = into.get(key) || { ...Object.fromEntries(by.map((name) => [name, row[name]])), documentos: 0, ...Object.fromEntries(amounts.map((name) => [name, 0n])) };
  found.documentos += row.documentos;
  for (const name of amounts) found[name] += cents(row[name]);
  into.set(key, found);
}

function draw(whole, month, signal) {
  const isOpen = month >= today().slice(0, 7);
  if (!whole.documentos) return [h("p", { class: "vacio" }, isOpen ? "En este mes todavía no se ha emitido ningún documento." : "En este mes no se emitió ningún documento.")];
  return [
    h("p", { class: "resumen" }, `${plural(whole.documentos, "documento", "documentos")} con fecha de emisión en el mes, hora de Bogotá. `,
      h("a", { href: `#/documentos${query({ desde: `${month}-01`, hasta: lastDay(month) })}` }, "Ver la lista")),
    isOpen && h("p", { class: "nota" }, "El mes no ha terminado: estas cifras cambian con cada documento que se emita."),
    whole.sin_leer > 0 && h("p", { class: "nota" }, `${plural(whole.sin_leer, "documento lo escribió", "documentos los escribió")} una versión posterior de Cauce: no están en las sumas.`),
    cards(whole),
    files(month, signal),
    h("section", {}, h("h2", {}, "Emitido"), issued(whole.sumas)),
    h("section", {}, h("h2", {}, "Impuestos"), taxes(whole.impuestos, "Impuestos de los documentos aceptados, por tarifa", "En este mes no hay impuestos.")),
    h("section", {}, h("h2", {}, "Retenciones"), taxes(whole.retenciones, "Retenciones de los documentos aceptados, por tarifa", "Ningún documento aceptado tiene retenciones.")),
    h("section", {}, h("h2", {}, "Por revisar"), toReview(whole)),
    h("section", {}, h("h2", {}, "Números sin documento válido"), numbers(whole)),
    compare(whole, month, signal),
  ];
}

// What is left of a figure of the accepted documents in pesos, the notes taken off.
function net(rows, kinds, name) {
  return rows
    .filter((each) => kinds.includes(each.tipo_documento) && (each.moneda || "COP") === "COP" && (each.estado || "aceptado") === "aceptado")
    .reduce((sum, each) => sum + (LESS.has(each.tipo_documento) ? -each[name] : each[name]), 0n);
}

function cards(whole) {
  const of = (name) => whole.retenciones.filter((each) => each.nombre === name);
  const pair = (name, value, note) => h("div", { class: "tarjeta" }, h("dt", {}, name), h("dd", {}, value, note && h("span", { class: "menor" }, note)));
  const bought = whole.sumas.some((each) => PURCHASES.includes(each.tipo_documento));
  const foreign = whole.sumas.some((each) => each.moneda && each.moneda !== "COP");
  return [
    h("dl", { class: "tarjetas" },
      pair("Ventas antes de impuestos", money(net(whole.sumas, SALES, "subtotal")), "facturas y notas débito menos notas crédito"),
      pair("IVA generado", money(net(whole.sumas, SALES, "iva"))),
      bought && pair("Compras con documento soporte", money(net(whole.sumas, PURCHASES, "subtotal"))),
      pair("Retenciones en ventas", money(net(whole.retenciones, SALES, "valor")), ["ReteIVA", "ReteRenta", "ReteICA"].filter((name) => of(name).length).join(" · ")),
      pair("Por revisar", count(whole.por_revisar.length + whole.mas), "documentos sin validez"),
      pair("Números sin documento", count(whole.numeros.reduce((sum, each) => sum + each.cantidad, 0)))),
    foreign && h("p", { class: "nota" }, "Hay documentos en otra moneda: las tarjetas suman solo los que están en pesos."),
  ];
}

const ORDER = Object.keys(KINDS);
const STATES = ["aceptado", "pendiente", "rechazado", "fallido"];
const byKind = (one, other) => ORDER.indexOf(one.tipo_documento) - ORDER.indexOf(other.tipo_documento);

const sign = (row) => (LESS.has(row.tipo_documento) ? -1n : 1n);

function issued(sums) {
  const rows = [...sums].sort((a, b) => byKind(a, b) || STATES.indexOf(a.estado) - STATES.indexOf(b.estado));
  const amount = (name) => (row) => (row.moneda ? money(sign(row) * row[name], row.moneda) : "—");
  return table("Documentos del mes, por tipo y estado; las notas crédito y de ajuste van en negativo porque restan", [
    { title: "Tipo", main: true, cell: (row) => row.titulo || KINDS_MANY[row.tipo_documento] },
    { title: "Estado", cell: (row) => state(row.estado) },
    { title: "Documentos", figure: true, cell: (row) => count(row.documentos) },
    { title: "Subtotal", figure: true, cell: amount("subtotal") },
    { title: "IVA", figure: true, cell: amount("iva") },
    { title: "Total", figure: true, cell: amount("total") },
  ], rows, null, { sums: [netted("Ventas netas", sums, SALES), netted("Compras netas", sums, PURCHASES)].filter(Boolean) });
}

// The accepted documents of these kinds in pesos, as a row of their own.
function netted(titulo, sums, kinds) {
  const found = sums.filter((each) => kinds.includes(each.tipo_documento) && each.moneda === "COP" && each.estado === "aceptado");
  if (!found.length) return null;
  const documentos = found.reduce((sum, each) => sum + each.documentos, 0);
  const amounts = Object.fromEntries(["subtotal", "iva", "total"].map((name) => [name, net(sums, kinds, name)]));
  return { titulo, estado: "aceptado", moneda: "COP", documentos, ...amounts };
}

function taxes(found, caption, empty) {
  const rate = (row) => (row.porcentaje === null ? `${money(row.valor_unitario)} por unidad`
    : `${String(row.porcentaje).replace(".", ",")} ${["03", "07"].includes(row.codigo) ? "‰" : "%"}`);
  return table(caption, [
    { title: "Impuesto", main: true, cell: (row) => row.nombre || row.codigo },
    { title: "Tarifa", figure: true, cell: rate },
    { title: "En", cell: (row) => KINDS_MANY[row.tipo_documento] },
    { title: "Documentos", figure: true, cell: (row) => count(row.documentos) },
    { title: "Base", figure: true, cell: (row) => money(sign(row) * row.base, row.moneda) },
    { title: "Valor", figure: true, cell: (row) => money(sign(row) * row.valor, row.moneda) },
  ], [...found].sort((a, b) => a.codigo.localeCompare(b.codigo) || byKind(a, b)), empty);
}

function toReview(whole) {
  const shown = whole.por_revisar.slice(0, MOST_ROWS);
  return [
    table("Documentos del mes que no están aceptados", [
      { title: "Número", main: true, cell: (row) => documentLink(row.tracking_id, row.numero_completo || "Sin número") },
      { title: "Tipo", cell: (row) => KINDS[row.tipo_documento] },
      { title: "Fecha", cell: (row) => day(row.fecha_emision) },
      { title: "Estado", cell: (row) => state(row.estado) },
      { title: "Por qué", cell: why },
    ], shown, "Todos los documentos del mes están aceptados."),
    more(whole.por_revisar.length + whole.mas - shown.length, "CSV"),
  ];
}

function why(row) {
  const [first] = row.rechazos;
  if (!first) return row.porque;
  return [first.regla && [docs(`reglas/${encodeURIComponent(first.regla)}`, first.regla), " "], first.mensaje];
}

function numbers(whole) {
  const shown = whole.numeros.slice(0, MOST_ROWS);
  return [
    table("Números entre los usados que ningún documento válido tiene", [
      { title: "Números", main: true, cell: (row) => span(row) },
      { title: "Tipo", cell: (row) => KINDS[row.tipo_documento] },
      { title: "Cuántos", figure: true, cell: (row) => count(row.cantidad) },
      { title: "Por qué", cell: (row) => [row.porque, row.tracking_id && [" ", documentLink(row.tracking_id, "Ver el documento")]] },
    ], shown, "La numeración no tiene saltos."),
    more(whole.numeros.length + whole.numeros_mas - shown.length, "ZIP de tablas"),
  ];
}

const span = (row) => (row.desde === row.hasta ? `${row.prefijo}${row.desde}` : `${row.prefijo}${row.desde} a ${row.prefijo}${row.hasta}`);
const more = (n, where) => n > 0 && h("p", { class: "menor" }, `Y ${count(n)} más${where ? `, que están en el ${where}` : ""}.`);

function files(month, signal) {
  const said = h("div", { "aria-live": "polite" });
  const tell = (text) => said.replaceChildren(h("p", {}, text));
  const button = (text, work) => {
    const made = h("button", { type: "button" }, text);
    made.addEventListener("click", async () => {
      made.disabled = true;
      tell("Preparando el archivo…");
      try {
        tell((await work()) || "Listo: el archivo está en sus descargas.");
      } catch (error) {
        if (!signal.aborted) said.replaceChildren(trouble(error instanceof Problem ? error : new Problem(-1, {})));
      } finally {
        made.disabled = false;
      }
    });
    return made;
  };
  const csv = async () => {
    const texts = await parts(`cierre/${month}`, "text/csv", signal, (each) => each.text());
    const [first, ...rest] = texts;
    const rows = rest.map((text) => text.slice(text.indexOf("\r\n") + 2));
    save(new Blob(["\ufeff", first.replace(/^\ufeff/, ""), ...rows], { type: "text/csv" }), `cierre-${month}.csv`);
  };
  const tables = async () => {
    const blobs = await parts(`cierre/${month}`, "application/zip", signal, (each) => each.blob());
    blobs.forEach((blob, n) => save(blob, `cierre-${month}${blobs.length > 1 ? `-parte-${n + 1}` : ""}.zip`));
  };
  const documents = (pdf) => async () => {
    const { Zip } = await import("./zip.js");
    const made = [];
    await parts(`cierre/${month}/archivos${query({ pdf })}`, "application/zip", signal, async (each) => {
      if (!made.length || made.at(-1).isFull) made.push(new Zip());
      made.at(-1).add(await each.arrayBuffer());
      tell(`Van ${plural(made.reduce((sum, zip) => sum + zip.names.size, 0), "archivo", "archivos")}…`);
    });
    const names = made.flatMap((zip) => [...zip.names]);
    if (!names.length) return "Ningún documento del mes tiene validez: no hay qué descargar.";
    made.forEach((zip, n) => save(zip.blob(), `documentos-${month}${made.length > 1 ? `-parte-${n + 1}` : ""}.zip`));
    const absent = names.filter((name) => name.endsWith("-falta.txt")).length;
    return absent && `Listo, pero ${plural(absent, "documento no tiene", "documentos no tienen")} su XML en el archivo: en su lugar va una nota que dice cómo pedirlo.`;
  };
  return h("section", { "aria-label": "Archivos del mes" },
    h("div", { class: "acciones" },
      button("Descargar CSV", csv),
      button("Tablas en ZIP", tables),
      button("XML de los documentos", documents(null)),
      button("XML y PDF", documents("1")),
      h("button", { type: "button", onclick: () => window.print() }, "Imprimir")),
    said);
}

// What is asked for in parts, by the header that leads from each to the next.
async function parts(path, accept, signal, taken) {
  const found = [];
  const [place] = path.split("?");
  for (let next = path; next; ) {
    const answer = await ask(next, { accept, signal });
    found.push(await taken(answer));
    const link = (answer.headers.get("Link") || "").match(/<[^>]*\?([^>]*)>; rel="next"/);
    next = link && `${place}?${link[1]}`;
  }
  return found;
}

// Ours against what each provider says it emitted. Asked for by a person: a provider answers a hundred rows at a time.
function compare(whole, month, signal) {
  const said = h("div", { "aria-live": "polite" });
  const work = async (event) => {
    const button = event.currentTarget;
    button.disabled = true;
    const tell = (text) => said.replaceChildren(h("p", {}, text));
    tell("Comparando…");
    try {
      said.replaceChildren(...(await compared(month, signal, tell)));
    } catch (error) {
      if (!signal.aborted) said.replaceChildren(trouble(error instanceof Problem ? error : new Problem(-1, {})));
    } finally {
      button.disabled = false;
    }
  };
  return h("section", {}, h("h2", {}, "Lo nuestro y lo del proveedor"),
    h("p", { class: "guia" }, "Compara los documentos del mes con los que el proveedor dice que emitió, uno a uno."),
    h("div", { class: "acciones" }, h("button", { type: "button", onclick: work }, "Comparar con el proveedor")), said);
}

const FINDINGS = { ajeno: "No está en Cauce", distinto: "No es igual", duplicado: "Está repetido", falta: "Falta" };

async function compared(month, signal, tell) {
  const ours = await accepted(month, signal);
  const findings = [];
  const told = [];
  for (const [pair, numbers] of ours) {
    const [proveedor, tipo_documento] = pair.split(" ");
    const name = `${KINDS_MANY[tipo_documento]} en ${provider(proveedor)}`;
    const seen = new Set();
    try {
      for (let offset = "0"; offset; ) {
        const page = await read(`cierre/${month}/conciliacion${query({ proveedor, tipo_documento, offset })}`, { signal });
        page.data.numeros.forEach((each) => seen.add(each));
        findings.push(...page.data.hallazgos.map((each) => ({ ...each, tipo_documento })));
        offset = page.meta.offset_siguiente === null ? null : String(page.meta.offset_siguiente);
        tell(`${name}: van ${count(seen.size)}…`);
      }
    } catch (error) {
      if (error.code !== "no_soportado") throw error;
      told.push(h("li", {}, `${name}: no da un listado. La respuesta de cada documento está en su evidencia.`));
      continue;
    }
    const absent = [...numbers].filter(([number]) => !seen.has(number));
    findings.push(...absent.map(([numero_completo, tracking_id]) => ({ numero_completo, tracking_id, tipo_documento, que: "falta", detalle: "está aceptado aquí y el proveedor no lo nombra" })));
    told.push(h("li", {}, `${name}: ${count(numbers.size)} aceptados aquí, ${count(seen.size)} del proveedor.`));
  }
  return [h("ul", {}, told), table("Lo que no coincide", [
    { title: "Número", main: true, cell: (row) => (row.tracking_id ? documentLink(row.tracking_id, row.numero_completo) : row.numero_completo) },
    { title: "Tipo", cell: (row) => KINDS[row.tipo_documento] },
    { title: "Qué", cell: (row) => FINDINGS[row.que] || row.que },
    { title: "Detalle", cell: (row) => row.detalle },
  ], findings.slice(0, MOST_ROWS), "Nada que revisar: todo lo que se pudo comparar coincide."), more(findings.length - MOST_ROWS)];
}

// The accepted numbers of the month with their ids, by provider and kind: from the CSV, which names each of them.
async function accepted(month, signal) {
  const found = new Map();
  for (const text of await parts(`cierre/${month}`, "text/csv", signal, (each) => each.text())) {
    const [head, ...lines] = cells(text.replace(/^\ufeff/, ""));
    const at = Object.fromEntries(head.map((name, n) => [name, n]));
    for (const row of lines) {
      if (row[at.estado] !== "aceptado" || !row[at.numero] || row[at.tipo_documento] === "evento") continue;
      const pair = `${row[at.proveedor]} ${row[at.tipo_documento]}`;
      if (!found.has(pair)) found.set(pair, new Map());
      found.get(pair).set(row[at.numero], row[at.tracking_id]);
    }
  }
  return found;
}

// The rows of a CSV.
function cells(text) {
  const rows = [];
  let row = [];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^;\r\n]*))(;|\r\n|$)/g)) {
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ";") continue;
    if (row.length > 1) rows.push(row);
    row = [];
  }
  return rows;
}
