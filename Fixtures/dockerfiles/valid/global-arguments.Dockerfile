ARG A
ARG B=$A
FROM scratch
ARG A
