"""From settings and a seed to a county town: streets, compounds, buildings, communities, ledgers."""
