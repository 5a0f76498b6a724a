import JSONText

/// A text with `{{…}}` as `inspect --format` takes it. Of Go's templates it is what people write for images: members such as
/// `.Config.Cmd`, the functions `json`, `index`, `len`, `join` and `println`, `range … end`, and `|`.
struct InspectTemplate {
  private indirect enum Part {
    case text(String)
    case value(Pipeline)
    case each(Pipeline, [Part])
  }

  /// Calls, each of which gets what the one before it has given as its last argument.
  private typealias Pipeline = [[Word]]

  private enum Word {
    /// `.A.B`; empty for `.`.
    case path([String])
    case function(String)
    case text(String)
    case number(Int)
  }

  private let parts: [Part]

  private static let functions = ["index", "join", "json", "len", "println"]

  /// - Throws: a ``Failure`` for what is no template, or more of one than is understood.
  init(_ text: String) throws {
    var rest = text[...]
    parts = try Self.parts(&rest, isInRange: false)
  }

  // MARK: Reading

  private static func parts(_ rest: inout Substring, isInRange: Bool) throws -> [Part] {
    var parts: [Part] = []
    while let open = rest.firstRange(of: "{{") {
      var before = rest[..<open.lowerBound]
      guard let close = rest[open.upperBound...].firstRange(of: "}}") else {
        throw refusal("`{{` is never closed")
      }
      var action = rest[open.upperBound..<close.lowerBound]
      rest = rest[close.upperBound...]
      // A minus takes the blanks beside it away.
      if action.hasPrefix("- ") {
        action = action.dropFirst()
        while before.last?.isWhitespace ?? false { before.removeLast() }
      }
      if action.hasSuffix(" -") {
        action = action.dropLast()
        rest = rest.drop(while: \.isWhitespace)
      }
      if !before.isEmpty { parts.append(.text(unescaped(before))) }
      let pipeline = try pipeline(action)
      switch pipeline.first?.first {
      case .function("end")?:
        guard isInRange, pipeline.count == 1, pipeline[0].count == 1 else {
          throw refusal("`{{end}}` ends nothing")
        }
        return parts
      case .function("range")?:
        let list = [Array(pipeline[0].dropFirst())] + pipeline.dropFirst()
        guard !list[0].isEmpty else {
          throw refusal("write what to `range` over, such as {{range .RepoTags}}")
        }
        parts.append(.each(list, try Self.parts(&rest, isInRange: true)))
      default: parts.append(.value(pipeline))
      }
    }
    if isInRange { throw refusal("`{{range}}` has no `{{end}}`") }
    if !rest.isEmpty { parts.append(.text(unescaped(rest))) }
    rest = ""
    return parts
  }

  private static func unescaped(_ text: Substring) -> String {
    String(text).replacing("\\t", with: "\t").replacing("\\n", with: "\n")
  }

  private static func pipeline(_ action: Substring) throws -> Pipeline {
    var calls: Pipeline = [[]]
    var rest = action.drop(while: \.isWhitespace)
    while let first = rest.first {
      if first == "|" {
        calls.append([])
        rest.removeFirst()
      } else if first == "\"" || first == "`" {
        rest.removeFirst()
        guard let end = rest.firstIndex(of: first) else { throw refusal("a quote in `\(action)` has no end") }
        calls[calls.count - 1].append(.text(String(rest[..<end]).replacing("\\n", with: "\n")))
        rest = rest[rest.index(after: end)...]
      } else {
        let word = rest.prefix { !$0.isWhitespace && $0 != "|" }
        calls[calls.count - 1].append(try self.word(word, in: action))
        rest = rest[word.endIndex...]
      }
      rest = rest.drop(while: \.isWhitespace)
    }
    guard calls.allSatisfy({ !$0.isEmpty }) else { throw refusal("there is nothing in `{{\(action)}}`") }
    return calls
  }

