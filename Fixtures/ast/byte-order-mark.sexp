(from "scratch")
(copy "a" "/a")
