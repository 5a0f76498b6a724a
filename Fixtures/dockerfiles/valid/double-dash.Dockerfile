FROM debian:12
RUN --network=none -- --not-a-flag
CMD -- x
