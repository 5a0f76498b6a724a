(from "scratch")
(cmd)
(entrypoint)
(run)
