(from "debian:12")
(run "echo  a\t b")
(copy "a" "b" "/c")
