FROM debian
RUN --mount=type=cach,target=/a true
RUN --mount=type=cache true
RUN --mount=targt=/a true
RUN --mount=type=tmpfs,target=/a,sharing=locked true
RUN --mount=type=secret true
RUN --mount=target true
RUN --mount=type=cache,\"a true
RUN --mount=from=$x,target=/a true
RUN --mount=type=cache,target=/a,uid=x true
RUN --mount=type=secret,id=a,source=b true
