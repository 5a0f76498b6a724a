(from "mcr.microsoft.com/windows/nanoserver:ltsc2022")
(copy "app" "C:\\app\\")
(run "dir C:\\app\\  && type C:\\app\\readme.txt")
(env "GREETING" "`$HOME" "=")
