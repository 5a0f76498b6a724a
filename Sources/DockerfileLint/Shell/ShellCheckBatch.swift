import Diagnostics
import DockerfileSyntax
import ShellSyntax
package import SourceText

/// A remark of an installed ShellCheck about one of the scripts of a ``ShellCheckBatch``; lines and columns count from 1,
/// columns in characters.
package struct ShellCheckComment: Hashable, Sendable {
  /// A place in a script.
  package struct Place: Hashable, Sendable {
    package var line: Int
    package var column: Int
    package var endLine: Int
    package var endColumn: Int

    package init(line: Int, column: Int, endLine: Int, endColumn: Int) {
      self.line = line
      self.column = column
      self.endLine = endLine
      self.endColumn = endColumn
    }
  }
  /// A part of the fix that it offers.
  package struct Replacement: Hashable, Sendable {
    package var place: Place
    package var text: String

    package init(_ place: Place, _ text: String) {
      self.place = place
      self.text = text
    }
  }
  /// The index of the script.
  package var script: Int
  package var place: Place
  /// `error`, `warning`, `info` or `style`.
  package var level: String
  /// The number behind `SC`.
  package var code: Int
  package var message: String
  package var replacements: [Replacement]

  package init(
    script: Int, place: Place, level: String, code: Int, message: String, replacements: [Replacement] = []
  ) {
    self.script = script
    self.place = place
    self.level = level
    self.code = code
    self.message = message
    self.replacements = replacements
  }
}

/// What an installed ShellCheck found in one Dockerfile: it holds for the file as it was.
package struct ShellCheckFindings: Sendable {
  let source: Source
  fileprivate(set) var entries: [(diagnostic: Diagnostic, instruction: Int)] = []
}

