# at the top

# about the base
# in two lines
FROM debian:12
#no space
RUN echo # not a comment
#

# detached

COPY a /#b
# at the end
