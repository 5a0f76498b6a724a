from debian:12 as Base
run echo hi
Copy a b
eNv A=1
