FORM debian:12
FROM debian:12
COPPY a b
RUNN make
zzzzzzz
