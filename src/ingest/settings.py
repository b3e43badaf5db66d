"""Settings, from the environment (INGEST_*). Read once at the edge (CLI, DAG) and passed down.

S3 credentials come from the usual AWS_* variables, an instance role, or an Airflow connection, never from here.
"""

import os
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from ingest.errors import BadConfig


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="INGEST_", frozen=True, extra="ignore")

    sources: Path = Field(Path("sources.toml"), description="The registry of sources.")
    store: str = Field("data/store", description="Where articles land: a directory, file:///… or s3://bucket/prefix.")
    state: str = Field("sqlite:///data/state.db", description="SQLAlchemy URL of the state database.")
    s3_endpoint: str | None = Field(None, description="An S3 server other than AWS, such as http://minio:9000.")
    allow_nets: str = Field("", description="Private networks that may be fetched from, comma-separated CIDRs.")
    user_agent: str = Field("syndication-ingest/0.1 (+{contact})", description="{contact} is replaced.")
    contact: str = Field("https://example.org/bot", description="URL or address a publisher can reach you at.")
    shards: int = Field(4, ge=1, le=64, description="Parallel shards a run is split into.")
    fetch_concurrency: int = Field(128, ge=1, le=1024, description="Hosts asked at once in a shard.")
    host_delay_s: float = Field(1.0, ge=0, description="Pause between two requests to one host.")
    websub_callback: str | None = Field(None, description="Where hubs reach `ingest websub`, as they see it.")
    websub_key: SecretStr | None = Field(None, description="A secret that the secrets for hubs are made from.")
    notice_hooks: SecretStr | None = Field(None, description="Webhooks told of each commit, comma-separated URLs.")
    notice_key: SecretStr | None = Field(None, description="A secret that webhooks check notices with.")
    step_cpu_s: float = Field(60, gt=0, description="Processor time to read one payload, page or item; else `hung`.")
    step_memory_mb: int = Field(1024, ge=16, description="Memory to read one of them; else `out-of-memory`.")
    alerts: SecretStr | None = Field(None, description="Channels for alerts, comma-separated: see docs/alerts.md.")
    smtp: SecretStr | None = Field(None, description="The server for mail: smtp://user:password@host:587, smtps://….")
    alert_late_h: float = Field(26.0, gt=0, description="Hours without a landing that are an alert.")
    alert_kill_min: float = Field(15.0, gt=0, description="Minutes until a kill that no webhook took is an alert.")
    deadline_h: float = Field(3.0, gt=0, description="Hours after which a nightly run is late.")
    ui_url: str = Field("", description="Where people open Airflow, for links in alerts.")
    runbooks: str = Field("docs/operations.md", description="Where that page is published, for links in alerts.")
    max_failed_ratio: float = Field(0.5, ge=0, le=1, description="A run in which more of its sources fail is red.")
    keep_raw_days: int = Field(90, ge=1, description="Retention of the raw archive.")
    index_days: int = Field(30, ge=1, description="How long a story can be joined by new copies.")

    @property
    def ui(self) -> str:
        """INGEST_UI_URL, else what Airflow says of itself."""
        return self.ui_url or os.environ.get("AIRFLOW__API__BASE_URL", "")

    @property
    def agent(self) -> str:
        return self.user_agent.replace("{contact}", self.contact)


def load_settings() -> Settings:
    """Settings from the environment. Raises BadConfig that names the variable."""
    try:
        return Settings()
    except ValidationError as e:
        first = e.errors()[0]
        name = "INGEST_" + "_".join(str(part) for part in first["loc"]).upper()
        raise BadConfig(name, first["msg"], "see docs/operations.md, Settings") from e
