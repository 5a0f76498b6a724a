/// The rules about package managers of distributions in RUN, sorted by id.
let packageRules: [any Rule.Type] = []
