# The service as an image; how it is run: docs/deployment.md.

# The page is built on the way: Node comes as a Python package.
FROM python:3.11-slim AS build
WORKDIR /src
COPY pyproject.toml requirements.lock hatch_build.py README.md LICENSE ./
COPY partitioner partitioner
COPY service service
RUN python -m venv /opt/wangge \
 && /opt/wangge/bin/pip install --no-cache-dir --constraint requirements.lock .
# What is compiled on first use, once and for all; -P, so that it is compiled beside what is installed.
RUN /opt/wangge/bin/python -P -c 'from partitioner.redraw.warming import ready; ready()'

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/wangge --create-home wangge
COPY --from=build /opt/wangge /opt/wangge
ENV PATH=/opt/wangge/bin:$PATH \
    WANGGE_DATA_DIR=/var/lib/wangge/data
USER wangge
WORKDIR /var/lib/wangge
VOLUME /var/lib/wangge
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health', timeout=8)"]
ENTRYPOINT ["wangge"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
