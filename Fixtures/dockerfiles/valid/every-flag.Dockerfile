FROM --platform=linux/amd64 debian:12
RUN --mount=type=bind,target=/m --mount=type=tmpfs,target=/t,size=64m --network=none --security=insecure --device=vendor/dev true
COPY --from=0 --chown=1:2 --chmod=0644 --link --parents --exclude=*.md --exclude=docs a b /c/
ADD --checksum=sha256:00 --chown=1 --chmod=755 --link=false --keep-git-dir=true --unpack=false --exclude=x https://example.org/a /b
HEALTHCHECK --interval=1m30s --timeout=5s --start-period=1h --start-interval=500ms --retries=3 CMD true
