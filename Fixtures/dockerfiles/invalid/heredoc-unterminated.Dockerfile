FROM debian
RUN <<EOF
echo a
COPY a b
RUN echo after
