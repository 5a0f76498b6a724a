FROM mcr.microsoft.com/windows/servercore
WORKDIR C:\\app
COPY a.txt C:\\app\\
