ARG VERSION=1.0
FROM debian:${VERSION} AS base
MAINTAINER Ada <ada@example.org>
LABEL org.example.name="every" org.example.kind=fixture
ENV HOME=/home/app PATH=/opt/bin:$PATH
ARG BUILD
SHELL ["/bin/bash", "-e", "-c"]
RUN make
WORKDIR /app
ADD https://example.org/file.tar.gz /src/
COPY . .
VOLUME /data /cache
EXPOSE 80/tcp 8443
USER app:app
STOPSIGNAL SIGTERM
HEALTHCHECK CMD curl -f http://localhost/
ONBUILD COPY . /app
ENTRYPOINT ["/app/run"]
CMD ["--serve"]
