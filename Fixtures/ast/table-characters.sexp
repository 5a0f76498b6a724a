(from "scratch")
(run "echo `a` | tr a-z A-Z || ``b``")
