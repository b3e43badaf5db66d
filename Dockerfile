# One image for every part: scheduler, API server, DAG processor, triggerer, workers, and the `ingest` command.
# For a build that is the same in every bit, add the digest: python:3.12.14-slim-bookworm@sha256:…
FROM python:3.12.14-slim-bookworm AS build
WORKDIR /app
COPY .ci/bootstrap.txt .ci/requirements-deploy.txt ./.ci/
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --require-hashes -r .ci/bootstrap.txt \
 && /venv/bin/uv pip install --no-cache --compile-bytecode --python /venv/bin/python --require-hashes -r .ci/requirements-deploy.txt
COPY pyproject.toml README.md LICENSE ./
COPY src ./src
RUN /venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.12.14-slim-bookworm
LABEL org.opencontainers.image.title="syndication-ingest" \
      org.opencontainers.image.description="Airflow with the syndication ingestion pipeline" \
      org.opencontainers.image.licenses="Apache-2.0"
# Group 0 may do what the user may, so that any other user id works too (compose's INGEST_UID, OpenShift).
# /entrypoint: the official chart's probes call it, as the official image has it.
RUN useradd --create-home --uid 50000 --gid 0 ingest \
 && mkdir -p /opt/airflow /opt/ingest/registry /opt/ingest/logs \
 && chown -R 50000:0 /opt/airflow /opt/ingest \
 && chmod -R g=u /opt/airflow /opt/ingest \
 && printf '#!/bin/sh\nexec "$@"\n' > /entrypoint && chmod 755 /entrypoint
COPY --from=build /venv /venv
COPY dags /opt/ingest/dags
COPY plugins /opt/ingest/plugins
ENV PATH=/venv/bin:$PATH \
    HOME=/opt/airflow \
    AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/ingest/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/ingest/plugins \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    AIRFLOW__USAGE_DATA_COLLECTION__ENABLED=False \
    INGEST_SOURCES=/opt/ingest/registry/sources.toml \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 50000
WORKDIR /opt/airflow
ENTRYPOINT ["/entrypoint"]
CMD ["airflow", "version"]
