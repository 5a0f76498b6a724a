FROM scratch
RUN echo `a` | tr a-z A-Z || ``b``
