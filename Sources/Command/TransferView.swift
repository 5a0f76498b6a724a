import Glibc
import OCIModel
import Registry
import Synchronization

/// Shows on standard error what goes to or comes from a registry: bars on a terminal, a line for each blob elsewhere.
final class TransferView: Sendable {
  /// The words for a blob that has been carried, and for one that was there.
  struct Words {
    var running: String
    var finished: String
    var present: String

    static let pull = Words(running: "Downloading", finished: "Pull complete", present: "Already exists")
    static let push = Words(running: "Pushing", finished: "Pushed", present: "Layer already exists")
  }

  private struct State {
    /// Blobs on their way, in the order in which they started, with the bytes that are through.
    var running: [(blob: Descriptor, size: Int64)] = []
    var drawn = 0
    var lastDrawn = 0.0
  }

  private let words: Words
  private let isTerminal: Bool
  private let isQuiet: Bool
  private let state = Mutex(State())

  init(_ words: Words, isQuiet: Bool) {
    self.words = words
    self.isQuiet = isQuiet
    isTerminal = !isQuiet && isatty(STDERR_FILENO) == 1 && environment("TERM") != Array("dumb".utf8)
  }

  func show(_ event: TransferEvent) {
    if isQuiet { return }
    state.withLock { state in
      switch event {
      case .progress(let blob, let size):
        if let index = state.running.firstIndex(where: { $0.blob.digest == blob.digest }) {
          state.running[index].size = size
        } else {
          state.running.append((blob, size))
        }
        let now = ProgressView.now()
        if isTerminal, now - state.lastDrawn >= 0.1 {
          state.lastDrawn = now
          write(draw(&state, above: ""))
        }
      case .finished(let blob): end(blob, "\(words.finished) \(byteCount(blob.size))", &state)
      case .present(let blob): end(blob, words.present, &state)
      case .mounted(let blob, let source): end(blob, "Mounted from \(source)", &state)
      case .manifest: break
      }
    }
  }

  /// Shows a line of something else.
  func note(_ text: String) {
    state.withLock { state in write(draw(&state, above: "slipway: \(text)\n")) }
  }

  /// Takes away what is drawn.
  func end() {
    state.withLock { state in
      state.running = []
      write(draw(&state, above: ""))
    }
  }

  private func end(_ blob: Descriptor, _ text: String, _ state: inout State) {
    state.running.removeAll { $0.blob.digest == blob.digest }
    write(draw(&state, above: "\(blob.digest.hex.prefix(12)): \(text)\n"))
  }

  /// The bytes that put lines above those of the blobs that are on their way, and draw these anew.
  private func draw(_ state: inout State, above: String) -> String {
    guard isTerminal else { return above }
    var text = state.drawn == 0 ? "" : "\u{1B}[\(state.drawn)A\r\u{1B}[J"
    text += above
    for (blob, size) in state.running { text += line(blob, size) + "\n" }
    state.drawn = state.running.count
    return text
  }

  private func line(_ blob: Descriptor, _ size: Int64) -> String {
    let width: Int64 = 24
    let done = blob.size == 0 ? width : min(width, size * width / blob.size)
    let bar = String(repeating: "=", count: Int(done)) + String(repeating: " ", count: Int(width - done))
    return
      "\(blob.digest.hex.prefix(12)): \(words.running) [\(bar)] \(byteCount(size))/\(byteCount(blob.size))"
  }

  private func write(_ text: String) {
    if !text.isEmpty { writeAll(STDERR_FILENO, Array(text.utf8)) }
  }
}
