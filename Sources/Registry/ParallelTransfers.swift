import Glibc
import Synchronization

/// What stops transfers that go on at the same time.
final class TransferStop: Sendable {
  private let flag = Atomic(false)

  var isStopped: Bool { flag.load(ordering: .relaxed) }
  func stop() { flag.store(true, ordering: .relaxed) }
}

/// Does something with each element, on a few threads.
///
/// - Throws: the first error. The others are told to stop, and have ended.
func inParallel<Element: Sendable>(
  _ elements: [Element], threads limit: Int,
  _ body: @escaping @Sendable (Element, TransferStop) throws(RegistryError) -> Void
) throws(RegistryError) {
  let work = TransferWork(elements, body)
  var threads: [pthread_t] = []
  for _ in 1..<max(1, min(limit, elements.count)) {
    var thread = pthread_t()
    let context = unsafe Unmanaged.passRetained(TransferThread { work.run() }).toOpaque()
    let result = unsafe pthread_create(
      &thread, nil,
      { context in
        guard let context = unsafe context else { return nil }
        unsafe Unmanaged<TransferThread>.fromOpaque(context).takeRetainedValue().body()
        return nil
      }, context)
    if result == 0 {
      threads.append(thread)
    } else {
      unsafe Unmanaged<TransferThread>.fromOpaque(context).release()
    }
  }
  work.run()
  for thread in threads { pthread_join(thread, nil) }
  if let failure = work.failure.withLock({ $0 }) { throw failure }
}

private final class TransferThread: Sendable {
  let body: @Sendable () -> Void
  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

private final class TransferWork<Element: Sendable>: Sendable {
  private let elements: [Element]
  private let body: @Sendable (Element, TransferStop) throws(RegistryError) -> Void
  private let next = Atomic(0)
  private let stop = TransferStop()
  let failure = Mutex<RegistryError?>(nil)

  init(
    _ elements: [Element], _ body: @escaping @Sendable (Element, TransferStop) throws(RegistryError) -> Void
  ) {
    self.elements = elements
    self.body = body
  }

  func run() {
    while !stop.isStopped {
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard index < elements.count else { return }
      do throws(RegistryError) {
        try body(elements[index], stop)
      } catch {
        let isFirst = failure.withLock { failure in
          if failure != nil { return false }
          failure = error
          return true
        }
        if isFirst { stop.stop() }
      }
    }
  }
}
