"""By hand: articles or stories are removed from everything that landed, raw included, once a second look has approved it.

Give **ids** of articles or stories and the **reason**, which is kept in the audit log with the names of those who asked and approved.

**look** counts what would go and changes nothing · **approve** waits up to a week for a person: *Required Actions* on the task, or
in the menu under Browse. No answer is a no · **remove** takes it down: it waits for a run that is landing, and what was removed
never lands again. Rejected, it is pink ("skipped").

Who may answer is who may edit this DAG's required actions in Airflow. Ids alone are shown, with links to the newsroom: what
Airflow keeps of a run would outlive the takedown.

**You were woken?** A red `remove` is half a takedown: clear it, it goes on where it was. Until then nothing of it lands.

| red task | means | do |
|---|---|---|
| `look` | *not-stored*: no article and no story has such an id | trigger it with others |
| `remove` | *state-error*: another takedown is under way, or the database did not answer; or the store did not | clear it |

More: docs/governance.md.
"""

from datetime import timedelta

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import ExceptionRetryPolicy, Param, RetryAction, RetryRule, dag, task

from ingest import pipeline
from ingest.airflow.notifier import TellFailure, telling
from ingest.errors import NotStored

RETRIES = ExceptionRetryPolicy([RetryRule(NotStored, RetryAction.FAIL, reason="no such id")])


@dag(
    schedule=None,
    catchup=False,
    max_active_runs=1,
    doc_md=__doc__,
    tags=["ingest"],
    on_failure_callback=TellFailure(),
    default_args={"retries": 3, "retry_delay": timedelta(minutes=1), "retry_policy": RETRIES},
    params={
        "ids": Param(
            type="array",
            items={"type": "string", "pattern": "^[0-9a-f]{8,64}$"},
            minItems=1,
            maxItems=100,
            description="Ids of articles or stories.",
        ),
        "reason": Param(
            type="string", minLength=3, maxLength=500, description="Why: who asks for it, and on what ground."
        ),
    },
)
def takedown():
    @task
    def look(params: dict) -> str:
        return pipeline.look_at_takedown(params["ids"])

    approve = ApprovalOperator(
        task_id="approve",
        subject="Remove for good what {{ dag_run.triggering_user_name or 'somebody' }} wants taken down?",
        body="Reason: {{ params.reason }}\n\n{{ ti.xcom_pull(task_ids='look') }}",
        defaults=ApprovalOperator.REJECT,
        response_timeout=timedelta(days=7),
        retry_delay=timedelta(seconds=5),  # Airflow loses an answer given in the question's first second: it asks again
    )

    @task
    def remove(params: dict, dag_run, ti) -> dict:
        answer = ti.xcom_pull(task_ids="approve")
        by, approved_by = dag_run.triggering_user_name, answer["responded_by_user"]
        with telling("takedown"):
            return pipeline.take_down(params["ids"], params["reason"], by, approved_by)

    look() >> approve >> remove()


takedown()
