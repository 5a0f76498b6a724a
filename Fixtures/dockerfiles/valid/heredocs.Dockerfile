FROM debian:12
RUN <<EOF
apt-get update
apt-get install -y curl
EOF
RUN <<-EOF
	indented
		more
	EOF
RUN python3 <<'PY' && sh <<"SH"
print("$not expanded")
PY
echo done
SH
COPY <<a.txt <<b.txt /files/
first $HOME
a.txt
second
b.txt
ADD <<config /etc/config
key = value
config
ONBUILD RUN <<EOF
later
EOF
RUN 3<<EOF cat <&3
three
EOF
COPY <<"quoted-name" /q
body
quoted-name
