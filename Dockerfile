# One image for every part: scheduler, API server, DAG processor, triggerer, workers, and the `ingest` command.
FROM python:3.12-slim AS build
WORKDIR /app
COPY .ci/bootstrap.txt .ci/requirements-deploy.txt ./.ci/
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --require-hashes -r .ci/bootstrap.txt \
 && /venv/bin/uv pip install --no-cache --python /venv/bin/python --require-hashes -r .ci/requirements-deploy.txt
COPY pyproject.toml README.md LICENSE ./
COPY src ./src
RUN /venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.12-slim
RUN useradd --create-home --uid 50000 ingest && mkdir -p /opt/airflow/logs && chown -R ingest /opt/airflow
COPY --from=build /venv /venv
COPY dags /opt/airflow/dags
COPY plugins /opt/airflow/plugins
ENV PATH=/venv/bin:$PATH \
    AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    PYTHONUNBUFFERED=1
USER ingest
WORKDIR /opt/airflow
ENTRYPOINT ["airflow"]
