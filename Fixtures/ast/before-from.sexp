(run "make")
(copy "a" "b")
(from "scratch")
