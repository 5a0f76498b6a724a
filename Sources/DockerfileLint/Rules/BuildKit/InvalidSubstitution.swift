import Diagnostics
package import DockerfileSyntax
import SourceText

/// DF122: quotes or variables that cannot be read.
package struct InvalidSubstitution: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DF122", "invalid-substitution"), .error,
    visits: [.add, .arg, .copy, .env, .expose, .from, .label, .run, .stopsignal, .user, .volume, .workdir],
    summary: "quotes or variables that cannot be read")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    // Nearly all instructions have nothing that could be wrong here.
    if case .run(let run) = instruction.details {
      if run.mounts.isEmpty { return }
    } else if instruction.heredocs.isEmpty,
      !context.tree.source.bytes(in: instruction.range).contains(where: {
        $0 == 0x24 || $0 == 0x22 || $0 == 0x27
      })
    {
      return
    }
    let options = WordTemplate.Options(escape: context.tree.escape)
    for word in words(of: instruction) {
      if check(word, options, instruction, context, &findings) { return }
    }
    guard instruction.kind == .copy || instruction.kind == .add else { return }
    for heredoc in instruction.heredocs where heredoc.expands && heredoc.isTerminated {
      let bytes = context.tree.source.bytes(in: heredoc.body)
      guard bytes.contains(0x24) else { continue }
      // BuildKit reads these with a backslash, whatever the escape character is.
      let body = Word(Array(bytes), at: heredoc.body, isVerbatim: true)
      if check(body, WordTemplate.Options(processesQuotes: false), instruction, context, &findings) { return }
    }
  }

  private func words(of instruction: Instruction) -> [Word] {
    switch instruction.details {
    case .from(let from): return [from.platform, from.image].compactMap(\.self)
    case .copy(let transfer), .add(let transfer):
      let flags = ["chown", "chmod", "checksum"].compactMap { instruction.flag($0)?.value }
      return flags + transfer.paths + [transfer.destination].compactMap(\.self)
    case .env(let list), .label(let list): return list.flatMap { [$0.name, $0.value].compactMap(\.self) }
    case .arg(let list): return list.compactMap(\.value)
    case .user(let word), .workdir(let word), .stopsignal(let word): return [word].compactMap(\.self)
    case .volume(let list), .expose(let list): return list
    case .run(let run):
      return run.mounts.flatMap { mount in
        mount.fields.compactMap { $0.value.map { Word($0, at: mount.range, isVerbatim: false) } }
      }
    default: return []
    }
  }

  /// Reports what is wrong with a word; false when it is fine.
  private func check(
    _ word: Word, _ options: WordTemplate.Options, _ instruction: Instruction, _ context: LintContext,
    _ findings: inout Findings
  ) -> Bool {
    guard
      word.bytes.contains(where: { $0 == 0x24 || (options.processesQuotes && ($0 == 0x22 || $0 == 0x27)) })
    else { return false }
    if options.processesQuotes, word.bytes.hasNothingButDoubleQuotes(escape: options.escape) { return false }
    let template = WordTemplate(word.bytes, options: options)
    var range = word.range
    var sentence: (message: String, help: String?)?
    if let error = template.error {
      sentence = Self.sentence(error)
      // The body of a here-document is long; where its variable starts is not known.
      if !options.processesQuotes, let heredoc = instruction.heredocs.first(where: { $0.body == range }) {
        range = heredoc.range
      }
    } else if word.bytes.contains(0x3F), word.hasVariable {
      // The values above the first FROM are what FROM and its ARGs see.
      let isGlobal = instruction.kind == .from || instruction.index < context.dockerfile.preamble.upperBound
      let values = isGlobal ? context.stageBases.globals : context.variables.before(instruction.index)
      if case .refused(let name) = values.text(of: word, escape: options.escape) {
        let name = String(decoding: name, as: UTF8.self)
        sentence = (
          "`${\(name):?}` demands a value, and `\(name)` has none", "set it above, or take the `?` out"
        )
      }
    }
    guard let sentence else { return false }
    findings.report(
      Diagnostic(Self.metadata.code, .error, sentence.message, at: range, help: sentence.help),
      at: instruction.index)
    return true
  }

  /// nil for what only our own bounds refuse.
  private static func sentence(_ error: ExpansionError) -> (message: String, help: String?)? {
    switch error {
    case .unterminatedQuote:
      ("a quote has no end", "close it, or write the escape character before it if it is part of the text")
    case .missingBrace: ("a `${` has no `}`", "close it, or write `\\$` for a dollar sign")
    case .badSubstitution:
      ("there is no name in `${…}`", "write `\\$` for a dollar sign that starts no variable")
    case .unsupportedModifier(let text):
      (
        "`\(text)` behind the name in `${…}` is nothing that the build knows",
        "`:-`, `:+`, `:?`, `#`, `%` and `/` are there; what else a shell can do works in RUN only"
      )
    case .missingSlash: ("a `${name/…}` lacks the second slash", "write `${name/pattern/replacement}`")
    case .invalidPatternEscape, .required, .nestedTooDeep: nil
    }
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        A quote without an end, a `${` without its `}`, or a way to change a variable that only shells know, where the \
        build replaces variables: in all instructions but commands, and in unquoted here-documents of COPY and ADD.
        """,
      why: "The build stops there.",
      instead:
        "Close the quote or brace. In COPY with a here-document, quote the word behind `<<` to keep dollar signs.",
      sources: ["https://docs.docker.com/reference/dockerfile/#environment-replacement"],
      examples: [
        .bad(
          """
          FROM debian:12
          LABEL title=«it's»
          ENV FIRST=«${NAME^}» SECOND=b
          WORKDIR «/app/${NAME»
          COPY «<<EOF» /ci.yaml
          key: ${{ secrets.KEY }}
          EOF

          """),
        .good(
          """
          FROM debian:12
          LABEL title="it's" more=it\\'s
          ENV FIRST=${NAME:-x} SECOND=\\${NAME
          WORKDIR /app/${NAME}
          COPY <<"EOF" /ci.yaml
          key: ${{ secrets.KEY }}
          EOF

          """),
      ])
  }
}

extension [UInt8] {
  /// Whether a word has an even number of double quotes and nothing else that counts: as nearly all words with quotes do.
  fileprivate func hasNothingButDoubleQuotes(escape: UInt8) -> Bool {
    var count = 0
    for byte in self {
      switch byte {
      case 0x22: count += 1
      case 0x24, 0x27, escape: return false
      default: continue
      }
    }
    return count.isMultiple(of: 2)
  }
}
