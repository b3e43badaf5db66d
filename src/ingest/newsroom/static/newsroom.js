"use strict";

const { airflow, root } = document.body.dataset; // where Airflow is, and where these pages are

// Light or dark as Airflow shows itself, where the page is a frame of it.
function followTheme() {
  if (window.parent === window) return;
  try {
    const above = window.parent.document.documentElement;
    const apply = () => {
      const dark = above.classList.contains("dark") || above.dataset.theme === "dark";
      document.documentElement.dataset.theme = dark ? "dark" : "light";
    };
    document.documentElement.dataset.framed = "";
    new MutationObserver(apply).observe(above, { attributes: true, attributeFilter: ["class", "data-theme", "style"] });
    apply();
  } catch {
    // a frame of somebody else's page: the system's own setting holds
  }
}

function tell(message, bad, ...more) {
  const told = document.getElementById("told");
  told.replaceChildren(message, ...more);
  told.classList.toggle("bad", Boolean(bad));
  told.scrollIntoView({ block: "nearest" });
}

function link(text, address, title) {
  const anchor = document.createElement("a");
  anchor.href = address;
  anchor.textContent = text;
  if (title) anchor.title = title;
  return anchor;
}

// The header is what other sites' pages cannot send: see guards.py.
async function send(address, body, json) {
  const headers = { "X-Newsroom": "1", Accept: "application/json" };
  if (json) headers["Content-Type"] = "application/json";
  const answer = await fetch(address, { method: "POST", headers, body, credentials: "same-origin" });
  const said = await answer.json().catch(() => ({}));
  if (answer.status === 401) throw new Error("Your login has ended. Reload the page.");
  if (answer.status === 403) throw new Error("You may look, but not change this.");
  if (!answer.ok) throw new Error(typeof said.detail === "string" ? said.detail : `It answered ${answer.status}.`);
  return said;
}

// Not disabled, or the keyboard would lose its place.
async function during(button, work) {
  if (button.hasAttribute("aria-busy")) return;
  button.setAttribute("aria-busy", "true");
  try {
    await work();
  } catch (error) {
    tell(error.message, true);
  } finally {
    button.removeAttribute("aria-busy");
  }
}

function show(list, lines) {
  list.replaceChildren(
    ...lines.map((line) => {
      const item = document.createElement("li");
      const gone = document.createElement("del");
      gone.textContent = line.text;
      item.append(gone, ` in ${line.articles}`);
      return item;
    }),
  );
}

async function change(form, button) {
  const address = button.hasAttribute("formaction") ? button.formAction : form.action;
  const fields = new FormData(form);
  const said = await send(address, form.enctype === "multipart/form-data" ? fields : new URLSearchParams(fields));
  tell(said.message);
  if (button.dataset.list) show(document.getElementById(button.dataset.list), said.lines);
  else window.setTimeout(() => window.location.reload(), 1200);
}

// Starts a DAG run, with the form's fields in its conf, and tells how it ends if that is soon.
async function trigger(form) {
  const { dag, conf, then = "" } = form.dataset;
  const runs = `/dags/${dag}/dagRuns`;
  const asked = { logical_date: null, conf: { ...JSON.parse(conf), ...Object.fromEntries(new FormData(form)) } };
  const { dag_run_id: id } = await send(`${airflow}/api/v2${runs}`, JSON.stringify(asked), true);
  const there = link("See it in Airflow", `${airflow}/dags/${dag}/runs/${encodeURIComponent(id)}`);
  tell(`The DAG run ${id} has been asked for. ${then} `, false, there);
  for (let looks = 0; looks < 60; looks++) {
    await new Promise((resolve) => window.setTimeout(resolve, 2000));
    const { state } = await get(`${runs}/${encodeURIComponent(id)}`);
    if (state !== "success" && state !== "failed") continue;
    tell(`The DAG run ${id} has ended: ${state}. `, state === "failed", there, " ", link("Show this page anew", window.location.href));
    return;
  }
}

async function get(path) {
  return (await fetch(`${airflow}/api/v2${path}`)).json();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!("action" in form.dataset || "dag" in form.dataset)) return;
  event.preventDefault();
  const button = event.submitter || form.querySelector("button");
  if (form.dataset.ask) {
    // twice is a yes: a frame of Airflow's may not open a dialog
    tell(form.dataset.ask);
    button.textContent = `Yes, ${button.textContent.toLowerCase()}`;
    delete form.dataset.ask;
    return;
  }
  during(button, () => ("dag" in form.dataset ? trigger(form) : change(form, button)));
});

// Back to Airflow: the DAG run that made a run, and its tasks' logs. Empty for one made by hand, or without the right.
async function linkBack(place) {
  const slug = (id) => id.replaceAll("+00:00", "Z").replaceAll("__", "-").replace(/[^\p{L}\p{N}._-]/gu, "-");
  const { dag, run: name } = place.dataset;
  const runs = `/dags/${dag}/dagRuns`;
  const like = name.replace(/\.\d{1,3}$/, "").replace(/[-Z]/g, "%"); // the number is of one that was cleared
  const found = await get(`${runs}?limit=20&order_by=-run_after&run_id_pattern=${encodeURIComponent(like)}`);
  const run = found.dag_runs?.find(({ dag_run_id: id }) => slug(id) === name || name.startsWith(`${slug(id)}.`));
  if (!run) return;
  const id = encodeURIComponent(run.dag_run_id);
  const tasks = (await get(`${runs}/${id}/taskInstances?limit=100&order_by=start_date`)).task_instances ?? [];
  const at = `${airflow}/dags/${dag}/runs/${id}`;
  const logs = tasks.map((task) => {
    const mapped = task.map_index < 0 ? "" : `/mapped/${task.map_index}`;
    const shown = task.map_index < 0 ? task.task_id : `${task.task_id} ${task.rendered_map_index ?? task.map_index}`;
    return link(shown, `${at}/tasks/${task.task_id}${mapped}`, task.state);
  });
  place.replaceChildren("In Airflow: ", link("DAG run", at, run.state), " · logs of ", ...logs.flatMap((one) => [one, " "]));
  place.hidden = false;
}

// A frame of Airflow's may not navigate what it is in; a link of the page above may.
document.addEventListener("click", (event) => {
  const anchor = event.target.closest("a[href]");
  if (!anchor || anchor.pathname.startsWith(`${root}/`)) return;
  if (window.parent === window || event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  const above = window.parent.document.createElement("a");
  above.href = anchor.href;
  above.click();
});

// A click on a column's name sorts by it, another one the other way round. Figures begin with the highest.
const inOrder = new Intl.Collator("en", { numeric: true }).compare;

function makeSortable(table) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const before = head.getAttribute("aria-sort");
      const down = before ? before === "ascending" : head.classList.contains("n");
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = [...table.tBodies[0].rows].map((row) => [valueOf(row.cells[place]), row]);
      rows.sort(([one], [other]) => (down ? inOrder(other, one) : inOrder(one, other)));
      table.tBodies[0].append(...rows.map(([, row]) => row));
    });
  });
}

function valueOf(cell) {
  return cell.dataset.value ?? cell.querySelector("time")?.dateTime ?? cell.textContent.trim().replaceAll(",", "");
}

followTheme();
document.querySelectorAll("table[data-sortable]").forEach(makeSortable);
document.querySelectorAll("nav[data-dag]").forEach((place) => linkBack(place).catch(() => {}));
if (document.querySelector("[data-refresh]")) window.setTimeout(() => window.location.reload(), 10000);
