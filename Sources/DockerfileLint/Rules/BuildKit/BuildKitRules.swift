/// The rules about what BuildKit checks and hadolint does not, sorted by id.
let buildkitRules: [any Rule.Type] = []
