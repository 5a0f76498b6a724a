(from "scratch")
(expose "80" "443/tcp" "53/udp" "3000-3005")
(expose "$PORT/tcp")
