import Diagnostics
package import DockerfileLint
import SourceText

/// The documentation of a rule as a page of Markdown.
package func rulePage(_ rule: any Rule.Type) -> [UInt8] {
  let (data, page) = (rule.metadata, rule.documentation)
  var text = "<!-- Written by `slipway rules --write-pages`; edit the rule's source instead. -->\n\n"
  text += "# \(data.code.id) \(data.code.name)\n\n"
  text += "\(sentence(data.summary)) Severity: \(data.severity.name)\(data.isOff ? ", off by default" : "")."
  text += " Fix: \(data.fix?.name ?? "none")."
  if !data.otherNames.isEmpty {
    text += " Also known as \(data.otherNames.map { "`\($0)`" }.joined(separator: ", "))."
  }
  text += "\n\n## What it flags\n\n\(page.what)\n\n## Why\n\n\(page.why)\n\n## Instead\n\n\(page.instead)\n"
  if let safety = page.fixSafety { text += "\n## Fix\n\n\(safety)\n" }
  text += "\n## Examples\n"
  for example in page.examples {
    text += configured(example.settings)
    text += example.isBad ? "\nFlagged, between « and »" : "\nNot flagged"
    text += example.marked.contains("‹") ? "; further places between ‹ and ›:\n" : ":\n"
    text += fenced(example.marked)
    if let fixed = example.fixed { text += "\nWith `--fix`:\n" + fenced(fixed) }
    if let fixed = example.unsafelyFixed { text += "\nWith `--fix-unsafe`:\n" + fenced(fixed) }
  }
  if !page.differences.isEmpty {
    text += "\n## Where hadolint says something else\n\n`--hadolint-strict` gives its verdict back.\n"
    for difference in page.differences {
      text += "\n\(whole(difference.reason))\n" + configured(difference.settings)
      text += difference.dockerfile.isEmpty ? "" : fenced(difference.dockerfile)
      text += "\nSlipway: \(lines(difference.ours)). hadolint: \(lines(difference.strict)).\n"
    }
  }
  text += "\n## Sources\n\n" + page.sources.map { "- <\($0)>\n" }.joined()
  return Array(text.utf8)
}

/// The tables of all rules as a page of Markdown, one for each kind of id.
package func rulesIndex(_ rules: [any Rule.Type]) -> [UInt8] {
  var text =
    "<!-- Written by `slipway rules --write-pages`; edit the rules' sources instead. -->\n\n# Rules\n\n"
  text +=
    "\(rules.count) rules. `slipway explain RULE` shows a page on the terminal. Any of a rule's names can stand in"
  text += " configurations and comments.\n"
  let kinds: [(prefix: String?, heading: String)] = [
    ("DL", "hadolint's rules"), (nil, "BuildKit's checks"), ("SC", "Shell commands"),
    ("DF", "Slipway's own rules"),
  ]
  for kind in kinds {
    let members = rules.filter { rule in
      let id = rule.metadata.code.id
      return kind.prefix.map(id.hasPrefix) ?? !["DL", "SC", "DF"].contains(where: id.hasPrefix)
    }
    guard !members.isEmpty else { continue }
    text += "\n## \(kind.heading)\n\n"
    text += "| rule | name | also | severity | fix | what is flagged |\n|---|---|---|---|---|---|\n"
    for rule in members {
      let data = rule.metadata
      text += "| [\(data.code.id)](\(data.code.id).md) | \(data.code.name)"
      text +=
        " | \(data.otherNames.joined(separator: ", ")) | \(data.severity.name)\(data.isOff ? " (off)" : "")"
      text += " | \(data.fix?.name ?? "") | \(tableCell(data.summary)) |\n"
    }
  }
  return Array(text.utf8)
}

/// The rows of the table of differences from hadolint: rule, what differs and why, the two verdicts.
package func hadolintDifferences(_ rules: [any Rule.Type]) -> [UInt8] {
  var text = "| rule | what differs, and why | Dockerfile | Slipway | hadolint |\n|---|---|---|---|---|\n"
  for rule in rules {
    let id = rule.metadata.code.id
    for difference in rule.documentation.differences {
      text += "| [\(id)](rules/\(id).md) | \(tableCell(whole(difference.reason))) |"
      text +=
        " \(recipe(difference.dockerfile)) | \(lines(difference.ours)) | \(lines(difference.strict)) |\n"
    }
  }
  return Array(text.utf8)
}

private func lines(_ numbers: [Int]) -> String {
  switch numbers.count {
  case 0: "nothing"
  case 1: "line \(numbers[0])"
  default: "lines \(numbers.map(String.init).joined(separator: ", "))"
  }
}

/// A half sentence as a whole one.
private func sentence(_ text: String) -> String {
  text.prefix(1).uppercased() + text.dropFirst() + "."
}

/// One or more sentences, of which the first may lack its capital letter and the last its full stop.
private func whole(_ text: String) -> String {
  text.prefix(1).uppercased() + text.dropFirst() + (text.hasSuffix(".") || text.hasSuffix(".)") ? "" : ".")
}

/// The configuration that an example needs.
private func configured(_ settings: LintSettings) -> String {
  let configuration = hadolintConfiguration(settings)
  return configuration.isEmpty ? "" : "\nWith this `.hadolint.yaml`:\n\n```yaml\n\(configuration)```\n"
}

/// A Dockerfile on one line of a table: `⏎` ends a line, `⇥` is a tab.
private func recipe(_ text: String) -> String {
  guard !text.isEmpty else { return "(empty)" }
  var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
  if lines.last == "" { lines.removeLast() }
  let shown = lines.joined(separator: "⏎").split(separator: "\t", omittingEmptySubsequences: false)
  return "`` \(tableCell(shown.joined(separator: "⇥"))) ``"
}

private func fenced(_ text: String) -> String {
  let fence = text.contains("```") ? "````" : "```"
  return "\n\(fence)dockerfile\n\(text.hasSuffix("\n") ? text : text + "\n")\(fence)\n"
}

private func tableCell(_ text: String) -> String {
  text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
    .split(separator: "\n").joined(separator: " ")
}
