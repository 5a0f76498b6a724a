/// The rules about instructions and their arguments, sorted by id.
let instructionRules: [any Rule.Type] = [
  UntaggedBaseImage.self,
  LatestBaseImage.self,
  AddInsteadOfCopy.self,
  ShellFormCommand.self,
  DeprecatedMaintainer.self,
]
