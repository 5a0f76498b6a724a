FROM debian:12
LABEL name="Grüße, 世界 😀"
RUN echo "naïve" x
USER ünder
ENV Ü=ö
