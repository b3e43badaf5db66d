"""What the DAGs and the plugin need of ours inside Airflow. Nothing else of `ingest` knows that there is an Airflow."""
