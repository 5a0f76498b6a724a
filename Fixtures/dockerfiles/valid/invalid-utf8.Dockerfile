FROM scratch
LABEL bytes=ÿşÃ
COPY €name /ğŸ’/
# í € lone surrogate
