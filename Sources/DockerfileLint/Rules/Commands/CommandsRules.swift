/// The rules about other commands in RUN, sorted by id.
let commandRules: [any Rule.Type] = []
