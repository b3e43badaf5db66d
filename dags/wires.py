"""Every few minutes: the wires (`wire = true` in sources.toml) that are due, from their transport to the table.

One small task a poll, pink ("skipped") when nothing was new; nothing waits in a worker between two polls. Two polls never run
at once; after an outage the next one takes all that was sent meanwhile, in the order of its versions. A kill or a
correction is a new version in the table, and in the event of the **landed_articles** asset, when the poll ends.

**You were woken?** A red `poll`: too many wires failed, and nothing landed. Its log names every fault and what to do. What failed stays
due and the next poll asks again, so a single red square needs nobody. Red for an hour: docs/operations.md.
"""

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, dag, task

from ingest import pipeline
from ingest.airflow.assets import LANDED
from ingest.airflow.deadline import late_after
from ingest.airflow.landed import announce
from ingest.airflow.notifier import TellFailure, telling
from ingest.airflow.telemetry import send_metrics


@dag(
    schedule=CronTriggerTimetable("*/5 * * * *", timezone="UTC", run_immediately=False),
    catchup=False,  # a missed poll is no loss: transports remember where they were
    max_active_runs=1,
    doc_md=__doc__,
    tags=["ingest"],
    on_failure_callback=TellFailure(),
    deadline=late_after("wires", timedelta(hours=1)),
)
def wires():
    # news first: what waits for a free place in a worker waits behind it
    @task(outlets=[LANDED], priority_weight=100, execution_timeout=timedelta(minutes=30))
    def poll(dag_run, *, outlet_events) -> dict:
        with telling("wires"):
            landed = pipeline.poll_wires(dag_run.run_id, tell=send_metrics)
        return announce(landed, outlet_events)

    poll()


wires()
