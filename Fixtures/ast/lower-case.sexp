(from "debian:12" "as" "Base")
(run "echo hi")
(copy "a" "b")
(env "A" "1" "=")
