(from "scratch")
