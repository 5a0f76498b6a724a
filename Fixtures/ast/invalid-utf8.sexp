(from "scratch")
(label "bytes" "���" "=")
(copy "\x80name" "/\xf0\x9f\x92/")
