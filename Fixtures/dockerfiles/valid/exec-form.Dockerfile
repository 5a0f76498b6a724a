FROM debian:12
RUN ["/bin/sh", "-c", "echo \"quoted\" \u00e9 \ud83d\ude00 \/"]
CMD [ "a" , "b" ]
ENTRYPOINT []
COPY ["with space.txt", "/to here/"]
VOLUME ["/a b", "/c"]
HEALTHCHECK CMD ["curl", "-f", "http://localhost"]
SHELL ["/bin/bash", \
  "-c"]
