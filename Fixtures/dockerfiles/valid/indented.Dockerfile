  FROM debian:12
	RUN echo a
    # an indented comment
 	 
CMD b
