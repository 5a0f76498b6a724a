(from "scratch")
(label "zero" "\"a\x00b\"" "=")
(env "Z" "\x00" "=")
