"""A small typed client of the service: projects, datasets, jobs, files."""

from service.client.client import Client
from service.client.failures import ClientError, Refused, Unreachable
from service.client.values import Dataset, Job, OutputFile, Plan, Project, Session

__all__ = [
    "Client",
    "ClientError",
    "Dataset",
    "Job",
    "OutputFile",
    "Plan",
    "Project",
    "Refused",
    "Session",
    "Unreachable",
]
