import Diagnostics
import DockerfileSyntax
import ShellSyntax
import SourceText

/// What is found in the scripts of a file's RUN instructions, found once and shared by the rules of all codes.
struct ShellFindings {
  /// A finding with the RUN that it is in.
  struct Entry {
    let instruction: Instruction
    let text: CookedText
    let finding: ShellFinding
  }
  private(set) var byCode: [Int: [Entry]] = [:]

  init(_ context: LintContext) {
    var walk = ScriptSettingWalk(context)
    walk.eachRun { instruction, setting in
      guard let script = context.script(of: instruction) else { return }
      var found = Self.findings(script, setting, isStrict: context.isStrict)
      // Blanks at a line's start are layout.
      found.removeAll { $0.code == 2291 && !script.text.isVerbatim($0.range.indices) }
      guard !found.isEmpty else { return }
      // hadolint shows one finding of a RUN, the last one.
      if context.isStrict {
        found = Self.last(found.filter { !Self.isOff($0.code) }).map { [$0] } ?? []
      }
      for finding in found {
        byCode[finding.code, default: []].append(
          Entry(instruction: instruction, text: script.text, finding: finding))
      }
    }
  }

  /// What is found in one script, in no order.
  static func findings(_ script: RunScript, _ setting: ScriptSetting, isStrict: Bool) -> [ShellFinding] {
    guard let tree = script.tree else { return [] }
    var dialect = script.dialect
    var first: [ShellFinding] = []
    if isStrict {
      guard !setting.isWindows, !hasForeignShebang(tree.text) else { return [] }
      let program = setting.shell.split { $0 == " " || $0 == "\t" }.first.map { String($0) } ?? ""
      dialect = ShellDialect(program: program)
      let start = ByteRange(0, 0)
      if case .other(let name) = dialect, Self.unsupported.contains(name) {
        return [ShellFinding(code: 1071, range: start, subject: program)]
      }
      if !program.hasPrefix("/") { first = [ShellFinding(code: 2239, range: start, subject: program)] }
    } else if setting.hasWindowsImage {
      return []
    }
    if let failure = ShellParseFailure.finding(in: tree) { return [failure] }
    return first + ShellAnalyzer.findings(in: tree, dialect, known: setting.variables)
  }

  /// Whether the first line names a program that hadolint does not take for a shell.
  private static func hasForeignShebang(_ text: [UInt8]) -> Bool {
    let text = text.drop { $0 == 0x0A || $0 == 0x09 }
    guard text.starts(with: "#!".utf8) else { return false }
    let shells = [
      "#!/bin/sh", "#!/bin/bash", "#!/bin/ksh", "#!/usr/bin/env sh", "#!/usr/bin/env bash",
      "#!/usr/bin/env ksh",
    ]
    return !shells.contains { text.starts(with: $0.utf8) }
  }

  /// Programs that ShellCheck knows and does not read; others count as bash.
  private static let unsupported: Set<String> = [
    "awk", "csh", "expect", "fish", "perl", "python", "python2", "python3", "ruby", "tcsh", "zsh",
  ]

  /// The last finding in ShellCheck's order: place, then weight, then code.
  private static func last(_ findings: [ShellFinding]) -> ShellFinding? {
    findings.max { left, right in
      if left.range.lower != right.range.lower { return left.range.lower < right.range.lower }
      let (one, other) = (severity(left.code), severity(right.code))
      if one != other { return one > other }
      return left.code < right.code
    }
  }

  private static let metadata: [Int: RuleMetadata] = {
    var metadata: [Int: RuleMetadata] = [:]
    for rule in shellRules {
      if let code = Int(rule.metadata.code.id.dropFirst(2)) { metadata[code] = rule.metadata }
    }
    return metadata
  }()
  private static func severity(_ code: Int) -> Severity { metadata[code]?.severity ?? .warning }
  private static func isOff(_ code: Int) -> Bool { metadata[code]?.isOff ?? true }
}
