(from "debian:12")
(run ["--network=none"] "--not-a-flag")
(cmd "x")
