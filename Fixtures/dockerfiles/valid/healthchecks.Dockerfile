FROM debian:12
HEALTHCHECK NONE
HEALTHCHECK --interval=1.5h CMD /check
healthcheck cmd ["/check", "now"]
HEALTHCHECK --retries=0 --timeout=0 CMD exit 0
