# syntax=docker/dockerfile:1

ARG GO_VERSION=1.22
ARG BASE=debian:12

# The compiler.
FROM --platform=$BUILDPLATFORM golang:${GO_VERSION} AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
RUN --mount=type=cache,target=/root/.cache/go-build go build -o /out/server ./cmd/server

FROM ${BASE} AS Runtime
COPY --from=build --chown=1000:1000 /out/server /usr/local/bin/server
USER 1000
ENTRYPOINT ["/usr/local/bin/server"]

FROM runtime
CMD ["--help"]
