import JSONText

/// A row of a list by the names that docker gives its columns.
typealias NamedRow = [(name: String, value: String)]

/// The value of `--format`: `table`, `json`, or text with `{{.Name}}` in it.
///
/// Of Go's templates it is what people use in scripts: fields, and `{{json .}}`.
struct RowTemplate {
  enum Part: Equatable {
    case text(String)
    case field(String)
    /// The whole row.
    case json
  }

  /// nil for a table.
  let parts: [Part]?
  /// The fields of a table, in order; nil for the usual ones.
  let columns: [String]?

  /// - Parameter fields: the names that exist.
  init(_ text: String, fields: [String]) throws {
    switch text {
    case "", "table": (parts, columns) = (nil, nil)
    case "json": (parts, columns) = ([.json], nil)
    default:
      let isTable = text.hasPrefix("table ")
      let parts = try Self.parts(isTable ? String(text.dropFirst(6)) : text, fields)
      columns = isTable ? parts.compactMap { if case .field(let name) = $0 { name } else { nil } } : nil
      self.parts = isTable ? nil : parts
    }
  }

  private static func parts(_ text: String, _ fields: [String]) throws -> [Part] {
    var parts: [Part] = []
    var rest = text[...]
    while let open = rest.firstRange(of: "{{") {
      if open.lowerBound > rest.startIndex { parts.append(.text(unescaped(rest[..<open.lowerBound]))) }
      guard let close = rest[open.upperBound...].firstRange(of: "}}") else {
        throw Failure("--format: `{{` is never closed", status: Exit.unable)
      }
      let action = rest[open.upperBound..<close.lowerBound].filter { $0 != " " }
      rest = rest[close.upperBound...]
      if action == "json." {
        parts.append(.json)
      } else if let name = fields.first(where: { action == "." + $0 }) {
        parts.append(.field(name))
      } else {
        let known = fields.map { "{{." + $0 + "}}" }.joined(separator: ", ")
        throw Failure(
          "--format: `{{\(action)}}` is not known; there are \(known) and {{json .}}", status: Exit.unable)
      }
    }
    if !rest.isEmpty { parts.append(.text(unescaped(rest))) }
    return parts
  }

  /// docker reads `\t` and `\n` in a format.
  private static func unescaped(_ text: Substring) -> String {
    var result = ""
    var rest = text
    while let character = rest.popFirst() {
      guard character == "\\", let next = rest.first, let value = ["t": "\t", "n": "\n"][next] else {
        result.append(character)
        continue
      }
      rest.removeFirst()
      result += value
    }
    return result
  }

  /// The rows as text: each on its line, or all in a table.
  ///
  /// - Parameter usual: the fields of a table that names none, with their headings.
  func text(of rows: [NamedRow], usual: [(name: String, heading: String)]) -> String {
    if let parts { return rows.map { Self.line(parts, $0) + "\n" }.joined() }
    let shown =
      columns.map { names in names.map { name in (name, Self.heading(name, usual)) } }
      ?? usual.map { ($0, $1) }
    return table(
      [shown.map(\.1)]
        + rows.map { row in shown.map { name, _ in row.first { $0.name == name }?.value ?? "" } })
  }

  private static func heading(_ name: String, _ usual: [(name: String, heading: String)]) -> String {
    if let found = usual.first(where: { $0.name == name }) { return found.heading }
    // `CreatedSince` is CREATED SINCE.
    var words = ""
    for character in name {
      if character.isUppercase, words.last?.isLowercase ?? false { words.append(" ") }
      words.append(character)
    }
    return words.uppercased()
  }

  private static func line(_ parts: [Part], _ row: NamedRow) -> String {
    parts.map { part in
      switch part {
      case .text(let text): return text
      case .field(let name): return row.first { $0.name == name }?.value ?? ""
      case .json:
        var writer = JSONWriter(escaping: .go)
        writer.object { writer in for (name, value) in row { writer.member(name, value) } }
        return String(decoding: writer.bytes, as: UTF8.self)
      }
    }.joined()
  }
}
