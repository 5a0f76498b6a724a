/// The rules about what keeps a file from being built, and arguments in the wrong place, sorted by id.
let syntaxRules: [any Rule.Type] = [
  UnknownInstruction.self,
  SwappedArguments.self,
  WrongKindOfArgument.self,
  UnknownFlag.self,
  ParseError.self,
]
