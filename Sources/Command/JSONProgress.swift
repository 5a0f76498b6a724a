import ContentHash
import Isolation
import JSONText

/// Progress as BuildKit's `SolveStatus` (client/graph.go): one JSON object a line, with `vertexes`, `logs` or `warnings`.
enum JSONProgress {
  /// Names a step; the same build gives the same names.
  private static func digest(_ step: ProgressStep) -> String {
    "sha256:" + hexadecimal(SHA256.hash(Array("\(step.number) \(step.name)".utf8)))
  }

  static func vertex(_ step: ProgressStep) -> String {
    document("vertexes") { writer in
      writer.member("digest", digest(step))
      writer.member("name", step.name)
      writer.member("started", step.startTime)
      writer.member("completed", ifPresent: step.endTime)
      if step.isCached { writer.member("cached", true) }
      writer.member("error", ifPresent: step.error)
    }
  }

  static func log(_ step: ProgressStep, _ chunk: OutputChunk) -> String {
    document("logs") { writer in
      writer.member("vertex", digest(step))
      writer.member("stream", chunk.stream == .standardError ? 2 : 1)
      writer.member("data", base64(chunk.bytes))
      writer.member("timestamp", Timestamps.now())
    }
  }

  static func warning(_ text: String) -> String {
    document("warnings") { writer in
      writer.member("level", 1)
      writer.member("short", base64(Array(text.utf8)))
    }
  }

  private static func document(_ kind: String, _ body: (inout JSONWriter) -> Void) -> String {
    var writer = JSONWriter(escaping: .go)
    writer.object { writer in
      writer.member(kind) { writer in writer.array { writer in writer.object { body(&$0) } } }
    }
    return String(decoding: writer.bytes, as: UTF8.self) + "\n"
  }
}

/// Bytes as RFC 4648, section 4, writes them.
func base64(_ bytes: [UInt8]) -> String {
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  var text: [UInt8] = []
  text.reserveCapacity((bytes.count + 2) / 3 * 4)
  var index = 0
  while index < bytes.count {
    let part = bytes[index..<min(index + 3, bytes.count)]
    var group = 0
    for byte in part { group = group << 8 | Int(byte) }
    group <<= 8 * (3 - part.count)
    for place in 0..<4 {
      let isPadding = place > part.count
      text.append(isPadding ? UInt8(ascii: "=") : alphabet[group >> (18 - 6 * place) & 63])
    }
    index += 3
  }
  return String(decoding: text, as: UTF8.self)
}
