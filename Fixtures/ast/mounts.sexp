(from "debian:12")
(run ["--mount=type=secret,id=token,env=TOKEN,required=true" "--mount=type=ssh,id=default" "--mount=type=cache,id=apt,sharing=locked,target=/var/cache/apt,mode=0700,uid=1,gid=2"] "apt-get update")
(run ["--mount=from=base,source=/a,target=/b,rw" "--mount=type=cache,target=/a,id=x"] "true")
