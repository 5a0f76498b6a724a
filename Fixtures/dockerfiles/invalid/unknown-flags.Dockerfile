FROM --plattform=x debian
RUN --mont=x true
COPY --form=0 a b
CMD --flag x
ADD --link --link a b
