(from "debian:12")
(run "echo one   && echo two")
(cmd "/bin/sh")
