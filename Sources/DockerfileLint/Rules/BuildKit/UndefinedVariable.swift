import Diagnostics
package import DockerfileSyntax
import SourceText

/// UndefinedVar: a variable that is not set where it is used.
package struct UndefinedVariable: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("UndefinedVar", "undefined-var"), .warning, fix: .unsafe,
    visits: [.add, .arg, .copy, .env, .label, .run, .stopsignal, .user, .volume, .workdir],
    summary: "a variable that is not set where it is used")

  /// What BuildKit takes for itself, without setting it.
  private static let special: Set<[UInt8]> = [
    Array("BUILDKIT_SBOM_SCAN_CONTEXT".utf8), Array("BUILDKIT_SBOM_SCAN_STAGE".utf8),
  ]

  /// How many names may still be compared with those that are set.
  private var trials = VariableUse.maximumSuggestions

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard instruction.index >= context.dockerfile.preamble.upperBound,
      instruction.kind != .run || !instruction.flags.isEmpty,
      context.tree.source.bytes(in: instruction.range).contains(0x24)
    else { return }
    let options = WordTemplate.Options(escape: context.tree.escape)
    if case .arg(let arguments) = instruction.details {
      var values = context.variables.before(instruction.index)
      guard values.isComplete else { return }
      for argument in arguments {
        if let value = argument.value {
          report(VariableUse.all(in: value, options: options), values, instruction, &findings)
        }
        context.variables.declare(argument, in: &values)
      }
      return
    }
    // Of most images nothing is known, and then of no variable that it is not set.
    let values = context.variables.before(instruction.index)
    guard values.isComplete else { return }
    var uses = words(of: instruction).flatMap { VariableUse.all(in: $0, options: options) }
    if instruction.kind == .copy || instruction.kind == .add {
      for heredoc in instruction.heredocs where heredoc.expands {
        let body = Word(
          Array(context.tree.source.bytes(in: heredoc.body)), at: heredoc.body, isVerbatim: true)
        uses += VariableUse.all(in: body, options: WordTemplate.Options(processesQuotes: false))
      }
    }
    guard !uses.isEmpty else { return }
    report(uses, values, instruction, &findings)
  }

  /// The words whose variables the build replaces.
  private func words(of instruction: Instruction) -> [Word] {
    switch instruction.details {
    case .copy(let transfer), .add(let transfer):
      let flags = ["chown", "chmod", "checksum"].compactMap { instruction.flag($0)?.value }
      return flags + transfer.paths + [transfer.destination].compactMap(\.self)
    case .env(let list), .label(let list):
      return list.flatMap { [$0.name, $0.value].compactMap(\.self) }
    case .user(let word), .workdir(let word), .stopsignal(let word): return [word].compactMap(\.self)
    case .volume(let list): return list
    case .run: return instruction.flags.filter { $0.name == "mount" }.compactMap(\.value)
    default: return []
    }
  }

  /// Reports each name once, with its further places as notes.
  private mutating func report(
    _ uses: [VariableUse], _ values: VariableValues, _ instruction: Instruction, _ findings: inout Findings
  ) {
    guard values.isComplete else { return }
    var order: [[UInt8]] = []
    var places: [[UInt8]: [VariableUse]] = [:]
    for use in uses where values[use.name] == nil && !Self.special.contains(use.name) {
      if places[use.name] == nil { order.append(use.name) }
      places[use.name, default: []].append(use)
    }
    guard !order.isEmpty else { return }
    let names = trials <= 0 ? [] : values.values.keys.map { String(decoding: $0, as: UTF8.self) }.sorted()
    for name in order {
      guard let all = places[name], let first = all.first else { continue }
      let suggestion = trials > 0 ? first.suggestion(among: names) : nil
      trials -= 1
      let hint = suggestion.map { "; did you mean `$\($0.text)`?" } ?? ""
      findings.report(
        Diagnostic(
          Self.metadata.code, .warning,
          "the variable `\(first.nameString)` has no value here: neither ENV nor ARG sets it above\(hint)",
          at: first.range, notes: all.dropFirst().map { Note("here too", at: $0.range) },
          help: suggestion == nil
            ? "set it with ENV or declare it with ARG; an ARG above the first FROM does not count" : nil,
          fixIts: [suggestion?.fixIt].compactMap(\.self)),
        at: instruction.index)
    }
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        A variable in ADD, COPY (with unquoted here-documents), ENV, LABEL, STOPSIGNAL, USER, VOLUME, WORKDIR, the default \
        of an ARG or `RUN --mount` that no ENV or ARG above sets in the stage or those it is built on. The environment of \
        the base image counts too: it is known for `scratch` and for images in the local store. With any other base there \
        is no finding. Commands are not looked at, since the shell has variables of its own.
        """,
      why: "The variable is replaced by nothing, and a path or a value is silently another one.",
      instead:
        "Set the variable above the line. An ARG above the first FROM has to be repeated in the stage.",
      fixSafety: "Unsafe: it writes the name of the variable that comes nearest.",
      sources: ["https://docs.docker.com/reference/build-checks/undefined-var/"],
      examples: [
        .bad(
          """
          ARG VERSION=1
          FROM scratch AS base
          ENV TARGET_DIR=/app
          FROM base
          COPY app-«$VERSION» «${TARGET_DRI}»/bin
          ENV PATH=«$PAHT»:/app COPY=‹$PAHT›

          """,
          unsafelyFixed: """
            ARG VERSION=1
            FROM scratch AS base
            ENV TARGET_DIR=/app
            FROM base
            COPY app-$VERSION ${TARGET_DIR}/bin
            ENV PATH=$PATH:/app COPY=$PATH

            """),
        .good(
          """
          ARG VERSION=1
          FROM scratch
          ARG VERSION
          ARG NOTHING
          COPY app-$VERSION$NOTHING /
          FROM debian:12
          COPY app-$WHAT /

          """),
      ])
  }
}
