(from "node:20")
(expose)
(copy "3000")
(workdir)
