FROM debian:12
RUN ['single', 'quotes']
CMD ["unterminated"
ENTRYPOINT ["trailing", ]
RUN [ -f /etc/passwd ] && echo yes
VOLUME /v ["x"]
CMD ["a"] && b
