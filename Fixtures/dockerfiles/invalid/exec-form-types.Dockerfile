FROM debian
CMD ["a", 1]
RUN [true]
ENTRYPOINT [["x"]]
SHELL /bin/bash -c
SHELL
