# The gateway as one image: built in one stage, run in another that holds neither compiler nor package index.
#
#   docker build -t qingting .
#   docker run -p 8080:8080 -v qingting:/var/lib/qingting qingting

FROM python:3.12-slim AS build
WORKDIR /src
RUN python -m venv /opt/qingting
# what is needed changes more rarely than the code: its layer is kept between builds
COPY requirements.txt ./
RUN /opt/qingting/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY gateway gateway
COPY channels channels
COPY dialogue dialogue
COPY case_store case_store
RUN /opt/qingting/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation . \
    && /opt/qingting/bin/python -m compileall -q /opt/qingting/lib

FROM python:3.12-slim
# a fixed number, so that volumes keep their owner over new images
RUN useradd --system --uid 10001 --home-dir /var/lib/qingting --create-home --shell /usr/sbin/nologin qingting \
    && chmod 700 /var/lib/qingting
COPY --from=build /opt/qingting /opt/qingting
ENV PATH=/opt/qingting/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    QINGTING_DATA_DIR=/var/lib/qingting \
    QINGTING_HTTP=0.0.0.0:8080 \
    QINGTING_SMTP=0.0.0.0:8025 \
    QINGTING_LOG=json
USER qingting
WORKDIR /var/lib/qingting
VOLUME /var/lib/qingting
EXPOSE 8080 8025
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/readyz', timeout=4)"]
# SIGTERM ends it in order: turns under way are finished, everything else waits in the store
STOPSIGNAL SIGTERM
ENTRYPOINT ["qingting"]
CMD ["serve"]
