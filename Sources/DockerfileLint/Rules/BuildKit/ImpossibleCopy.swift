import Diagnostics
package import DockerfileSyntax
import SourceText

/// DF121: COPY or ADD with an option or a source that it cannot have.
package struct ImpossibleCopy: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DF121", "impossible-copy"), .error, fix: .unsafe, visits: [.copy, .add],
    summary: "COPY or ADD with an option or a source that it cannot have")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    switch instruction.details {
    case .copy(let transfer):
      checkMode(instruction, context, &findings)
      checkSources(transfer, instruction, context, &findings)
    case .add(let transfer):
      checkMode(instruction, context, &findings)
      checkChecksum(transfer, instruction, context, &findings)
    default: break
    }
  }

  private func known(_ word: Word, _ instruction: Instruction, _ context: LintContext) -> [UInt8]? {
    let values =
      word.hasVariable ? context.variables.before(instruction.index) : VariableValues(isComplete: true)
    guard case .known(let bytes) = values.text(of: word, escape: context.tree.escape) else { return nil }
    return bytes
  }

  private func checkMode(_ instruction: Instruction, _ context: LintContext, _ findings: inout Findings) {
    guard let word = instruction.flag("chmod")?.value, let mode = known(word, instruction, context),
      !mode.isEmpty,
      ModeChange(mode) == nil
    else { return }
    let shown = String(decoding: mode.prefix(60), as: UTF8.self)
    findings.report(
      Diagnostic(
        Self.metadata.code, .error, "`\(shown)` is no mode", at: word.range,
        help: "write an octal number up to 7777, like 755, or a change like u+x,go=r"),
      at: instruction.index)
  }

  /// COPY takes what is in the context, a stage or an image.
  private func checkSources(
    _ transfer: Transfer, _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    for word in transfer.paths {
      guard word.bytes.contains(0x3A), let source = known(word, instruction, context),
        RemoteSource.isHTTP(source)
      else { continue }
      // With --from it might be meant as a path, however strange.
      let keyword = instruction.syntax.keyword
      let fixIt =
        instruction.flags.isEmpty
        ? FixIt("write ADD", .unsafe, [Edit(keyword, context.keyword(.add, like: keyword))]) : nil
      findings.report(
        Diagnostic(
          Self.metadata.code, .error, "COPY fetches nothing from other machines; ADD does", at: word.range,
          fixIts: [fixIt].compactMap(\.self)),
        at: instruction.index)
      return
    }
  }

  private func checkChecksum(
    _ transfer: Transfer, _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard let flag = instruction.flag("checksum"), let word = flag.value,
      let checksum = known(word, instruction, context), !checksum.isEmpty
    else { return }
    let paths = transfer.paths
    var message: String?
    if paths.count != 1 {
      message = "`--checksum` is for a single source, and here are \(paths.count)"
    } else if let source = known(paths[0], instruction, context) {
      if !RemoteSource.isRemote(source) {
        message = "`--checksum` is for a source that is fetched, and this one is local"
      } else if !RemoteSource.isGit(source), !ImageNameProblem.isDigest(checksum[...]) {
        message = "`\(String(decoding: checksum.prefix(60), as: UTF8.self))` is no digest"
      }
    }
    guard let message else { return }
    findings.report(
      Diagnostic(
        Self.metadata.code, .error, message, at: word.range,
        help: "write `sha256:` and 64 hexadecimal digits in small letters, for one URL"),
      at: instruction.index)
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        `--chmod` that is neither an octal number up to 7777 nor a change as chmod takes it, `--checksum` that is no \
        digest, or is given for a local source or for several, and a URL as a source of COPY.
        """,
      why: "The build stops there.",
      instead: "ADD fetches URLs; modes and digests are written as the finding says.",
      fixSafety: "Unsafe: ADD is written in place of COPY. Everything else gets no fix.",
      sources: [
        "https://docs.docker.com/reference/dockerfile/#copy---chmod",
        "https://docs.docker.com/reference/dockerfile/#add---checksum",
      ],
      examples: [
        .bad(
          """
          FROM debian:12
          COPY --chmod=«888» a b
          COPY --chmod=«executable» a b
          COPY «https://example.com/a.tar.gz» /
          ADD --checksum=«sha256:12» https://example.com/a.tar.gz /
          ADD --checksum=«sha256:12» a.tar.gz /

          """,
          unsafelyFixed: """
            FROM debian:12
            COPY --chmod=888 a b
            COPY --chmod=executable a b
            ADD https://example.com/a.tar.gz /
            ADD --checksum=sha256:12 https://example.com/a.tar.gz /
            ADD --checksum=sha256:12 a.tar.gz /

            """),
        .good(
          """
          FROM debian:12
          ARG MODE
          COPY --chmod=0755 a b
          COPY --chmod=u+x,go=r a b
          COPY --chmod=$MODE a b

          """),
      ])
  }
}
