FROM debian:12
ENV simple=1
ENV one=a two="b c" three='d e' four=f\ g
ENV legacy the rest  of the line
ENV quoted "a b"
ENV k = v
LABEL "a key"=value l2='x'
LABEL legacy label value
ARG A B=1 C="two words"
ENV empty= next=x
ENV a=1 \
    b=2
