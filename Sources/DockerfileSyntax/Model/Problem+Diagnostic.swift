public import Diagnostics
import SourceText

extension Problem {
  /// The problem as a finding: what is wrong in a sentence, what to do, and an edit where one is at hand.
  ///
  /// - Parameter dockerfile: the file that the problem comes from.
  public func diagnostic(in dockerfile: Dockerfile) -> Diagnostic {
    switch kind {
    case .unknownInstruction(let keyword, let suggestion, let distance):
      return unknownInstruction(keyword, suggestion, distance, in: dockerfile.tree)
    case .unknownFlag(let name, let suggestion, let distance):
      return unknownFlag(name, suggestion, distance, in: dockerfile)
    default:
      let keyword = node(in: dockerfile).map(\.kind.keyword) ?? ""
      let (message, help) = kind.sentence(keyword: keyword.isEmpty ? "The instruction" : keyword)
      return Diagnostic(.parseError, .error, message, at: range, help: help)
    }
  }

  /// The instruction that the problem belongs to: the one inside ONBUILD where the problem lies in there.
  private func node(in dockerfile: Dockerfile) -> InstructionSyntax? {
    guard let instruction, dockerfile.tree.instructions.indices.contains(instruction) else { return nil }
    var node = dockerfile.tree.instructions[instruction]
    while let inner = dockerfile.tree.trigger(of: node), inner.line.contains(range) { node = inner }
    return node
  }
}

// MARK: Misspelt words

extension Problem {
  private func unknownInstruction(
    _ keyword: String, _ suggestion: String?, _ distance: Int, in tree: SyntaxTree
  ) -> Diagnostic {
    let shown = keyword.shortened
    if let command = ShellWords.advice(for: keyword) {
      let fixIt = FixIt("put RUN in front", .unsafe, [Edit(ByteRange(range.lower, range.lower), "RUN ")])
      return Diagnostic(
        .unknownInstruction, .error, "`\(shown)` is a shell command, not an instruction", at: range,
        help: command, fixIts: command.hasPrefix("put RUN") ? [fixIt].compactMap(\.self) : [])
    }
    guard let suggestion else {
      return Diagnostic(
        .unknownInstruction, .error, "there is no instruction `\(shown)`", at: range,
        help:
          "if the line belongs to the one above, end that one with `\(String(UnicodeScalar(tree.escape)))`; "
          + "the instructions are \(InstructionKind.known.map(\.keyword).joined(separator: ", "))")
    }
    let isWord = keyword.utf8.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || $0 == 0x2D || $0 == 0x5F }
    let isSafe =
      distance == 1 && isWord && isOnlyCandidate(suggestion, for: keyword) && reads(as: suggestion, in: tree)
    let isSmall = keyword.utf8.allSatisfy { !($0 >= 0x41 && $0 <= 0x5A) }
    let replacement = isSmall ? suggestion.lowercased() : suggestion
    let fixIt = FixIt(
      "write \(replacement)", isSafe ? .safe : .unsafe, [Edit(range, replacement)])
    return Diagnostic(
      .unknownInstruction, .error, "there is no instruction `\(shown)`; did you mean \(suggestion)?",
      at: range, fixIts: [fixIt].compactMap(\.self))
  }

  /// Whether no other instruction is as near as the suggested one.
  private func isOnlyCandidate(_ suggestion: String, for keyword: String) -> Bool {
    let others = InstructionKind.known.map(\.keyword).filter { $0 != suggestion }
    return (nearest(to: Array(keyword.utf8), among: others)?.distance ?? .max) > 1
  }

  /// Whether the line reads without a problem once the keyword is mended.
  ///
  /// Only the line is parsed again, so that many misspelt lines stay cheap. A line that starts a here-document cannot be
  /// judged alone and passes.
  private func reads(as keyword: String, in tree: SyntaxTree) -> Bool {
    guard let instruction, tree.instructions.indices.contains(instruction) else { return false }
    let line = tree.instructions[instruction].line
    guard line.count < 64 << 10 else { return false }
    let rest = tree.source.bytes(in: ByteRange(range.upper, max(range.upper, line.upper)))
    let isHeredoc = zip(rest, rest.dropFirst()).contains { $0 == 0x3C && $1 == 0x3C }
    if isHeredoc, ["ADD", "COPY", "RUN"].contains(keyword) { return true }
    var text = tree.escape == 0x60 ? Array("# escape=`\n".utf8) : []
    if keyword != "FROM" { text += Array("FROM scratch\n".utf8) }
    text += Array(keyword.utf8) + rest + [0x0A]
    return Dockerfile(parsing: Source(name: tree.source.name, bytes: text)).problems.isEmpty
  }

  private func unknownFlag(
    _ name: String, _ suggestion: String?, _ distance: Int, in dockerfile: Dockerfile
  ) -> Diagnostic {
    let kind = node(in: dockerfile)?.kind ?? .unknown
    let known = FlagTable.flags(of: kind).map(\.name)
    let shown = name.shortened
    if let suggestion {
      let nameRange = ByteRange(Int(range.lower) + 2, Int(range.lower) + 2 + name.utf8.count)
      let isVerbatim = dockerfile.source.bytes(in: nameRange).elementsEqual(name.utf8)
      let others = known.filter { $0 != suggestion }
      let isOnly = (nearest(to: Array(name.utf8), among: others)?.distance ?? .max) > 1
      let fixIt = FixIt(
        "write --\(suggestion)", distance == 1 && isOnly ? .safe : .unsafe, [Edit(nameRange, suggestion)])
      return Diagnostic(
        .unknownFlag, .error, "\(kind.keyword) has no flag `--\(shown)`; did you mean `--\(suggestion)`?",
        at: range, fixIts: isVerbatim ? [fixIt].compactMap(\.self) : [])
    }
    let owners = InstructionKind.known.filter { FlagTable.flags(of: $0).contains { $0.name == name } }
    var help =
      known.isEmpty
      ? "it takes no flags at all"
      : "its flags are \(known.map { "--\($0)" }.joined(separator: ", "))"
    if !owners.isEmpty {
      help += "; `--\(shown)` belongs to \(owners.map(\.keyword).joined(separator: ", "))"
    }
    return Diagnostic(.unknownFlag, .error, "\(kind.keyword) has no flag `--\(shown)`", at: range, help: help)
  }
}

