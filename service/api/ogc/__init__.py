"""The face that GIS programs know: OGC API Features (Parts 1 and 2, read only) of plans, and Processes on the jobs."""
