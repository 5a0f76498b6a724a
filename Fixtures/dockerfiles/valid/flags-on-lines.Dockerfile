FROM debian:12
RUN --mount=type=cache,\
target=/c \
  --network=none \
  make
COPY \
  --link \
  a b
