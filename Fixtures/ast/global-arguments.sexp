(arg "A")
(arg "B=$A")
(from "scratch")
(arg "A")
