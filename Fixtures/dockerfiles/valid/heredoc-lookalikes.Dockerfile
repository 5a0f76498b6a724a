FROM debian:12
RUN cat <<< word
RUN echo "<<EOF"
RUN ["sh", "-c", "cat <<EOF"]
RUN echo $((1<<3))
CMD cat <<EOF
RUN echo a<<b
RUN echo a b
