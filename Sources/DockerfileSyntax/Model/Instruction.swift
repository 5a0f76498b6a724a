public import SourceText

/// What an instruction means: its parts by name.
///
/// A broken instruction has what could be recognised of it; the missing parts are nil or empty, and a ``Problem`` says
/// what is wrong.
public struct Instruction: Sendable {
  /// The instruction as written.
  public let syntax: InstructionSyntax
  /// Its index in the file; an instruction inside ONBUILD has the index of the ONBUILD.
  public let index: Int
  /// The flags, in order, with those that do not exist.
  public let flags: [Flag]
  /// The here-documents, in order.
  public let heredocs: [HeredocSyntax]
  /// The arguments by meaning.
  public let details: Details

  /// Which instruction.
  public var kind: InstructionKind { syntax.kind }
  /// From the keyword to the last argument or here-document.
  public var range: ByteRange { syntax.range }

  /// The arguments of each instruction by meaning.
  public indirect enum Details: Sendable {
    /// `FROM`
    case from(From)
    /// `RUN`
    case run(Run)
    /// `CMD`
    case cmd(CommandForm)
    /// `ENTRYPOINT`
    case entrypoint(CommandForm)
    /// `SHELL`
    case shell(CommandForm)
    /// `COPY`
    case copy(Transfer)
    /// `ADD`
    case add(Transfer)
    /// `ENV`
    case env([Assignment])
    /// `LABEL`
    case label([Assignment])
    /// `ARG`
    case arg([Assignment])
    /// `EXPOSE`
    case expose([Word])
    /// `VOLUME`
    case volume([Word])
    /// `USER`
    case user(Word?)
    /// `WORKDIR`
    case workdir(Word?)
    /// `STOPSIGNAL`
    case stopsignal(Word?)
    /// `MAINTAINER`
    case maintainer(Word?)
    /// `HEALTHCHECK`
    case healthcheck(Healthcheck)
    /// `ONBUILD`
    case onbuild(Instruction?)
    /// A keyword that names no instruction, with its words.
    case unknown([Word])
  }

  /// The first flag of a name.
  public func flag(_ name: String) -> Flag? { flags.first { $0.name == name } }
}

/// A flag of an instruction.
public struct Flag: Hashable, Sendable {
  /// The name, without the dashes.
  public let name: String
  /// The value behind `=`, quotes and escapes removed; nil without `=`.
  public let value: Word?
  /// All of it.
  public let range: ByteRange
  /// The name's bytes, without the dashes.
  public let nameRange: ByteRange
}

/// The arguments of FROM.
public struct From: Sendable {
  /// The base: an image, a stage, `scratch`.
  public let image: Word?
  /// The `AS`.
  public let asKeyword: Word?
  /// The stage's name as written.
  public let name: Word?
  /// The value of `--platform`.
  public let platform: Word?
}

/// A command: in exec form, in shell form, or absent.
public enum CommandForm: Sendable {
  /// No argument.
  case none
  /// One text for the shell.
  case shell(Word)
  /// A program and its arguments.
  case exec([Word])

  /// Whether it is in exec form.
  public var isExec: Bool {
    if case .exec = self { true } else { false }
  }

  /// The words: one text in shell form.
  public var words: [Word] {
    switch self {
    case .none: []
    case .shell(let text): [text]
    case .exec(let words): words
    }
  }
}

/// The arguments of RUN.
public struct Run: Sendable {
  /// The command.
  public let command: CommandForm
  /// The values of `--mount`, read into their fields.
  public let mounts: [MountSpecification]
}

/// The arguments of COPY and ADD.
public struct Transfer: Sendable {
  /// A source.
  public enum Source: Sendable {
    /// A path, pattern or URL.
    case path(Word)
    /// A here-document: a file of its name.
    case heredoc(HeredocSyntax)
  }
  /// The sources, in order.
  public let sources: [Source]
  /// The destination; nil when there are fewer than two arguments.
  public let destination: Word?
  /// Whether the arguments are in exec form.
  public let isExec: Bool

  /// The sources that are paths.
  public var paths: [Word] {
    var paths: [Word] = []
    paths.reserveCapacity(sources.count)
    for source in sources { if case .path(let word) = source { paths.append(word) } }
    return paths
  }

  /// The first source that is a path.
  package var firstPath: Word? {
    for source in sources { if case .path(let word) = source { return word } }
    return nil
  }
}

/// A name with a value, of ARG, ENV or LABEL.
public struct Assignment: Sendable {
  /// The name, with its quotes and variables.
  public let name: Word
  /// The value, with its quotes and variables; nil for an ARG without one, and where it is missing.
  public let value: Word?
  /// Whether it is written `name value`.
  public let isLegacy: Bool
}

/// The arguments of HEALTHCHECK.
public struct Healthcheck: Sendable {
  /// The type word.
  public let type: Word?
  /// Whether the type is NONE: the check of the base image is switched off.
  public let isNone: Bool
  /// The command.
  public let command: CommandForm
  /// The interval between checks in nanoseconds; 0 when not given.
  public let interval: Int64
  /// How long a check may take in nanoseconds; 0 when not given.
  public let timeout: Int64
  /// How long the container may take to start in nanoseconds; 0 when not given.
  public let startPeriod: Int64
  /// The interval during the start period in nanoseconds; 0 when not given.
  public let startInterval: Int64
  /// How many failures in a row make it unhealthy; 0 when not given.
  public let retries: Int
}