  private static func word(_ text: Substring, in action: Substring) throws -> Word {
    if text == "." { return .path([]) }
    if let number = Int(text) { return .number(number) }
    if text.hasPrefix(".") {
      let names = text.dropFirst().split(separator: ".", omittingEmptySubsequences: false).map(String.init)
      if names.allSatisfy({ !$0.isEmpty && $0.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" } }) {
        return .path(names)
      }
    }
    let name = String(text)
    guard functions.contains(name) || ["range", "end"].contains(name) else {
      throw refusal(
        "`\(text)` in `{{\(action)}}` is not known; there are members such as .Config.Cmd, "
          + "\(functions.joined(separator: ", ")), and range with end")
    }
    return .function(name)
  }

  private static func refusal(_ reason: String) -> Failure {
    Failure("--format: \(reason)", status: Exit.unable)
  }

  // MARK: Filling in

  /// The text for an image as `slipway inspect` shows it.
  func text(of image: JSONValue) throws -> String { try text(parts, image) }

  private func text(_ parts: [Part], _ value: JSONValue) throws -> String {
    var result = ""
    for part in parts {
      switch part {
      case .text(let text): result += text
      case .value(let pipeline):
        let found = try Self.value(pipeline, value)
        if found == .null, case .path(let names)? = pipeline.last?.first, let name = names.last {
          result += Self.empty[name] ?? Self.goText(found)
        } else {
          result += Self.goText(found)
        }
      case .each(let pipeline, let body):
        switch try Self.value(pipeline, value) {
        case .array(let elements): for element in elements { result += try text(body, element) }
        case .object(let members): for member in members { result += try text(body, member.value) }
        case .null: break
        case let other: throw Self.refusal("range is for lists, and not for \(other.kind)")
        }
      }
    }
    return result
  }

  private static func value(_ pipeline: Pipeline, _ dot: JSONValue) throws -> JSONValue {
    var last: JSONValue?
    for call in pipeline {
      var arguments = try call.dropFirst().map { try value($0, dot) }
      if let last { arguments.append(last) }
      if case .function(let name) = call[0] {
        last = try apply(name, arguments)
      } else {
        guard arguments.isEmpty else { throw refusal("only functions have arguments") }
        last = try value(call[0], dot)
      }
    }
    return last ?? .null
  }

  private static func value(_ word: Word, _ dot: JSONValue) throws -> JSONValue {
    switch word {
    case .text(let text): return .string(text)
    case .number(let number): return .integer(Int64(number))
    case .function(let name): throw refusal("`\(name)` is no value: write it first, or behind `|`")
    case .path(let names):
      var value = dot
      for name in names { value = try member(name, of: value) }
      return value
    }
  }

  /// How docker shows what an image may have, where nothing of it is set. As JSON it is null.
  private static let empty: [String: String] = [
    "Annotations": "map[]", "Author": "", "Cmd": "[]", "Comment": "", "Created": "", "Entrypoint": "[]",
    "Env": "[]", "ExposedPorts": "map[]", "Healthcheck": "<nil>", "Labels": "map[]", "OnBuild": "[]",
    "OsVersion": "", "Referrers": "[]", "Shell": "[]", "StopSignal": "", "StopTimeout": "<nil>", "User": "",
    "Variant": "", "Volumes": "map[]", "WorkingDir": "",
  ]

  private static func member(_ name: String, of value: JSONValue) throws -> JSONValue {
    if let found = value[name] { return found }
    guard case .object(let members) = value else {
      throw refusal("there is no .\(name) in \(value.kind == "null" ? "nothing" : "a \(value.kind)")")
    }
    if empty[name] != nil { return .null }
    let known = members.map { "." + $0.key }.joined(separator: ", ")
    throw refusal("there is no .\(name)\(known.isEmpty ? "" : "; there are \(known)")")
  }

  private static func apply(_ name: String, _ arguments: [JSONValue]) throws -> JSONValue {
    switch (name, arguments.count) {
    case ("json", 1): return .string(String(decoding: arguments[0].encoded(escaping: .go), as: UTF8.self))
    case ("println", _): return .string(arguments.map(goText).joined(separator: " ") + "\n")
    case ("len", 1):
      switch arguments[0] {
      case .array(let elements): return .integer(Int64(elements.count))
      case .object(let members): return .integer(Int64(members.count))
      case .string(let text): return .integer(Int64(text.utf8.count))
      case .null: return 0
      case let other: throw refusal("a \(other.kind) has no length")
      }
    case ("join", 2):
      if arguments[0] == .null { return "" }
      guard case .array(let elements) = arguments[0], case .string(let separator) = arguments[1] else {
        throw refusal("write {{join .RepoTags \", \"}}: a list, and what stands between")
      }
      return .string(elements.map(goText).joined(separator: separator))
    case ("index", 2...):
      return try arguments.dropFirst().reduce(arguments[0], element)
    default: throw refusal("`\(name)` has \(arguments.count) arguments, which are not what it takes")
    }
  }

  private static func element(_ value: JSONValue, _ key: JSONValue) throws -> JSONValue {
    switch (value, key) {
    case (.array(let elements), .integer(let number)):
      guard elements.indices.contains(Int(number)) else {
        throw refusal("there is no element \(number): the list has \(elements.count)")
      }
      return elements[Int(number)]
    // As in Go, what a map does not have is empty.
    case (.object, .string(let name)): return value[name] ?? ""
    case (.null, _): return ""
    default: throw refusal("index takes a list and a number, or a map and a text in quotes")
    }
  }

  /// As Go prints a value.
  private static func goText(_ value: JSONValue) -> String {
    switch value {
    case .string(let text), .number(let text): text
    case .integer(let number): "\(number)"
    case .bool(let flag): "\(flag)"
    case .null: "<nil>"
    case .array(let elements): "[" + elements.map(goText).joined(separator: " ") + "]"
    case .object(let members):
      "map["
        + members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        .map { "\($0.key):\(goText($0.value))" }.joined(separator: " ") + "]"
    }
  }
}
