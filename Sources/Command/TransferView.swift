import ArgumentParser
import Glibc
import ImageStore
import OCIModel
import Registry
import Synchronization

/// Shows on standard error what goes to or comes from a registry or an archive: bars on a terminal, a line for each blob
/// elsewhere, or a JSON object for each event.
final class TransferView: Sendable {
  /// How it is shown.
  enum Mode { case terminal, plain, quiet, json }

  /// The words for a blob that has been carried, and for one that was there.
  struct Words {
    var running: String
    var finished: String
    var present: String

    static let pull = Words(running: "Downloading", finished: "Pull complete", present: "Already exists")
    static let push = Words(running: "Pushing", finished: "Pushed", present: "Layer already exists")
    static let load = Words(running: "Loading layer", finished: "Loaded", present: "Already exists")
  }

  /// Something that is on its way.
  private struct Item {
    var id: String
    /// Where that is known beforehand.
    var digest: Digest?
    /// Bytes that are through, and all.
    var size: Int64
    var total: Int64
    var lastShown = -1.0
  }

  private struct State {
    /// In the order in which they started.
    var running: [Item] = []
    var drawn = 0
    var lastDrawn = 0.0
  }

  let mode: Mode
  private let words: Words
  private let state = Mutex(State())
  /// Seconds between two pictures, or between two objects of one blob.
  private static let pause = 0.1

  init(_ words: Words, _ mode: Mode) {
    self.words = words
    self.mode = mode
  }

  /// How transfers are shown where there is no option for it.
  convenience init(_ words: Words, isQuiet: Bool) {
    self.init(words, isQuiet ? .quiet : TransferOptions.automatic)
  }

  func show(_ event: TransferEvent) {
    switch event {
    case .progress(let blob, let size): progress(Self.item(blob, size))
    case .finished(let blob): end(Self.item(blob, blob.size), words.finished, showingSize: true)
    case .present(let blob): end(Self.item(blob, blob.size), words.present)
    case .mounted(let blob, let source): end(Self.item(blob, blob.size), "Mounted from \(source)")
    case .manifest(let manifest, let reference):
      if mode == .json { write(TransferJSON.manifest(manifest, reference)) }
    case .passedOver(let host, let error): note(mirrorSentence(host, error))
    }
  }

  func show(_ event: LoadEvent) {
    switch event {
    case .progress(let name, let size, let total): progress(Self.item(name, size, total))
    case .finished(let name, let size): end(Self.item(name, size, size), words.finished, showingSize: true)
    }
  }

  private static func item(_ blob: Descriptor, _ size: Int64) -> Item {
    Item(id: String(blob.digest.hex.prefix(12)), digest: blob.digest, size: size, total: blob.size)
  }

  /// A member of an archive: those of layouts have the digests of their contents for names, docker's mostly.
  private static func item(_ name: String, _ size: Int64, _ total: Int64) -> Item {
    let parts = name.split(separator: "/")
    if name.hasPrefix("blobs/sha256/"), let hex = parts.last, let digest = try? Digest(hex: hex) {
      return Item(id: String(hex.prefix(12)), digest: digest, size: size, total: total)
    }
    // `<id>/layer.tar`, or `<id>.tar` and the like.
    let id = parts.first.map { $0.prefix { $0 != "." } } ?? ""
    return Item(id: String(id.prefix(12)), digest: nil, size: size, total: total)
  }

  /// Shows a line of something else.
  func note(_ text: String) {
    state.withLock { state in
      write(mode == .json ? TransferJSON.warning(text) : draw(&state, above: "slipway: \(text)\n"))
    }
  }

  /// Says that all of an image has arrived; for machines alone, since people are told on standard output.
  func result(_ name: String, _ status: String, _ digest: Digest) {
    if mode == .json { write(TransferJSON.result(name, status, digest)) }
  }

  /// Takes away what is drawn.
  func end() {
    state.withLock { state in
      state.running = []
      if mode != .json { write(draw(&state, above: "")) }
    }
  }

  /// Takes away what is drawn, and says why it ends.
  ///
  /// - Returns: what is to be thrown.
  func end(_ failure: any Error) -> any Error {
    end()
    guard mode == .json, let failure = failure as? Failure else { return failure }
    write(TransferJSON.error(failure.message))
    return ExitCode(failure.status)
  }

  private func progress(_ item: Item) {
    if mode == .quiet { return }
    state.withLock { state in
      let index =
        state.running.firstIndex { $0.id == item.id && $0.digest == item.digest } ?? state.running.endIndex
      if index == state.running.endIndex { state.running.append(item) }
      state.running[index].size = item.size
      let now = ProgressView.now()
      switch mode {
      case .terminal where now - state.lastDrawn >= Self.pause:
        state.lastDrawn = now
        write(draw(&state, above: ""))
      case .json where now - state.running[index].lastShown >= Self.pause:
        state.running[index].lastShown = now
        write(TransferJSON.progress(item.id, words.running, item.size, of: item.total, item.digest))
      default: break
      }
    }
  }

  private func end(_ item: Item, _ text: String, showingSize: Bool = false) {
    if mode == .quiet { return }
    state.withLock { state in
      state.running.removeAll { $0.id == item.id && $0.digest == item.digest }
      if mode == .json {
        write(TransferJSON.finished(item.id, text, size: item.total, item.digest))
      } else {
        let size = showingSize ? " \(byteCount(item.total))" : ""
        write(draw(&state, above: "\(item.id): \(text)\(size)\n"))
      }
    }
  }

  /// The bytes that put lines above those of the blobs that are on their way, and draw these anew.
  private func draw(_ state: inout State, above: String) -> String {
    guard mode == .terminal else { return above }
    var text = state.drawn == 0 ? "" : "\u{1B}[\(state.drawn)A\r\u{1B}[J"
    text += above
    for item in state.running { text += line(item) + "\n" }
    state.drawn = state.running.count
    return text
  }

  private func line(_ item: Item) -> String {
    let width: Int64 = 24
    let done = item.total <= 0 ? width : min(width, item.size * width / item.total)
    let bar = String(repeating: "=", count: Int(done)) + String(repeating: " ", count: Int(width - done))
    return "\(item.id): \(words.running) [\(bar)] \(byteCount(item.size))/\(byteCount(item.total))"
  }

  private func write(_ text: String) {
    if !text.isEmpty { writeAll(STDERR_FILENO, Array(text.utf8)) }
  }
}