// MARK: Everything else

extension Problem.Kind {
  /// What is wrong and what to do, for an instruction of some keyword; without the file there is no fix to show.
  package func sentence(keyword: String) -> (message: String, help: String?) {
    switch self {
    case .syntax(let error): return error.sentence(keyword: keyword)
    case .unknownInstruction(let keyword, let suggestion, _):
      return (
        "there is no instruction `\(keyword.shortened)`" + (suggestion.map { "; did you mean \($0)?" } ?? ""),
        nil
      )
    case .unknownFlag(let name, let suggestion, _):
      return (
        "\(keyword) has no flag `--\(name.shortened)`"
          + (suggestion.map { "; did you mean `--\($0)`?" } ?? ""), nil
      )
    case .duplicateFlag(let name):
      return ("the flag `--\(name)` is given twice", "keep one of the two")
    case .missingFlagValue(let name):
      return (
        "the flag `--\(name.shortened)` needs a value", "write `--\(name.shortened)=VALUE`, without blanks"
      )
    case .invalidBoolean(let name, let value):
      return (
        "`--\(name)` is either true or false, not `\(value.shortened)`",
        "write `--\(name)` alone to switch it on, `--\(name)=false` to switch it off"
      )
    case .invalidFlagValue(let name, let value, let allowed):
      return (
        "`--\(name)` cannot be `\(value.shortened)`",
        "write one of " + allowed.map { "`--\(name)=\($0)`" }.joined(separator: ", ")
      )
    case .invalidDuration(let name, let value):
      return (
        "`--\(name)` needs a length of time, which `\(value.shortened)` is not",
        "write a number with its unit, like 500ms, 30s or 1m30s; the least is 1ms"
      )
    case .invalidRetries(let value):
      return ("`--retries` needs a number, which `\(value.shortened)` is not", "write 0, 1, 2 and so on")
    case .missingArguments:
      return ("\(keyword) stands alone, but needs something to work on", Self.usage(of: keyword))
    case .missingDestination:
      return (
        "\(keyword) needs two things: what to copy, and where to",
        "write the place in the image behind it, like `\(keyword) package.json ./`"
      )
    case .fromArguments:
      return (
        "FROM takes an image, and AS with a name if the stage gets one",
        "write `FROM image` or `FROM image AS name`; a version follows the image's name and a colon"
      )
    case .invalidStageName(let name):
      return (
        "`\(name.shortened)` cannot be the name of a stage",
        "start it with a letter, then use letters, digits, `-`, `_` and `.`"
      )
    case .blankName:
      return ("there is no name before the `=`", "write NAME=value, without blanks around the `=`")
    case .heredocDestination:
      return ("a here-document cannot be the place to copy to", "write the place behind it, like /app/file")
    case .shellForm:
      return (
        "SHELL needs its words in brackets and double quotes",
        "write them like `SHELL [\"/bin/bash\", \"-c\"]`"
      )
    case .unknownHealthcheckType(let type):
      return (
        "HEALTHCHECK goes on with CMD or NONE, not with `\(type.shortened)`",
        "write `HEALTHCHECK CMD` before the command; flags stand between HEALTHCHECK and CMD"
      )
    case .healthcheckNoneArguments:
      return (
        "nothing may follow HEALTHCHECK NONE", "remove the rest of the line, or write CMD instead of NONE"
      )
    case .missingHealthcheckCommand:
      return ("HEALTHCHECK CMD has no command", "write the command behind it")
    case .invalidTrigger(let kind):
      return ("\(kind.keyword) cannot be put off with ONBUILD", "remove the ONBUILD, or the line")
    case .emptyVolume: return ("VOLUME has an empty path", "write the path of a folder, like `VOLUME /data`")
    case .mount(let error): return error.sentence
    case .variableInFrom(let flag):
      return (
        "`--\(flag)` cannot have a variable in it",
        "give the stage or image a name with `FROM … AS name`, where variables are allowed, and write that name"
      )
    case .beforeFrom:
      return (
        "\(keyword) stands before the first FROM, so there is no image yet that it could change",
        "start the file with FROM; only ARG may stand above it"
      )
    case .noStage: return ("there is no FROM, so nothing says what to start from", "start the file with FROM")
    }
  }

