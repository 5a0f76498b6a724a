FROM debian:12
ONBUILD RUN make
ONBUILD COPY --chown=1 . /app
ONBUILD ENV a=1 b=2
onbuild entrypoint ["x"]
ONBUILD RUN echo a \
  && echo b
