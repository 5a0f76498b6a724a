# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
COPY app C:\app\
RUN dir C:\app\ `
 && type C:\app\readme.txt
ENV GREETING=`$HOME