  /// How an instruction is used, for somebody who left everything out.
  private static func usage(of keyword: String) -> String? {
    let example: String
    switch keyword {
    case "ADD": example = "ADD https://example.com/file.tar.gz /src/"
    case "ARG": example = "ARG VERSION=1.0"
    case "CMD": example = "CMD [\"/app/run\"]"
    case "COPY": example = "COPY package.json ./"
    case "ENTRYPOINT": example = "ENTRYPOINT [\"/app/run\"]"
    case "ENV": example = "ENV NODE_ENV=production"
    case "EXPOSE": example = "EXPOSE 8080"
    case "FROM": example = "FROM debian:12"
    case "HEALTHCHECK": example = "HEALTHCHECK CMD [\"my-check\"]"
    case "LABEL": example = "LABEL version=1.0"
    case "MAINTAINER": example = "LABEL org.opencontainers.image.authors=\"me@example.com\""
    case "ONBUILD": example = "ONBUILD RUN make"
    case "RUN": example = "RUN make install"
    case "SHELL": example = "SHELL [\"/bin/bash\", \"-c\"]"
    case "STOPSIGNAL": example = "STOPSIGNAL SIGTERM"
    case "USER": example = "USER app"
    case "VOLUME": example = "VOLUME /data"
    case "WORKDIR": example = "WORKDIR /app"
    default: return nil
    }
    return "write something like `\(example)`, or remove the line"
  }
}

