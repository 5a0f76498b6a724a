import Isolation
import Synchronization

/// Takes secrets out of what a command writes: whatever shows the output, or keeps it, never has them.
///
/// A secret is found wherever it stands in one stream, also across two writes: what may be the start of one is
/// held back until more comes.
final class Redaction: Sendable {
  /// What stands in the place of a secret.
  static let mark = Array("****".utf8)
  /// Shorter values occur by chance.
  static let shortest = 4

  /// The values, longest first.
  private let values: [[UInt8]]
  private let pending = Mutex<(output: [UInt8], error: [UInt8])>(([], []))

  init(_ secrets: [[UInt8]]) {
    var values: Set<[UInt8]> = []
    for secret in secrets {
      // Most files end with a newline that is no part of the secret.
      let whole = Array(secret.reversed().drop { $0 == 0x0A || $0 == 0x0D }.reversed())
      values.insert(whole)
      // A key of several lines may be shown line by line.
      for line in whole.split(separator: 0x0A) where line.count >= 8 { values.insert(Array(line)) }
    }
    self.values = values.filter { $0.count >= Self.shortest }.sorted { left, right in
      left.count != right.count ? left.count > right.count : left.lexicographicallyPrecedes(right)
    }
  }

  /// Hands on what of a chunk is sure to hold no secret.
  func pass(_ chunk: OutputChunk, to output: (OutputChunk) -> Void) {
    guard !values.isEmpty else { return output(chunk) }
    let bytes = pending.withLock { pending in
      switch chunk.stream {
      case .standardOutput: redact(&pending.output, adding: chunk.bytes)
      case .standardError: redact(&pending.error, adding: chunk.bytes)
      }
    }
    if !bytes.isEmpty { output(OutputChunk(stream: chunk.stream, bytes: bytes)) }
  }

  /// Hands on what was held back.
  func finish(to output: (OutputChunk) -> Void) {
    let rest = pending.withLock { pending in
      (
        output: redact(&pending.output, adding: [], isLast: true),
        error: redact(&pending.error, adding: [], isLast: true)
      )
    }
    if !rest.output.isEmpty { output(OutputChunk(stream: .standardOutput, bytes: rest.output)) }
    if !rest.error.isEmpty { output(OutputChunk(stream: .standardError, bytes: rest.error)) }
  }

  /// - Returns: what is settled; the rest stays in `pending`.
  private func redact(
    _ pending: inout [UInt8], adding bytes: [UInt8], isLast: Bool = false
  ) -> [UInt8] {
    pending += bytes
    var result: [UInt8] = []
    var position = 0
    scan: while position < pending.count {
      for value in values where pending[position] == value[0] {
        let length = min(value.count, pending.count - position)
        guard pending[position..<(position + length)].elementsEqual(value[..<length]) else { continue }
        if length < value.count {
          // The start of a secret, at the end of what there is.
          if isLast { continue }
          break scan
        }
        result += Self.mark
        position += length
        continue scan
      }
      result.append(pending[position])
      position += 1
    }
    pending.removeFirst(position)
    return result
  }
}
