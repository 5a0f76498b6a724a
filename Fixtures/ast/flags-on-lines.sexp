(from "debian:12")
(run ["--mount=type=cache,target=/c" "--network=none"] "make")
(copy ["--link"] "a" "b")
