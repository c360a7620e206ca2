"""The routes, one module for each resource."""

from service.api.ogc import features, processes
from service.api.routes import datasets, drafts, jobs, plans, projects, server

ROUTERS = (
    server.router,
    projects.router,
    datasets.router,
    jobs.router,
    plans.router,
    drafts.router,
    processes.router,
    features.router,
)
"""In the order of the contract."""
