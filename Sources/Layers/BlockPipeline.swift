/// Compresses blocks on several threads and gives them back in the order they came.
///
/// The caller's thread hands blocks in and takes results out; never more than twice as many blocks
/// are under way as there are threads. With one thread everything happens in the caller's.
final class BlockPipeline {
  private struct State: Sendable {
    var waiting: [(serial: Int, block: [UInt8])] = []
    var done: [Int: Result<[UInt8], LayerError>] = [:]
    var isClosed = false
  }

  /// What a worker is to do next.
  private enum Task {
    case compress((serial: Int, block: [UInt8]))
    case stop
  }

  private let monitor = Monitor(State())
  private let inline: (any BlockCompressor)?
  private let codec: LayerCodec
  private var workers: [Worker] = []
  /// Blocks handed in, and blocks given back.
  private var submitted = 0
  private var returned = 0

  init(_ codec: LayerCodec, threads: Int) throws(LayerError) {
    self.codec = codec
    // Also shows at once whether the codec works at all.
    inline = try codec.makeCompressor()
    guard codec != .none, threads > 1 else { return }
    let monitor = monitor
    for _ in 0..<threads {
      let worker = Worker { Self.work(monitor, codec) }
      if let worker { workers.append(worker) }
    }
  }

  deinit {
    monitor.update { $0.isClosed = true }
    for worker in workers { worker.join() }
  }

  private static func work(_ monitor: Monitor<State>, _ codec: LayerCodec) {
    let compressor: Result<(any BlockCompressor)?, LayerError>
    do throws(LayerError) {
      compressor = .success(try codec.makeCompressor())
    } catch {
      compressor = .failure(error)
    }
    while true {
      let task = monitor.wait { state -> Task? in
        if state.isClosed { return .stop }
        // An empty queue must give nil, which keeps the worker waiting; a ternary here would give `.some(nil)`.
        guard !state.waiting.isEmpty else { return nil }
        return .compress(state.waiting.removeFirst())
      }
      guard case .compress(let job) = task else { return }
      let result: Result<[UInt8], LayerError>
      do throws(LayerError) {
        result = .success(try compressor.get()?.compress(job.block) ?? job.block)
      } catch {
        result = .failure(error)
      }
      monitor.update { $0.done[job.serial] = result }
    }
  }

  /// Hands a block in.
  /// - Returns: blocks that are done, in order; maybe none.
  func submit(_ block: [UInt8]) throws(LayerError) -> [[UInt8]] {
    guard !workers.isEmpty else {
      return [try inline?.compress(block) ?? block]
    }
    let serial = submitted
    submitted += 1
    monitor.update { $0.waiting.append((serial, block)) }
    var results: [[UInt8]] = []
    while true {
      let mustWait = submitted - returned > 2 * workers.count
      guard let result = next(waiting: mustWait) else { return results }
      results.append(try result.get())
    }
  }

  /// Waits for everything that was handed in.
  func finish() throws(LayerError) -> [[UInt8]] {
    var results: [[UInt8]] = []
    while let result = next(waiting: true) { results.append(try result.get()) }
    return results
  }

  private func next(waiting: Bool) -> Result<[UInt8], LayerError>? {
    guard returned < submitted else { return nil }
    let serial = returned
    let result: Result<[UInt8], LayerError>?
    if waiting {
      result = monitor.wait { $0.done.removeValue(forKey: serial) }
    } else {
      result = monitor.update { $0.done.removeValue(forKey: serial) }
    }
    if result != nil { returned += 1 }
    return result
  }
}
