/// The rules about how findings are silenced, sorted by id.
let linterRules: [any Rule.Type] = [
  UnusedPragma.self,
  MalformedPragma.self,
  PragmaWithoutReason.self,
  InlineIgnore.self,
]
