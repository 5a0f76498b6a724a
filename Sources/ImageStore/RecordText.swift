import OCIModel

/// A small record of the cache as text: a first line, a line for each member, and at the end the digest of all before.
enum RecordText {
  /// - Parameters:
  ///   - header: the first line.
  ///   - members: names without a blank, and values without a line feed.
  static func encoded(_ header: String, _ members: [(name: String, value: String)]) -> [UInt8] {
    let lines = [header] + members.map { "\($0.name) \($0.value)" }
    let text = Array((lines.joined(separator: "\n") + "\n").utf8)
    return text + Array("sum \(Digest(of: text))\n".utf8)
  }

  /// The values of the members of these names; nil for anything that ``encoded(_:_:)`` has not written, such as half a
  /// file.
  static func decoded(_ bytes: [UInt8], _ header: String, _ names: [String]) -> [String]? {
    let text = String(decoding: bytes, as: UTF8.self)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count == names.count + 3, lines[0] == header, lines[names.count + 2].isEmpty else {
      return nil
    }
    let sum = Digest(of: Array((lines[...names.count].joined(separator: "\n") + "\n").utf8))
    guard lines[names.count + 1] == "sum \(sum)" else { return nil }
    var values: [String] = []
    for (name, line) in zip(names, lines.dropFirst()) {
      guard line.hasPrefix(name + " ") else { return nil }
      values.append(String(line.dropFirst(name.utf8.count + 1)))
    }
    return values
  }
}

extension Descriptor {
  /// Digest, size and media type, as they stand in a record.
  var recordText: String { "\(digest) \(size) \(mediaType.rawValue)" }

  /// Reads ``recordText`` back; nil for anything else.
  init?(recordText text: String) {
    let parts = text.split(separator: " ")
    guard parts.count == 3, let digest = try? Digest(parsing: String(parts[0])), let size = Int64(parts[1])
    else {
      return nil
    }
    self.init(mediaType: MediaType(rawValue: String(parts[2])), digest: digest, size: size)
  }
}