/// The scripts of all RUN instructions of several files, for one run of ShellCheck, and the way back from its remarks.
///
/// Each script starts with the line `#!` of its shell, and one `export` for each variable that is known to be set, as
/// hadolint does it. Scripts for other programs than POSIX shells are left out.
package struct ShellCheckBatch: Sendable {
  private struct Origin {
    let file: Int
    let instruction: Int
    let text: CookedText
    /// How many bytes stand before the RUN's text.
    let prefix: Int
  }
  private let sources: [Source]
  private var origins: [Origin] = []
  /// What ShellCheck is to read, in order; a remark names a script by its index.
  package private(set) var scripts: [[UInt8]] = []

  /// Collects the scripts of files.
  package init(_ files: [(source: Source, settings: LintSettings, environment: LintEnvironment)]) {
    sources = files.map(\.source)
    for (index, file) in files.enumerated() where !file.settings.isStrict {
      let context = LintContext(Dockerfile(parsing: file.source), file.settings, file.environment)
      var walk = ScriptSettingWalk(context)
      walk.eachRun { instruction, setting in
        guard !setting.hasWindowsImage, let script = context.script(of: instruction), script.tree != nil
        else {
          return
        }
        var bytes = Array("#!/bin/\(Self.program(script.dialect))\n".utf8)
        for name in setting.variables.sorted() where name.isVariableName {
          bytes += Array("export \(name)=1\n".utf8)
        }
        origins.append(
          Origin(file: index, instruction: instruction.index, text: script.text, prefix: bytes.count))
        scripts.append(bytes + script.text.bytes)
      }
    }
  }

  /// The name of a shell that every version of ShellCheck knows.
  private static func program(_ dialect: ShellDialect) -> String {
    switch dialect {
    case .bash: "bash"
    case .dash, .busybox: "dash"
    case .ksh: "ksh"
    case .sh, .powershell, .cmd, .other: "sh"
    }
  }

  /// What the remarks mean for each of the files, in the order of the files.
  ///
  /// Left out are the codes that hadolint leaves out, what is said about the lines before a script, and what cannot be meant
  /// in a Dockerfile: that the script has no `#!`.
  package func findings(_ comments: [ShellCheckComment]) -> [ShellCheckFindings] {
    var result = sources.map { ShellCheckFindings(source: $0) }
    let excluded: Set<Int> = [1090, 1091, 2148, 2187]
    var lines: (script: Int, starts: [Int])?
    for comment in comments.sorted(by: { $0.script < $1.script }) {
      guard origins.indices.contains(comment.script), !excluded.contains(comment.code) else { continue }
      if lines?.script != comment.script {
        lines = (comment.script, Self.lineStarts(scripts[comment.script]))
      }
      let origin = origins[comment.script]
      guard let starts = lines?.starts, let range = range(comment.place, comment.script, starts) else {
        continue
      }
      let edits: [Edit?] = comment.replacements.map { replacement in
        guard let range = self.range(replacement.place, comment.script, starts),
          origin.text.isVerbatim(range.indices)
        else { return nil }
        return Edit(Self.place(range, of: origin.text), replacement.text)
      }
      let fixIt =
        edits.contains { $0 == nil } ? nil : FixIt("do as ShellCheck says", .unsafe, edits.compactMap(\.self))
      let id = "SC\(comment.code)"
      let native = RuleRegistry.rule(named: id)?.metadata.code
      let diagnostic = Diagnostic(
        native ?? DiagnosticCode(id, "shellcheck-\(comment.code)"), Self.severity(comment.level),
        comment.message,
        at: Self.place(range, of: origin.text), fixIts: fixIt.map { [$0] } ?? [])
      result[origin.file].entries.append((diagnostic, origin.instruction))
    }
    return result
  }

  private static func severity(_ level: String) -> Severity {
    switch level {
    case "error": .error
    case "warning": .warning
    case "info": .info
    default: .style
    }
  }

  private static func place(_ range: ByteRange, of text: CookedText) -> ByteRange {
    guard range.isEmpty, range.lower > 0,
      Int(range.lower) >= text.bytes.count || !text.isVerbatim(Int(range.lower) - 1..<Int(range.lower) + 1)
    else { return text.original(range.indices) }
    let last = text.original(Int(range.lower) - 1..<Int(range.lower))
    return ByteRange(last.upper, last.upper)
  }

  /// The bytes of a place in the RUN's text; nil when it lies before it.
  private func range(_ place: ShellCheckComment.Place, _ script: Int, _ starts: [Int]) -> ByteRange? {
    let prefix = origins[script].prefix
    guard let lower = offset(place.line, place.column, script, starts), lower >= prefix,
      let upper = offset(place.endLine, place.endColumn, script, starts)
    else { return nil }
    return ByteRange(lower - prefix, max(lower, upper) - prefix)
  }

  private func offset(_ line: Int, _ column: Int, _ script: Int, _ starts: [Int]) -> Int? {
    guard line >= 1, line <= starts.count, column >= 1 else { return nil }
    let bytes = scripts[script]
    var offset = starts[line - 1]
    var left = column - 1
    while left > 0, offset < bytes.count, bytes[offset] != 0x0A {
      offset += 1
      while offset < bytes.count, bytes[offset] & 0xC0 == 0x80 { offset += 1 }
      left -= 1
    }
    return offset
  }

  private static func lineStarts(_ bytes: [UInt8]) -> [Int] {
    [0] + bytes.indices.filter { bytes[$0] == 0x0A }.map { $0 + 1 }
  }
}

extension Findings {
  /// Adds what an installed ShellCheck has found; what a rule has found at the same place is one finding, and keeps the
  /// rule's words.
  mutating func add(_ findings: ShellCheckFindings, of dockerfile: Dockerfile, _ settings: LintSettings) {
    guard !settings.isStrict, findings.source.bytes == dockerfile.source.bytes else { return }
    struct Key: Hashable {
      let id: String
      let offset: UInt32
    }
    // What stops the reading is said once, by us.
    let failures: Set<String> = ["SC1036", "SC1065", "SC1070", "SC1072", "SC1088", "SC1089", "SC1133"]
    let unreadable = Set(entries.filter { failures.contains($0.diagnostic.code.id) }.map(\.instruction))
    var known = Set(entries.map { Key(id: $0.diagnostic.code.id, offset: $0.diagnostic.range.lower) })
    for entry in findings.entries {
      let code = entry.diagnostic.code.id
      if RuleRegistry.rule(named: code)?.metadata.isOff ?? false, settings.severities[code] == nil {
        continue
      }
      if unreadable.contains(entry.instruction), code.hasPrefix("SC1") { continue }
      guard known.insert(Key(id: code, offset: entry.diagnostic.range.lower)).inserted else { continue }
      report(entry.diagnostic, at: entry.instruction)
    }
  }
}
