import Diagnostics
package import DockerfileSyntax
import SourceText

/// DL3010: COPY of an archive that is unpacked afterwards.
package struct CopiedArchive: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3010", "copied-archive"), .info, visits: [.copy, .run, .from],
    commands: ["tar"] + decompressors, summary: "COPY and RUN to unpack an archive, where ADD does both")

  /// An archive that a COPY brought.
  private struct Archive {
    /// The index of the COPY.
    let copy: Int
    let range: ByteRange
    /// Where it is unpacked.
    var extraction: ByteRange?
  }
  private var archives: [Archive] = []
  /// The indices of those that are not unpacked yet, by name.
  private var packed: [[UInt8]: [Int]] = [:]

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    switch instruction.details {
    case .from:
      // hadolint forgets what it found when a stage ends, so that only the last one counts.
      if context.isStrict { forget() } else { flush(&findings) }
    case .copy(let transfer) where instruction.flag("from") == nil:
      remember(transfer, instruction, context)
    case .run where !packed.isEmpty: check(instruction, context)
    default: break
    }
  }

  package mutating func finish(_ context: LintContext, _ findings: inout Findings) {
    flush(&findings)
  }

  private mutating func remember(_ transfer: Transfer, _ instruction: Instruction, _ context: LintContext) {
    guard let destination = transfer.destination else { return }
    let isNamed = Self.isArchive(Self.unquoted(destination.bytes[...]))
    for word in isNamed ? [destination] : transfer.paths {
      let path = Self.unquoted(word.bytes[...])
      guard Self.isArchive(path) else { continue }
      let name = Self.lastPart(path)
      if !context.isStrict, Self.foreignExtensions.contains(where: { name.ends(with: $0) }) { continue }
      packed[Array(name), default: []].append(archives.count)
      archives.append(Archive(copy: instruction.index, range: word.range))
    }
  }

  private mutating func check(_ instruction: Instruction, _ context: LintContext) {
    guard let script = context.script(of: instruction) else { return }
    for command in script.commands {
      let isTar = command.name == "tar" && Self.extracts(command, context.isStrict)
      guard isTar || Self.decompressors.contains(command.name) else { continue }
      for argument in command.plainArguments {
        let name = Array(Self.lastPart(Self.unquoted(Array(argument.text.utf8)[...])))
        // What ADD unpacks is always a tar archive; a single compressed file it leaves as it is.
        guard context.isStrict || isTar || Self.tarExtensions.contains(where: { name.ends(with: $0) }),
          let found = packed.removeValue(forKey: name)
        else { continue }
        for index in found { archives[index].extraction = command.nameRange.union(argument.range) }
      }
    }
  }

  private mutating func flush(_ findings: inout Findings) {
    var index = 0
    while index < archives.count {
      let copy = archives[index].copy
      var found: [Archive] = []
      while index < archives.count, archives[index].copy == copy {
        if archives[index].extraction != nil { found.append(archives[index]) }
        index += 1
      }
      guard let first = found.first else { continue }
      findings.report(
        Diagnostic(
          Self.metadata.code, Self.metadata.severity,
          "the archive stays in the image beside what is unpacked from it; ADD unpacks it on the way in",
          at: first.range,
          notes: found.compactMap { archive in
            archive.extraction.map { Note("it is unpacked here", at: $0) }
          },
          help: "write ADD with the directory to unpack into, and leave out the command that unpacks"),
        at: copy)
    }
    forget()
  }

  private mutating func forget() {
    archives = []
    packed = [:]
  }

  /// Whether `tar` unpacks.
  private static func extracts(_ tar: ShellCommand, _ isStrict: Bool) -> Bool {
    let words = tar.arguments.map(\.text)
    if isStrict {
      return words.contains { word in
        word == "--extract" || word == "--get" || word.utf8.first == 0x2D && word.utf8.contains(0x78)
      }
    }
    // ADD cannot leave out leading folders.
    if words.contains(where: { $0.hasPrefix("--strip") }) { return false }
    return words.enumerated().contains { index, word in
      if word == "--extract" || word == "--get" { return true }
      guard word.utf8.contains(0x78) else { return false }
      return word.utf8.first == 0x2D ? !word.hasPrefix("--") : index == 0
    }
  }

  private static func isArchive(_ path: ArraySlice<UInt8>) -> Bool {
    extensions.contains { path.ends(with: $0) }
  }

  private static func unquoted(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let isQuote = { (byte: UInt8) in byte == 0x22 || byte == 0x27 }
    var text = text.drop(while: isQuote)
    while let last = text.last, isQuote(last) { text.removeLast() }
    return text
  }

  private static func lastPart(_ path: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let cut = path.lastIndex { $0 == 0x2F || $0 == 0x5C }
    return cut.map { path[($0 + 1)...] } ?? path
  }

  private static let decompressors: Set<String> = [
    "unzip", "gunzip", "bunzip2", "unlzma", "unxz", "zgz", "uncompress", "zcat", "gzcat",
  ]
  /// What hadolint takes for archives.
  private static let extensions: [[UInt8]] = [
    ".tar", ".Z", ".bz2", ".gz", ".lz", ".lzma", ".tZ", ".tb2", ".tbz", ".tbz2", ".tgz", ".tlz", ".tpz",
    ".txz", ".xz",
  ].map { Array($0.utf8) }
  /// Those that ADD does not unpack.
  private static let foreignExtensions: [[UInt8]] = [".Z", ".lz", ".lzma", ".tZ", ".tlz", ".tpz"].map {
    Array($0.utf8)
  }
  /// Those that are tar archives for certain.
  private static let tarExtensions: [[UInt8]] = [
    ".tar", ".tar.bz2", ".tar.gz", ".tar.xz", ".tb2", ".tbz", ".tbz2", ".tgz", ".txz",
  ].map { Array($0.utf8) }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        COPY of an archive from the build context (`.tar`, `.tar.gz`, `.tgz`, `.tar.xz` and the like) that `tar` or a \
        decompressor in a later RUN of the stage takes apart. The COPY is flagged.
        """,
      why: """
        The archive is in the layer of the COPY for good, also when the RUN deletes it, so the image holds everything \
        twice. ADD unpacks a local tar archive while it copies.
        """,
      instead:
        "Write `ADD app.tar.gz /opt/` in place of both instructions, or mount the archive: `RUN --mount=type=bind`.",
      sources: [
        "https://github.com/hadolint/hadolint", "https://docs.docker.com/reference/dockerfile/#add",
      ],
      examples: [
        .bad(
          """
          FROM debian:12
          COPY «app.tar.gz» license.txt /opt/
          RUN ‹tar -C /opt -xzf /opt/app.tar.gz›

          """),
        .good(
          """
          FROM debian:12
          ADD app.tar.gz /opt/
          COPY --from=build /out.tar /
          RUN tar -xf /out.tar

          """),
      ],
      differences: [
        HadolintDifference(
          "hadolint forgets its findings at the next FROM, and knows only options with a dash",
          """
          FROM a:1 AS build
          COPY a.tgz /
          RUN tar xf a.tgz
          FROM a:1
          COPY b.tgz /
          RUN tar -xf b.tgz

          """, ours: [2, 5], strict: [5]),
        HadolintDifference(
          "ADD unpacks tar archives only, not a single compressed file, and cannot leave out leading folders",
          """
          FROM a:1
          COPY dump.sql.gz /
          COPY app.tgz /
          RUN gunzip dump.sql.gz
          RUN tar -xf app.tgz --strip-components=1

          """, ours: [], strict: [2, 3]),
        HadolintDifference(
          "a command behind `sudo`, or called by its path, does the same as without, but hadolint does not see it",
          "FROM a:1\nCOPY a.tgz /\nRUN sudo tar -xf /a.tgz\nCOPY b.tgz /\nRUN /bin/tar -xf b.tgz\n",
          ours: [2, 4], strict: []),
      ])
  }
}

extension BidirectionalCollection<UInt8> {
  fileprivate func ends(with suffix: [UInt8]) -> Bool {
    reversed().starts(with: suffix.reversed())
  }
}