extension SyntaxError.Kind {
  fileprivate func sentence(keyword: String) -> (message: String, help: String?) {
    switch self {
    case .noInstructions: ("there is no instruction in the file", "start it with FROM")
    case .duplicateDirective(let kind):
      ("the directive `\(kind.name)` is given twice", "keep one of the two")
    case .invalidEscape: ("the escape character is a backslash or a backtick, nothing else", nil)
    case .missingValue:
      ("the name has no value", "write NAME=value, without blanks around the `=`")
    case .missingEquals:
      (
        "a word has no `=`: is it part of the value before it?",
        "put a value with blanks in it between double quotes, like \(keyword) NAME=\"two words\""
      )
    case .execFormNotStrings:
      (
        "everything between the brackets must be in double quotes",
        "put numbers, true and false between double quotes as well"
      )
    case .unterminatedHeredoc:
      (
        "the here-document has no end",
        "put the word behind `<<` alone on a line, without blanks, where the text ends"
      )
    case .invalidHeredocWord: ("the word behind `<<` cannot be read", "close its quotes")
    case .nestedTooDeep: ("ONBUILD stands in ONBUILD too many times", "one ONBUILD is all that builds")
    }
  }
}

extension MountError {
  /// What is wrong and what to do.
  package var sentence: (message: String, help: String?) {
    switch self {
    case .malformedList:
      (
        "the quotes of `--mount` do not match",
        "write fields with commas between them, like type=cache,target=/x"
      )
    case .missingValue(let field):
      ("the field `\(field.shortened)` of `--mount` needs a value", "write `\(field.shortened)=VALUE`")
    case .unknownField(let field, let suggestion):
      (
        "`--mount` has no field `\(field.shortened)`" + (suggestion.map { "; did you mean `\($0)`?" } ?? ""),
        "the fields are type, source, target, from, readonly, readwrite, id, sharing, mode, uid, gid, required, env and size"
      )
    case .fieldNotAllowed(let field, let type):
      ("a mount of type \(type.shortened) has no field `\(field.shortened)`", "remove it, or change the type")
    case .sourceWithoutFrom:
      (
        "the field `source` of a cache needs the field `from`",
        "write `from=` and the stage, image or named context that the cache starts with, or remove `source`"
      )
    case .unknownType(let type, let suggestion):
      (
        "there is no mount of type `\(type.shortened)`"
          + (suggestion.map { "; did you mean `\($0)`?" } ?? ""),
        "the types are bind, cache, secret, ssh and tmpfs"
      )
    case .invalidValue(let field, let value):
      ("`\(value.shortened)` is no value for the field `\(field.shortened)` of `--mount`", nil)
    case .variableInFrom:
      ("the field `from` of `--mount` cannot have a variable in it", "write the name of a stage or image")
    case .incompleteSecret: ("the secret has no name", "write `id=NAME` or `target=PATH`")
    case .sourceAndID: ("the secret has both `source` and `id`, which are the same", "keep one of the two")
    }
  }
}

extension String {
  /// The text, cut where it is too long for a sentence.
  fileprivate var shortened: String {
    unicodeScalars.count <= 60 ? self : String(unicodeScalars.prefix(57)) + "…"
  }
}

/// Words that start a line when somebody forgets RUN or a continuation. Some lie one letter from an instruction, so that
/// "did you mean" would mislead.
private enum ShellWords {
  static func advice(for keyword: String) -> String? {
    switch keyword {
    case "cd": "use WORKDIR to change the folder for everything below, or put RUN in front for this line"
    case "export": "use `ENV NAME=value`; what a shell exports is gone after its own line"
    case "&&", "||", "|", ";":
      "end the line above with a continuation character, so that this one belongs to it"
    case "apk", "apt", "apt-get", "bash", "bundle", "bun", "cargo", "cat", "chmod", "chown", "cp", "curl",
      "dnf",
      "echo", "gem", "git", "go", "groupadd", "install", "ln", "ls", "make", "mkdir", "mv", "node", "npm",
      "npx",
      "pip", "pip3", "pnpm", "printf", "python", "python3", "rm", "sed", "set", "sh", "source", "sudo", "tar",
      "test", "touch", "unzip", "useradd", "wget", "yarn", "yum":
      "put RUN in front, or end the line above with a continuation character if they belong together"
    default: nil
    }
  }
}
