"""The routes, one module for each resource."""

from service.api.routes import datasets, drafts, jobs, plans, projects, server

ROUTERS = (server.router, projects.router, datasets.router, jobs.router, plans.router, drafts.router)
"""In the order of the contract."""
