RUN make
COPY a b
FROM scratch
