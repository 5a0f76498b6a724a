import Diagnostics
package import DockerfileLint
import JSONText

/// The rules as a table: id, name, severity, what can be mended, summary.
package func rulesTable(_ rules: [any Rule.Type], style: TerminalStyle) -> [UInt8] {
  let rows = rules.map { rule in
    let data = rule.metadata
    return (data.code.id, data.code.name, data.severity, data.fix?.name ?? "-", data.summary)
  }
  let widths = (
    rows.map(\.0.utf8.count).max() ?? 0, rows.map(\.1.utf8.count).max() ?? 0, "severity".utf8.count
  )
  func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.utf8.count))
  }
  let head =
    "\(padded("id", widths.0))  \(padded("name", widths.1))  \(padded("severity", widths.2))  fix     what is flagged"
  var text = style.bold(head) + "\n"
  for (id, name, severity, fix, summary) in rows {
    text += "\(style.bold(padded(id, widths.0)))  \(padded(name, widths.1))  "
    text += "\(style.text(padded(severity.name, widths.2), severity))  \(padded(fix, 6))  \(summary)\n"
  }
  return Array(text.utf8)
}

/// The rules as JSON: an array of objects, keys in alphabetical order.
package func rulesJSON(_ rules: [any Rule.Type]) -> [UInt8] {
  var writer = JSONWriter(style: .pretty)
  writer.beginArray()
  for rule in rules {
    let data = rule.metadata
    writer.beginObject()
    writer.key("aliases")
    writer.beginArray()
    for alias in data.otherNames { writer.string(alias) }
    writer.endArray()
    writer.key("code")
    writer.string(data.code.id)
    writer.key("fix")
    if let fix = data.fix { writer.string(fix.name) } else { writer.null() }
    writer.key("level")
    writer.string(data.severity.name)
    writer.key("name")
    writer.string(data.code.name)
    writer.key("summary")
    writer.string(data.summary)
    writer.endObject()
  }
  writer.endArray()
  writer.newline()
  return writer.bytes
}

/// A rule in full.
package func ruleExplanation(_ rule: any Rule.Type, style: TerminalStyle) -> [UInt8] {
  let data = rule.metadata
  let page = rule.documentation
  var text =
    "\(style.bold("\(data.code.id) \(data.code.name)")) (\(style.text(data.severity.name, data.severity)))\n"
  text += wrapped(data.summary, indent: "") + "\n"
  func section(_ title: String, _ body: String) {
    text += style.bold(title) + "\n" + wrapped(body, indent: "  ") + "\n"
  }
  section("What it flags", page.what)
  section("Why", page.why)
  section("Instead", page.instead)
  if let safety = page.fixSafety { section("Fix", safety) }
  for example in page.examples {
    text += style.bold(example.isBad ? "Flagged, between « and »" : "Not flagged") + "\n"
    text += indented(example.marked)
    if let fixed = example.fixed { text += style.bold("Mended with --fix") + "\n" + indented(fixed) }
    if let fixed = example.unsafelyFixed {
      text += style.bold("Mended with --fix-unsafe") + "\n" + indented(fixed)
    }
  }
  if !data.otherNames.isEmpty { section("Also known as", data.otherNames.joined(separator: ", ")) }
  if !page.sources.isEmpty {
    text += style.bold("Sources") + "\n" + page.sources.map { "  \($0)\n" }.joined()
  }
  return Array(text.utf8)
}

private func indented(_ text: String) -> String {
  var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
  while lines.last == "" { lines.removeLast() }
  return lines.map { $0.isEmpty ? "\n" : "    \($0)\n" }.joined() + "\n"
}

/// Breaks a text into lines of at most 80 columns.
private func wrapped(_ text: String, indent: String) -> String {
  var result = ""
  var line = indent
  var isEmpty = true
  for word in text.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
    if !isEmpty, line.count + 1 + word.count > 80 {
      result += line + "\n"
      line = indent
      isEmpty = true
    }
    line += isEmpty ? String(word) : " \(word)"
    isEmpty = false
  }
  return result + line + "\n"
}
