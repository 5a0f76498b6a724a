(arg "A=1")
