# docs/deploy.md says how to run it. The Python is the one that CI tests with.
FROM python:3.11-slim AS build
ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_CACHE=1
WORKDIR /src
COPY requirements.lock requirements-dev.lock ./
RUN pip install --no-cache-dir "$(grep -o '^uv==[0-9.]*' requirements-dev.lock)" \
    && uv venv /opt/trailwarden \
    && uv pip sync --python /opt/trailwarden --require-hashes requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY handlers handlers
COPY config config
RUN uv build --wheel --build-constraints requirements-dev.lock --require-hashes --out-dir /dist \
    && uv pip install --python /opt/trailwarden --no-deps /dist/*.whl
# Such as otel. Its packages are held to the hashes of the lock too.
ARG EXTRAS=""
RUN [ -z "$EXTRAS" ] || uv pip install --python /opt/trailwarden --constraints requirements-dev.lock \
    "trailwarden[$EXTRAS] @ file://$(echo /dist/*.whl)"

FROM python:3.11-slim
RUN useradd --system --uid 10001 --no-create-home trailwarden \
    && install --directory --owner trailwarden /data
COPY --from=build /opt/trailwarden /opt/trailwarden
ENV PATH=/opt/trailwarden/bin:$PATH PORT=8080 PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 MPLCONFIGDIR=/tmp/matplotlib
# Of glibc: two heaps for all threads, not eight a core (docs/operations.md).
ENV MALLOC_ARENA_MAX=2
USER 10001
WORKDIR /data
# All that is ever written to: a SQLite file, if there is no DATABASE_URL, and the picture's fonts.
VOLUME ["/data", "/tmp"]
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python", "-c", "import http.client, os; c = http.client.HTTPConnection('127.0.0.1', int(os.environ['PORT']), timeout=4); c.request('GET', '/healthz'); exit(c.getresponse().status != 200)"]
ENTRYPOINT ["trailwarden"]
CMD ["serve"]
