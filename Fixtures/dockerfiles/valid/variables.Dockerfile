FROM debian:12
ARG NAME=app TAG
ENV DIR=/srv/$NAME FULL=${NAME:-none} OTHER=${TAG:+tagged} MUST="${NAME:?a name}"
ENV CUT=${DIR#/srv} LONG=${DIR##*/} TAIL=${DIR%/*} LEAST=${DIR%%/*} SWAP=${DIR/srv/opt} ALL=${DIR//\//-}
ENV NEST="${TAG:-${NAME}-${DIR:-a b}}" LITERAL='$NAME' ESCAPED=\$NAME DOLLAR=$$
WORKDIR ${DIR}
COPY --chown=$NAME:${TAG-0} $DIR/* ${DIR}/
EXPOSE $PORT
USER ${NAME}
