(from "debian:12")
(run "echo a")
(cmd "b")
