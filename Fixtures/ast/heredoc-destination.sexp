(from "debian")
(copy "a" "<<EOF")
(copy "a" "<<'")
(run "cat <<\"E")
