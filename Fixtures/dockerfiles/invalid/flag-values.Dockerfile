FROM debian
COPY --from a b
COPY --link=maybe a b
COPY --link= a b
HEALTHCHECK --interval=soon CMD x
HEALTHCHECK --interval=1us CMD x
HEALTHCHECK --retries=-1 CMD x
COPY --from=$x a b
