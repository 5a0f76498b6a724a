(from "debian:12")
(run "set -eux;     echo step-00;     echo step-01;     echo step-02;     echo step-03;     echo step-04;     echo step-05;     echo step-06;     echo step-07;     echo step-08;     echo step-09;     echo step-10;     echo step-11;     rm -rf /var/lib/apt/lists/*")
