"""By hand, or from the newsroom: what is in quarantine, read again with today's code and landed as a run of its own.

Give **ids** as `ingest quarantine list` or the newsroom's page tells them. The name of whoever triggers it is kept with each.

**read** reads, cleans, resolves and lands what is good now; its log tells what came of each. Pink ("skipped") if all of it was
settled before or has landed meanwhile. Red if all of it is still bad; what is still bad beside good ones stays in quarantine.

**You were woken?** Nobody should be: what is in quarantine stays there, and clearing a red task is safe.

| `read` is red | means | do |
|---|---|---|
| *too-many-failed* | it is still bad | mend its bytes: docs/operations.md, Quarantine; or discard it |
| *not-stored*, *bad-config* | no such id, or nothing ever came; its source is no longer in the registry | trigger it with others |
| any other error | store or state database did not answer | clear it when they are back |
"""

from datetime import timedelta

from airflow.sdk import ExceptionRetryPolicy, Param, RetryAction, RetryRule, dag, task
from airflow.sdk.exceptions import AirflowSkipException

from ingest import pipeline
from ingest.airflow.assets import LANDED
from ingest.airflow.notifier import TellFailure, telling
from ingest.errors import BadConfig, Malformed, NotStored, TooManyFailed

RETRIES = ExceptionRetryPolicy(
    [
        RetryRule(error, RetryAction.FAIL, reason="it would be the same again")
        for error in (BadConfig, Malformed, NotStored, TooManyFailed)
    ]
)


@dag(
    schedule=None,
    catchup=False,
    max_active_runs=1,
    doc_md=__doc__,
    tags=["ingest"],
    on_failure_callback=TellFailure(),
    params={
        "ids": Param(
            type="array",
            items={"type": "string", "minLength": 4, "maxLength": 64},
            minItems=1,
            maxItems=1000,
            description="Ids of what is in quarantine; the beginning of one will do.",
        ),
    },
)
def read_again():
    @task(outlets=[LANDED], retries=2, retry_delay=timedelta(seconds=30), retry_policy=RETRIES)
    def read(params: dict, dag_run, *, outlet_events) -> dict:
        with telling("read_again"):
            landed = pipeline.read_again(dag_run.run_id, params["ids"], dag_run.triggering_user_name or "airflow")
            if not landed:
                raise AirflowSkipException("nothing has landed")
        outlet_events[LANDED].extra = landed
        return landed

    read()


read_again()
