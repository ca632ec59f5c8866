"""Puts the stages together; the only folder that knows Airflow."""
