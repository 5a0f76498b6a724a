/// The rules about the shell language in RUN, sorted by id.
let shellRules: [any Rule.Type] = []
