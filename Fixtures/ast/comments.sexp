(from "debian:12")
(run "echo # not a comment")
(copy "a" "/#b")
