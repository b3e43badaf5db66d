"use strict";

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

function tell(message, bad) {
  const told = document.getElementById("told");
  told.textContent = message;
  told.classList.toggle("bad", Boolean(bad));
  told.scrollIntoView({ block: "nearest" });
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

async function during(button, work) {
  button.setAttribute("aria-busy", "true");
  button.disabled = true;
  try {
    await work();
  } catch (error) {
    tell(error.message, true);
  } finally {
    button.removeAttribute("aria-busy");
    button.disabled = false;
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

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!("action" in form.dataset)) return;
  event.preventDefault();
  const button = event.submitter || form.querySelector("button");
  if (form.dataset.ask) {
    // twice is a yes: a frame of Airflow's may not open a dialog
    tell(form.dataset.ask);
    button.textContent = `Yes, ${button.textContent.toLowerCase()}`;
    delete form.dataset.ask;
    return;
  }
  during(button, async () => {
    const address = button.hasAttribute("formaction") ? button.formAction : form.action;
    const fields = new FormData(form);
    const said = await send(address, form.enctype === "multipart/form-data" ? fields : new URLSearchParams(fields));
    tell(said.message);
    if (button.dataset.list) show(document.getElementById(button.dataset.list), said.lines);
    else window.setTimeout(() => window.location.reload(), 1200);
  });
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-trigger]");
  if (!button) return;
  during(button, async () => {
    const address = `${document.body.dataset.airflow}/api/v2/dags/syndication/dagRuns`;
    const conf = { sources: [button.dataset.trigger], force: true };
    const run = await send(address, JSON.stringify({ logical_date: null, conf }), true);
    tell(`The DAG run ${run.dag_run_id} has been asked for.`);
  });
});

// Back to Airflow: the DAG run that made a run, and its tasks' logs. Empty for one made by hand, or without the right.
async function linkBack(place) {
  const slug = (id) => id.replaceAll("+00:00", "Z").replaceAll("__", "-").replace(/[^\p{L}\p{N}._-]/gu, "-");
  const { dag, run: name } = place.dataset;
  const get = async (path) => (await fetch(`${document.body.dataset.airflow}/api/v2/dags/${dag}/dagRuns${path}`)).json();
  const like = name.replace(/\.\d{1,3}$/, "").replace(/[-Z]/g, "%"); // the number is of one that was cleared
  const found = await get(`?limit=20&order_by=-run_after&run_id_pattern=${encodeURIComponent(like)}`);
  const run = found.dag_runs?.find(({ dag_run_id: id }) => slug(id) === name || name.startsWith(`${slug(id)}.`));
  if (!run) return;
  const id = encodeURIComponent(run.dag_run_id);
  const tasks = (await get(`/${id}/taskInstances?limit=100&order_by=start_date`)).task_instances ?? [];
  const link = (text, path, state) => {
    const anchor = document.createElement("a");
    anchor.href = `${document.body.dataset.airflow}/dags/${dag}/runs/${id}${path}`;
    anchor.textContent = text;
    if (state) anchor.title = state;
    return anchor;
  };
  const logs = tasks.map((task) => {
    const mapped = task.map_index < 0 ? "" : `/mapped/${task.map_index}`;
    const shown = task.map_index < 0 ? task.task_id : `${task.task_id} ${task.rendered_map_index ?? task.map_index}`;
    return link(shown, `/tasks/${task.task_id}${mapped}`, task.state);
  });
  place.replaceChildren("In Airflow: ", link("DAG run", "", run.state), " · logs of ", ...logs.flatMap((one) => [one, " "]));
  place.hidden = false;
}

// A frame of Airflow's may not navigate what it is in; a link of the page above may.
document.addEventListener("click", (event) => {
  const anchor = event.target.closest("nav.airflow a");
  if (!anchor || window.parent === window || event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  const above = window.parent.document.createElement("a");
  above.href = anchor.href;
  above.click();
});

followTheme();
document.querySelectorAll("nav[data-dag]").forEach((place) => linkBack(place).catch(() => {}));
if (document.querySelector("[data-refresh]")) window.setTimeout(() => window.location.reload(), 10000);
