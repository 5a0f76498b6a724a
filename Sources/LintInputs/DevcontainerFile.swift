import ConfigText
import SourceText

/// A `devcontainer.json`, as far as it says what its image is built from (<https://containers.dev/implementors/json_reference/>).
enum DevcontainerFile {
  /// The Dockerfile and the compose files that it names.
  static func read(_ source: Source, folder: InputPath) -> NamedDockerfiles {
    var result = NamedDockerfiles()
    // JSON is YAML once the comments are gone; every byte stays where it was, and so do the places.
    let text = ConfigText(
      parsing: Source(name: source.name, bytes: JSONComments.blanked(source.bytes)))
    result.problems = text.problems
    guard let root = text.root else { return result }
    func add(_ value: ConfigValue?, _ kind: InputKind) {
      guard let value, let path = value.scalar?.text, !path.isEmpty else { return }
      guard !path.contains("${") else {
        result.unresolved.append((path, value.range))
        return
      }
      result.references.append(
        .init(path: folder.resolving(InputPath(path)).simplified(), kind: kind, range: value.range))
    }
    add(root["build"]?["dockerfile"] ?? root["dockerFile"], .dockerfile)
    let compose = root["dockerComposeFile"]
    for file in compose?.list ?? [compose].compactMap(\.self) { add(file, .compose) }
    return result
  }
}

/// JSON with comments, as editors write it.
enum JSONComments {
  /// The text with blanks in the place of comments and tabs; no byte moves.
  ///
  /// Halves of surrogate pairs become U+FFFD, because YAML has no such escapes.
  static func blanked(_ bytes: [UInt8]) -> [UInt8] {
    var result = bytes
    var index = 0
    var isString = false
    func blank(_ range: Range<Int>) {
      for place in range where result[place] != 0x0A && result[place] != 0x0D { result[place] = 0x20 }
    }
    while index < bytes.count {
      let byte = bytes[index]
      if isString {
        if byte == UInt8(ascii: "\\") {
          if bytes[index...].starts(with: "\\u".utf8), index + 5 < bytes.count,
            bytes[index + 2].asciiLowercased == UInt8(ascii: "d"), bytes[index + 3] >= UInt8(ascii: "8")
          {
            result.replaceSubrange((index + 2)..<(index + 6), with: "FFFD".utf8)
          }
          index += 2
          continue
        }
        isString = byte != UInt8(ascii: "\"")
        index += 1
      } else if byte == UInt8(ascii: "\"") {
        isString = true
        index += 1
      } else if bytes[index...].starts(with: "//".utf8) {
        let end = bytes[index...].firstIndex { $0 == 0x0A || $0 == 0x0D } ?? bytes.count
        blank(index..<end)
        index = end
      } else if bytes[index...].starts(with: "/*".utf8) {
        var end = index + 2
        while end < bytes.count, !bytes[end...].starts(with: "*/".utf8) { end += 1 }
        end = min(end + 2, bytes.count)
        blank(index..<end)
        index = end
      } else {
        if byte == 0x09 { result[index] = 0x20 }
        index += 1
      }
    }
    return result
  }
}
