FROM debian:12
RUN echo a \
  # a comment between
    && echo b \   
\
  && echo c \

  && echo d
ENV A=1 \
    # why B
    B=2 \
	C=3
RUN echo double \\
CMD echo end \
