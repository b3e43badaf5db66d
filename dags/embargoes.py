"""Every minute: stories whose embargo has ended are told of, each once, by an event of the **released_articles** asset.

An article under embargo lands at once, and readers do not see it before its time (`ingest embargoes` lists what waits). Nothing
is written to the table when that time comes; who works on events instead of asking has its ids in the event of **release**, under
`articles`. Pink ("skipped") when no embargo has ended. After an outage, what ended in the last seven days is told.

**You were woken?** A red `release`: the store or the state database did not answer. The next minute asks again; nothing is lost.
"""

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, dag, task
from airflow.sdk.exceptions import AirflowSkipException

from ingest import pipeline
from ingest.airflow.assets import RELEASED
from ingest.airflow.notifier import TellFailure, telling


@dag(
    schedule=CronTriggerTimetable("* * * * *", timezone="UTC", run_immediately=False),
    catchup=False,  # the next look tells of all that ended since
    max_active_runs=1,
    doc_md=__doc__,
    tags=["ingest"],
    on_failure_callback=TellFailure(),
)
def embargoes():
    # tried again by itself: what a look has found is its own to tell, and no other's
    @task(outlets=[RELEASED], retries=5, retry_delay=timedelta(seconds=10), execution_timeout=timedelta(minutes=5))
    def release(dag_run, *, outlet_events) -> list[str]:
        with telling("embargoes"):
            articles = pipeline.release_embargoes(dag_run.run_id)
        if not articles:
            raise AirflowSkipException("no embargo has ended")
        outlet_events[RELEASED].extra = {"articles": articles}
        return articles

    release()


embargoes()
