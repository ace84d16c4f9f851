// The console's frame: who is in, which page is shown, and what is said while it loads.

import { NO_CONNECTION, Problem, back, h, read, say, trouble, use } from "./util.js";

const PAGES = [
  ["documentos", "Documentos"],
  ["cierre", "Cierre del mes"],
  ["lotes", "Lotes"],
  ["numeracion", "Numeración"],
  ["novedades", "Novedades"],
  ["preparacion", "Preparación"],
];
// Pages of one thing have a file of their own.
const OF_ONE = { documentos: "documento", lotes: "lote" };

const main = document.getElementById("contenido");
const menu = document.getElementById("menu");
const session = document.getElementById("sesion");
let me = null;
let leaving = new AbortController();

// Where the address leads: a page's name, null where the address is cut off or was never one.
function place() {
  const [path, search] = location.hash.replace(/^#\/?/, "").split("?");
  const [name, ...rest] = (path || PAGES[0][0]).split("/");
  try {
    return { name, id: rest.length ? decodeURIComponent(rest.join("/")) : null, asked: new URLSearchParams(search) };
  } catch {
    return { name: null };
  }
}

async function show() {
  if (location.hash === "#contenido") return;
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  if (!me) {
    enter();
    return;
  }
  const { name, id, asked } = place();
  const found = PAGES.find(([each]) => each === name);
  for (const link of menu.querySelectorAll("a")) {
    const here = link.hash === `#/${name}`;
    if (here) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (!found || (id && !OF_ONE[name])) {
    put("Página desconocida", h("p", {}, "Esta página no existe. ", h("a", { href: "#/documentos" }, "Ver los documentos")));
    return;
  }
  main.setAttribute("aria-busy", "true");
  say(`Cargando ${found[1]}…`);
  const late = setTimeout(() => main.classList.add("cargando"), 150);
  try {
    const page = await loaded(id ? OF_ONE[name] : name);
    const [title, ...parts] = await page.show({ id, asked, me, signal });
    if (!signal.aborted) put(title, ...parts);
  } catch (error) {
    if (signal.aborted || error.name === "AbortError" || !me) return;
    const problem = error instanceof Problem ? error : new Problem(-1, {});
    if (problem !== error) console.error(error);
    put(found[1], trouble(problem, show), id && back(`#/${name}`, `Volver a ${found[1]}`));
  } finally {
    clearTimeout(late);
    if (!signal.aborted) {
      main.classList.remove("cargando");
      main.removeAttribute("aria-busy");
    }
  }
}

// A page's own code. A browser remembers that a file could not be fetched, so another try asks for it by another name.
const failures = new Map();

async function loaded(name) {
  const tries = failures.get(name) || 0;
  try {
    return await import(`./${name}.js${tries ? `?${tries}` : ""}`);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    failures.set(name, tries + 1);
    throw new Problem(0, { detail: NO_CONNECTION });
  }
}

function put(title, ...parts) {
  const heading = h("h1", { tabindex: "-1" }, title);
  main.replaceChildren(heading, ...parts.flat(Infinity).filter(Boolean));
  main.dataset.lugar = location.hash;
  document.title = `${heading.textContent} · Cauce`;
  say(heading.textContent);
  heading.focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

function enter(why = null) {
  menu.hidden = true;
  session.replaceChildren();
  const input = h("input", {
    name: "token", id: "token", type: "password", required: true, autocomplete: "off", spellcheck: "false",
    "aria-describedby": "token-pista", autocapitalize: "off",
  });
  const button = h("button", { type: "submit", class: "principal" }, "Entrar");
  const said = h("div", { "aria-live": "assertive" }, why && h("p", { class: "problema" }, why));
  const form = h(
    "form",
    { class: "entrada", onsubmit: (event) => { event.preventDefault(); sign(input, button, said); } },
    h("div", { class: "campo" }, h("label", { for: "token" }, "Token"), input,
      h("span", { class: "pista", id: "token-pista" },
        "Se lo da quien opera Cauce, con el alcance «leer» al menos. No se guarda: al recargar la página se pide otra vez.")),
    said,
    button,
  );
  main.removeAttribute("aria-busy");
  main.replaceChildren(h("h1", { tabindex: "-1" }, "Consola de facturación"),
    h("p", { class: "guia" }, "Vea sus documentos, qué dijo la DIAN de cada uno y el cierre de cada mes."), form);
  document.title = "Entrar · Cauce";
  input.focus();
}

async function sign(input, button, said) {
  button.disabled = true;
  button.textContent = "Entrando…";
  said.replaceChildren();
  use(input.value.trim(), leave);
  try {
    me = await read("me");
  } catch (error) {
    if (error instanceof Problem) said.replaceChildren(trouble(error));
    else throw error;
    input.focus();
    return;
  } finally {
    button.disabled = false;
    button.textContent = "Entrar";
  }
  input.value = "";
  const { tenant, ambiente } = me;
  session.replaceChildren(
    h("p", {}, h("strong", { title: tenant.razon_social }, tenant.razon_social), " ", h("span", { class: "nit" }, `NIT ${tenant.nit}-${tenant.dv}`), " ",
      h("span", { class: `ambiente ${ambiente}` }, ambiente === "produccion" ? "Producción" : "Habilitación")),
    h("button", { type: "button", onclick: () => leave() }, "Salir"),
  );
  menu.replaceChildren(h("ul", {}, PAGES.map(([name, text]) => h("li", {}, h("a", { href: `#/${name}` }, text)))));
  menu.hidden = false;
  show();
}

// Forget the token and all that was shown.
function leave(why) {
  if (!me && why === undefined) return;
  const wasIn = me !== null;
  me = null;
  use(null);
  if (wasIn) {
    leaving.abort();
    enter(why || null);
  }
}

document.querySelector(".salto").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
window.addEventListener("hashchange", show);
show();
