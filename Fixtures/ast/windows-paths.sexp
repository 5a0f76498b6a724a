(from "mcr.microsoft.com/windows/servercore")
(workdir "C:\\\\app")
(copy "a.txt" "C:\\\\app\\\\")
