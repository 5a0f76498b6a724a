(from "debian:12")
(run "echo done")
