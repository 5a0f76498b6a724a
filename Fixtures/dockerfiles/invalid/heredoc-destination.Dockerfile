FROM debian
COPY a <<EOF
x
EOF
COPY a <<'
RUN cat <<"E
