public import SourceText

/// Something in a Dockerfile that keeps it from being built.
public struct Problem: Hashable, Sendable {
  /// What it is.
  public enum Kind: Hashable, Sendable {
    /// The grammar refuses it.
    case syntax(SyntaxError.Kind)
    /// The keyword names no instruction; the nearest that does, and how many letters it is away.
    case unknownInstruction(keyword: String, suggestion: String?, distance: Int)
    /// The instruction has no such flag; the nearest that it has, and how many letters it is away.
    case unknownFlag(name: String, suggestion: String?, distance: Int)
    /// A flag is given twice.
    case duplicateFlag(name: String)
    /// A flag that needs a value has none.
    case missingFlagValue(name: String)
    /// A flag that is true or false has another value.
    case invalidBoolean(name: String, value: String)
    /// A flag has a value that is none of those it may have.
    case invalidFlagValue(name: String, value: String, allowed: [String])
    /// A duration cannot be read or is below a millisecond.
    case invalidDuration(name: String, value: String)
    /// `--retries` is no number, or negative.
    case invalidRetries(value: String)
    /// The instruction needs at least one argument.
    case missingArguments
    /// COPY or ADD has fewer than two arguments.
    case missingDestination
    /// FROM has neither one nor three arguments, or the second of three is not AS.
    case fromArguments
    /// A stage's name has characters it must not have.
    case invalidStageName(String)
    /// A name of ARG, ENV or LABEL is empty.
    case blankName
    /// The destination of COPY or ADD is a here-document.
    case heredocDestination
    /// SHELL is not in exec form.
    case shellForm
    /// The type word of HEALTHCHECK is neither CMD nor NONE.
    case unknownHealthcheckType(String)
    /// HEALTHCHECK NONE with arguments.
    case healthcheckNoneArguments
    /// HEALTHCHECK CMD without a command.
    case missingHealthcheckCommand
    /// The instruction is not allowed inside ONBUILD.
    case invalidTrigger(InstructionKind)
    /// VOLUME with an empty path.
    case emptyVolume
    /// A value of `--mount` is wrong.
    case mount(MountError)
    /// `--from` has a variable in it.
    case variableInFrom(flag: String)
    /// An instruction other than ARG stands before the first FROM.
    case beforeFrom
    /// There is no FROM.
    case noStage
  }
  /// What.
  public let kind: Kind
  /// Where.
  public let range: ByteRange
  /// The index of the instruction; nil when it belongs to none.
  public let instruction: Int?
  /// Whether it is in the instruction behind ONBUILD: then it breaks the builds that use the image, not this one.
  public let isInTrigger: Bool
}
